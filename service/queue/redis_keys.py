"""The keys of a queue's line; all have the hash tag `{queue}`, so a queue is in one slot."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

REMEMBERED = 1000


@dataclass(frozen=True)
class QueueKeys:
    """The names of one queue's keys; the prefix keeps installations and tests apart.

    Each is put together once: every call of a script names a dozen of them.
    """

    prefix: str
    queue: str

    def _key(self, name: str) -> str:
        return f"{self.prefix}{{{self.queue}}}:{name}"

    @cached_property
    def epoch(self) -> str:
        """String of two moments in unix milliseconds, `until` and `compared_at` (in_step.py).

        When it is missing, the line was lost and must be rebuilt.
        """
        return self._key("epoch")

    @cached_property
    def places(self) -> str:
        """Hash: lead id → `version|lane|place`, or `version|lane|place|mark` (late.lua).

        Lane and place are empty for a lead that is gone or parked.
        """
        return self._key("places")

    @cached_property
    def held(self) -> str:
        """Sorted set: lead id by the end of its lease or reservation, unix milliseconds."""
        return self._key("held")

    @cached_property
    def holders(self) -> str:
        """Hash: lead id → `operator token` of its holder, or `operator paused token`."""
        return self._key("holders")

    @cached_property
    def holdings(self) -> str:
        """Sorted set of `operator lead-id`, all with score 0: what an operator holds."""
        return self._key("holdings")

    @cached_property
    def gone(self) -> str:
        """Sorted set: lead id by when it left; the version stays a while, against late updates."""
        return self._key("gone")

    @cached_property
    def steps(self) -> str:
        """Sorted set: lead id by the time of its next step, unix milliseconds."""
        return self._key("steps")

    @cached_property
    def timelines(self) -> str:
        """Hash: lead id → its next steps in order of time, `unix-ms lane place flags;…`."""
        return self._key("timelines")

    @cached_property
    def lane_names(self) -> str:
        """Set: the names of all lanes that may have leads."""
        return self._key("lanes")

    @cached_property
    def lanes(self) -> str:
        """The prefix of a lane's key; a lane is a sorted set of lead ids.

        The score is *minus* the rank, so the lead with the highest rank is first. Leads of equal
        rank are sorted by id, the same as `ORDER BY rank DESC, id` in Postgres.
        """
        return self._key("lane:")

    @cached_property
    def late(self) -> str:
        """The prefix of a lane's sorted set of leads that are late or will be, for the guarantee.

        The score is when the lead becomes late, in unix milliseconds, plus 10¹⁴ for a lead that is
        behind.
        """
        return self._key("late:")

    @cached_property
    def guarantee(self) -> str:
        """String: new reservations since the guarantee last took a lead."""
        return self._key("guarantee")

    @cached_property
    def arrivals(self) -> str:
        """Channel: `lane lead-id` of each lead that comes to wait."""
        return self._key("arrivals")

    @cached_property
    def changes(self) -> str:
        """Channel: a lead was shown or took a step; the message is empty."""
        return self._key("changes")


@lru_cache(REMEMBERED)
def keys_of(prefix: str, queue: str) -> QueueKeys:
    """The names of a queue's keys."""
    return QueueKeys(prefix, queue)


def queue_of(key: str) -> str:
    """The queue of a key or channel."""
    return key.rpartition("}")[0].rpartition("{")[2]
