"""Whether own marks are of one client: what is equal against what differs as surely."""

import pytest

from service.matching.marks import Mark
from service.matching.same_client import are_one_client, shared_marks

CUSTOMER, OTHER_CUSTOMER = Mark("customer", "c-1", 1), Mark("customer", "c-2", 1)
TELEGRAM, OTHER_TELEGRAM = Mark("messenger:telegram", "1", 1), Mark("messenger:telegram", "2", 1)
VK = Mark("messenger:vk", "1", 1)
CALLS, OTHER_CALLS = Mark("phone", "+1", 1), Mark("phone", "+2", 1)
TYPED, OTHER_TYPED = Mark("phone", "+1", 2), Mark("phone", "+2", 2)
MAIL, OTHER_MAIL = Mark("email", "a@b", 3), Mark("email", "c@d", 3)


@pytest.mark.parametrize(
    ("one_side", "other_side", "one_client"),
    [
        ([TELEGRAM, TYPED], [TELEGRAM, OTHER_TYPED], True),  # the second is a further number
        ([MAIL, TYPED], [MAIL, OTHER_TYPED], False),  # an office's mailbox
        ([MAIL], [MAIL, TYPED], True),
        ([TYPED, MAIL], [TYPED, OTHER_MAIL], True),
        ([TYPED, TELEGRAM], [TYPED, OTHER_TELEGRAM], False),  # both name one number
        ([TYPED, TELEGRAM], [TYPED, VK], True),
        ([CALLS, CUSTOMER], [CALLS, OTHER_CUSTOMER], False),
        ([CUSTOMER, CALLS, TELEGRAM], [CUSTOMER, OTHER_CALLS, OTHER_TELEGRAM], True),
        ([TELEGRAM, CALLS], [TELEGRAM, OTHER_CALLS], False),
        ([TELEGRAM, CALLS], [TELEGRAM, OTHER_TYPED], True),
        ([TELEGRAM, TYPED, OTHER_TYPED], [TELEGRAM, OTHER_CALLS], True),  # one of several is equal
        ([TELEGRAM, OTHER_TELEGRAM], [OTHER_TELEGRAM], True),  # both were merged into one client
        ([CALLS], [TYPED], True),
        ([CALLS], [OTHER_CALLS], False),
        ([CALLS], [MAIL], False),
        ([], [], False),
    ],
)
def test_an_equal_mark_joins_unless_another_differs_as_surely(
    one_side: list[Mark], other_side: list[Mark], one_client: bool
) -> None:
    assert are_one_client(one_side, other_side) is one_client
    assert are_one_client(other_side, one_side) is one_client


def test_a_shared_mark_is_as_sure_as_the_side_that_is_less_sure() -> None:
    assert shared_marks([CALLS, MAIL], [TYPED]) == [TYPED]
    assert shared_marks([TYPED], [CALLS]) == [TYPED]
