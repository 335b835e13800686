"""Who is there at this moment when the sender does not say."""

from service.leads.lead import Channel


def test_only_a_visitor_and_a_caller_are_live_unless_said() -> None:
    live = {channel for channel in Channel if channel.is_live_unless_said}
    assert live == {Channel.WALK_IN, Channel.PHONE}
