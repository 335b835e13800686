"""The log file that a server writes to."""

import os
from dataclasses import dataclass
from pathlib import Path

_LONGEST = 10 * 1024 * 1024
_QUOTED_LINES = 5
_QUOTED_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Log:
    """A log file that grows while its server runs; a start empties it when it is too long."""

    path: Path

    def open(self) -> int:
        """Return a descriptor to append to; the caller closes it."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        descriptor = os.open(self.path, flags, 0o600)
        if os.fstat(descriptor).st_size > _LONGEST:
            os.ftruncate(descriptor, 0)
        return descriptor

    def size(self) -> int:
        """Return the position of the next line."""
        return self.path.stat().st_size if self.path.exists() else 0

    def last_lines(self, since: int) -> str:
        """Return the last lines after that position, joined to one line."""
        with self.path.open("rb") as file:
            size = self.size()
            file.seek(max(since if since <= size else 0, size - _QUOTED_BYTES))
            lines = file.read().decode(errors="replace").split("\n")
        reported = [line.strip() for line in lines if line.strip()]
        return " | ".join(reported[-_QUOTED_LINES:]) or "(nothing)"
