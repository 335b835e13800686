"""The one exception of this folder."""

REMEDY = "or configure the URLs of a PostgreSQL and a Redis of your own"


class EmbeddedServerFailed(Exception):
    """The embedded servers cannot run; the message is one line and names the remedy."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(f"{cause}; {remedy}, {REMEDY}")
