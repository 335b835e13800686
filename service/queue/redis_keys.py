"""The keys of a queue's line; all have the hash tag `{queue}`, so a queue is in one slot."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueueKeys:
    """The names of one queue's keys; the prefix keeps installations and tests apart."""

    prefix: str
    queue: str

    def _key(self, name: str) -> str:
        return f"{self.prefix}{{{self.queue}}}:{name}"

    @property
    def epoch(self) -> str:
        """String of two moments in unix milliseconds, `until` and `compared_at` (in_step.py).

        When it is missing, the line was lost and must be rebuilt.
        """
        return self._key("epoch")

    @property
    def places(self) -> str:
        """Hash: lead id → `version|lane|place`, or `version|lane|place|mark` (late.lua).

        Lane and place are empty for a lead that is gone or parked.
        """
        return self._key("places")

    @property
    def held(self) -> str:
        """Sorted set: lead id by the end of its lease or reservation, unix milliseconds."""
        return self._key("held")

    @property
    def holders(self) -> str:
        """Hash: lead id → `operator token` of its holder, or `operator paused token`."""
        return self._key("holders")

    @property
    def holdings(self) -> str:
        """Sorted set of `operator lead-id`, all with score 0: what an operator holds."""
        return self._key("holdings")

    @property
    def gone(self) -> str:
        """Sorted set: lead id by when it left; the version stays a while, against late updates."""
        return self._key("gone")

    @property
    def steps(self) -> str:
        """Sorted set: lead id by the time of its next step, unix milliseconds."""
        return self._key("steps")

    @property
    def timelines(self) -> str:
        """Hash: lead id → its next steps in order of time, `unix-ms lane place flags;…`."""
        return self._key("timelines")

    @property
    def lane_names(self) -> str:
        """Set: the names of all lanes that may have leads."""
        return self._key("lanes")

    @property
    def lanes(self) -> str:
        """The prefix of a lane's key; a lane is a sorted set of lead ids.

        The score is *minus* the rank, so the lead with the highest rank is first. Leads of equal
        rank are sorted by id, the same as `ORDER BY rank DESC, id` in Postgres.
        """
        return self._key("lane:")

    @property
    def late(self) -> str:
        """The prefix of a lane's sorted set of leads that are late or will be, for the guarantee.

        The score is when the lead becomes late, in unix milliseconds, plus 10¹⁴ for a lead that is
        behind.
        """
        return self._key("late:")

    @property
    def guarantee(self) -> str:
        """String: new reservations since the guarantee last took a lead."""
        return self._key("guarantee")

    @property
    def arrivals(self) -> str:
        """Channel: `lane lead-id` of each lead that comes to wait."""
        return self._key("arrivals")

    @property
    def changes(self) -> str:
        """Channel: a lead was shown or took a step; the message is empty."""
        return self._key("changes")


def queue_of(key: str) -> str:
    """The queue of a key or channel."""
    return key.rpartition("}")[0].rpartition("{")[2]
