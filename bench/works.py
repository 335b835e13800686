"""The kinds of work that are asked for."""

from enum import StrEnum


class Work(StrEnum):
    """What is asked for; in this order, as each needs what the ones before leave behind."""

    INTAKE = "leads in"
    JOINING = "leads joined"
    POLLING = "polls"
    SERVING = "leads served"
    SETTLING = "leads settled"
    PAIRS = "served and settled"


WARMING = (Work.INTAKE, Work.SERVING, Work.SETTLING)
