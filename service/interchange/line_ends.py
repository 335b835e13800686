"""Turns the line ends of all systems into one: `\\r\\n`, and `\\r` alone as old Macs write it."""


class LineEnds:
    """Translates chunks that are cut anywhere, even between the two bytes of a line end."""

    def __init__(self) -> None:
        self._is_after_return = False

    def translate(self, chunk: bytes) -> bytes:
        """The chunk with `\\n` for every line end; an incomplete one waits for the next chunk."""
        if self._is_after_return:
            chunk = b"\r" + chunk
        self._is_after_return = chunk.endswith(b"\r")
        whole = chunk[:-1] if self._is_after_return else chunk
        return whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def end(self) -> bytes:
        """The line end that waited."""
        return b"\n" if self._is_after_return else b""
