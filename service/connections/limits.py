"""Limits of a connection, in bytes, pieces and seconds."""

MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 100
MAX_URL_BYTES = 8 * 1024
HEAD_SECONDS = 10.0  # from the start of a connection, or of a further request on it
BODY_SILENCE_SECONDS = 60.0
KEEP_ALIVE_SECONDS = 130  # longer than proxies keep theirs (60 to 120), so they never send into one
ANSWER_SILENCE_SECONDS = 60.0  # a reader that takes nothing of its answer for so long is cut
LEAST_BODY_RATE = 512  # bytes per second, once a body takes longer than BODY_SILENCE_SECONDS
MAX_CONNECTIONS = 8192  # of one process
SPARE_DESCRIPTORS = 256  # for databases, files and logs
MAX_UNPROVEN = 64  # connections of one address without a valid key, session or signature
MAX_UNPROVEN_AT_ONCE = 4 * MAX_UNPROVEN  # as long as none of them may be ended yet
YOUNG_SECONDS = 1.0  # the time to prove itself before another connection may replace it
SWEEP_SECONDS = 1.0
PIECE_BYTES = 16 * 1024  # parsed at once, between two checks of the limits
MAX_PIPELINED = 100  # requests of a connection that wait for the answer to an earlier one
MAX_CHUNK_BYTES = 64 * 1024  # sizes and extensions of chunks, and CHUNK_RATIO for each body byte
CHUNK_RATIO = 16
