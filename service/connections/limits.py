"""How much a connection may send and hold, in bytes, pieces and seconds."""

MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 100
MAX_URL_BYTES = 8 * 1024
HEAD_SECONDS = 10.0  # from the first moment of a connection, or of a further request on it
BODY_SILENCE_SECONDS = 60.0
LEAST_BODY_RATE = 512  # bytes a second, once a body takes longer than BODY_SILENCE_SECONDS
MAX_CONNECTIONS = 8192  # of one process
SPARE_DESCRIPTORS = 256  # for databases, files and logs
MAX_UNPROVEN = 64  # connections of one address that have shown no valid key, session or proof
MAX_UNPROVEN_AT_ONCE = 4 * MAX_UNPROVEN  # while none of them is old enough to be ended
YOUNG_SECONDS = 1.0  # a connection has this long to prove itself before another may take its place
SWEEP_SECONDS = 1.0
PIECE_BYTES = 16 * 1024  # what is parsed before a bound is looked at again
