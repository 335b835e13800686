"""Parses a request as its mapping says, so that values can be looked up in it."""

from urllib.parse import parse_qsl

from service.adapters.bodies import form_of, json_of, nested_form_of
from service.adapters.delivery import Delivery
from service.adapters.mapping.document import Body
from service.adapters.mapping.paths import Scene

MAX_PARAMETERS = 100
PARSERS = {"json": json_of, "form": form_of, "nested_form": nested_form_of}


def scene_of(body: Body, delivery: Delivery) -> Scene:
    """The whole request as one event; raises Unreadable."""
    # scripts of sites also post the fields of a form as JSON
    is_json = body != "json" and delivery.media_type.endswith("json")
    parsed = json_of(delivery) if is_json else PARSERS[body](delivery)
    return Scene(parsed, parsed, _parameters(delivery.query))


def _parameters(query: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_PARAMETERS))
    except ValueError:  # too many parameters
        return {}
