"""Who is there at this moment when the sender does not say."""

import pytest

from service.leads.lead import Channel, Kind, is_live_by_default


def test_only_a_visitor_and_a_caller_are_live_unless_said() -> None:
    live = {channel for channel in Channel if is_live_by_default(channel, None)}
    assert live == {Channel.WALK_IN, Channel.PHONE}


@pytest.mark.parametrize("kind", Kind)
def test_a_stated_kind_decides_whatever_the_channel(kind: Kind) -> None:
    found = {is_live_by_default(channel, kind) for channel in Channel}
    assert found == {kind in (Kind.OFFICE, Kind.PHONE)}
