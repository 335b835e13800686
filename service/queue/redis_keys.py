"""Every key of a queue's line. All share the hash tag `{queue}`, so a queue lives in one slot."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueueKeys:
    """The names of the keys of one queue; a prefix keeps installations and tests apart."""

    prefix: str
    queue: str

    def _key(self, name: str) -> str:
        return f"{self.prefix}{{{self.queue}}}:{name}"

    @property
    def epoch(self) -> str:
        """String of two moments in unix milliseconds, `until` and `compared at` (in_step.py).

        Missing, the line was lost and must be rebuilt.
        """
        return self._key("epoch")

    @property
    def places(self) -> str:
        """Hash: lead id → `version|lane|place`, or `version|lane|place|mark` (late.lua).

        Lane and place are empty once the lead is gone, and while it is parked.
        """
        return self._key("places")

    @property
    def held(self) -> str:
        """Sorted set: lead id by the end of its lease or reservation, unix milliseconds."""
        return self._key("held")

    @property
    def holders(self) -> str:
        """Hash: lead id → `operator token` of who holds it."""
        return self._key("holders")

    @property
    def holdings(self) -> str:
        """Sorted set of `operator lead-id`, all with score 0: what an operator holds."""
        return self._key("holdings")

    @property
    def gone(self) -> str:
        """Sorted set: lead id by when it left; its version stays a while against late updates."""
        return self._key("gone")

    @property
    def steps(self) -> str:
        """Sorted set: lead id by the time of its next step, unix milliseconds."""
        return self._key("steps")

    @property
    def timelines(self) -> str:
        """Hash: lead id → its steps to come in order of time, `unix-ms lane place flags;…`."""
        return self._key("timelines")

    @property
    def lane_names(self) -> str:
        """Set: every lane in which a lead of the line may stand."""
        return self._key("lanes")

    @property
    def lanes(self) -> str:
        """What a lane's name is appended to; a lane is a sorted set of lead ids.

        The score is *minus* the rank: the first of a lane stands first, and leads of equal rank
        follow their ids upwards, the same as `ORDER BY rank DESC, id` in Postgres.
        """
        return self._key("lane:")

    @property
    def late(self) -> str:
        """What a lane's name is appended to: a sorted set of those of its leads that are late or
        will be, by when, Unix milliseconds, for the guarantee; 10¹⁴ more for who comes behind.
        """
        return self._key("late:")

    @property
    def guarantee(self) -> str:
        """String: fresh reservations since the guarantee last took a lead."""
        return self._key("guarantee")

    @property
    def arrivals(self) -> str:
        """Channel: `lane lead-id` of every lead that comes to wait."""
        return self._key("arrivals")

    @property
    def changes(self) -> str:
        """Channel: a lead was shown as it is now, or took a step; what is said is empty."""
        return self._key("changes")


def queue_of(key: str) -> str:
    """The queue whose key or channel this is."""
    return key.rpartition("}")[0].rpartition("{")[2]
