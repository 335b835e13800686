"""Mistakes in a source are told in its own words."""

import pytest

from service.adapters.source import Places, Source
from service.flows.senders.check_source import SourceSpec, check_source
from service.leads.errors import InvalidRequest
from service.resources import Resources


@pytest.mark.parametrize("named", [None, "Mars/Olympus"])
async def test_the_time_zone_that_is_none_is_named(resources: Resources, named: str | None) -> None:
    asked = Source("chat", "jivo", "main", places=Places(time_zone=named), time_zone="Mars/Olympus")
    with pytest.raises(InvalidRequest) as refused:
        await check_source(resources, SourceSpec(asked, {}), [])
    reasons = {item.field: item.reason for item in refused.value.mistakes}
    assert reasons["time_zone"] == "`Mars/Olympus` is no time zone"
