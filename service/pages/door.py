"""All addresses of the pages. A handler's module is imported at its first request."""

from collections.abc import Awaitable, Callable
from importlib import import_module

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Endpoint = Callable[[Request], Awaitable[Response]]

# method, path, file and function, needed scope (None: open to everybody)
PAGES: tuple[tuple[str, str, str, str | None], ...] = (
    ("GET", "/", "operators.way_in:show_entrance", None),
    ("POST", "/signin", "operators.way_in:take_key", None),
    ("GET", "/signin/link/{secret}", "operators.way_in:show_link", None),
    ("POST", "/signin/link/{secret}", "operators.way_in:take_link", None),
    ("GET", "/signin/company", "operators.elsewhere:begin", None),
    ("GET", "/signin/company/back", "operators.elsewhere:come_back", None),
    ("POST", "/signout", "operators.way_in:leave", None),
    ("GET", "/desk", "operators.choose_desk:show_desks", "operate"),
    ("POST", "/desk", "operators.choose_desk:sit_down", "operate"),
    ("GET", "/settings", "operators.preferences:show_preferences", None),
    ("POST", "/settings", "operators.preferences:store_preferences", None),
    ("GET", "/start", "operators.first_use:show_steps", "admin"),
    ("POST", "/start/operators", "operators.first_use:add_operator", "admin"),
    ("POST", "/start/sources", "operators.first_use:add_source", "admin"),
    ("POST", "/start/links", "operators.first_use:make_link", "admin"),
    ("GET", "/work", "claims.desk:show_desk", "operate"),
    ("GET", "/work/parts", "claims.desk:show_parts", "operate"),
    ("GET", "/work/stream", "changes:stream_desk", "operate"),
    ("GET", "/work/changes", "changes:await_desk", "operate"),
    ("POST", "/work/next", "claims.taking:take_next", "operate"),
    ("POST", "/work/live", "claims.taking:take_live", "operate"),
    ("POST", "/work/undo", "claims.ending:undo", "operate"),
    ("POST", "/work/{lead_id}/note", "claims.facts:add_words", "operate"),
    ("POST", "/work/presence", "claims.taking:change_status", "operate"),
    ("POST", "/work/{lead_id}/take", "claims.taking:take_lead", "operate"),
    ("POST", "/work/{lead_id}/settle", "claims.ending:settle_lead", "operate"),
    ("POST", "/work/{lead_id}/park", "claims.ending:park_lead", "operate"),
    ("POST", "/work/{lead_id}/transfer", "claims.ending:transfer_lead", "operate"),
    ("POST", "/work/{lead_id}/decline", "claims.ending:decline_lead", "operate"),
    ("POST", "/work/{lead_id}/release", "claims.ending:release_lead", "operate"),
    ("POST", "/work/{lead_id}/stay", "claims.ending:stay_with_lead", "operate"),
    ("POST", "/work/{lead_id}/client", "claims.facts:name_client_in_hand", "operate"),
    ("POST", "/work/{lead_id}/same", "claims.facts:join_same_client", "operate"),
    ("POST", "/work/{lead_id}/apart", "claims.facts:keep_clients_apart", "operate"),
    ("POST", "/work/{lead_id}/split", "claims.facts:split_lead_in_hand", "operate"),
    ("GET", "/board", "line.board:show_board", "supervise"),
    ("GET", "/board/stream", "changes:stream_board", "supervise"),
    ("GET", "/board/changes", "changes:await_board", "supervise"),
    ("GET", "/board/wall", "line.board:show_wall", "supervise"),
    ("GET", "/board/decisions", "line.people:show_decisions", "supervise"),
    ("GET", "/board/operators/{name}", "line.people:show_operator", "supervise"),
    ("GET", "/board/quality", "line.board:show_quality", "supervise"),
    ("GET", "/board/leads", "line.leads_list:show_leads", "supervise"),
    ("POST", "/board/leads", "line.leads_list:act_on_leads", "supervise"),
    ("GET", "/board/leads/{lead_id}", "line.story:show_story", "supervise"),
    ("POST", "/board/leads/{lead_id}", "line.story:act_on_lead", "supervise"),
    ("GET", "/policy", "policies.policy_pages:show_numbers", "admin"),
    ("POST", "/policy", "policies.policy_pages:store_numbers", "admin"),
    ("GET", "/policy/text", "policies.policy_pages:show_text", "admin"),
    ("POST", "/policy/text", "policies.policy_pages:store_text", "admin"),
    ("GET", "/policy/words", "policies.words_page:show_words", "admin"),
    ("POST", "/policy/words", "policies.words_page:store_words", "admin"),
    ("GET", "/policy/preview", "policies.preview_page:show_preview", "admin"),
    ("POST", "/policy/force", "policies.preview_page:put_in_force", "admin"),
    ("POST", "/policy/drop", "policies.policy_pages:drop_draft", "admin"),
    ("GET", "/policy/versions", "policies.versions_page:show_versions", "admin"),
    ("POST", "/policy/versions", "policies.versions_page:restore_version", "admin"),
)
NO_DESK = {"/desk"}  # needs an operator's scope, but no desk yet
LARGE = 2 * 1024 * 1024  # a policy as a form


def _endpoint(target: str, scope: str | None, path: str) -> Endpoint:
    """An endpoint that imports its handler at the first request: programs never need the pages."""
    ready: list[Endpoint] = []

    async def endpoint(request: Request) -> Response:
        if not ready:
            guard = import_module("service.pages.guard")
            module, _, name = target.partition(":")
            answer = getattr(import_module(f"service.pages.{module}"), name)
            limits = {"max_bytes": LARGE} if path.startswith("/policy") else {}
            ready.append(guard.guarded(answer, scope, needs_desk=path not in NO_DESK, **limits))
        return await ready[0](request)

    return endpoint


async def _asset(request: Request) -> Response:
    serve: Endpoint = import_module("service.pages.assets").serve_asset
    return await serve(request)


ROUTES = [
    *(
        Route(path, _endpoint(target, scope, path), methods=[method])
        for method, path, target, scope in PAGES
    ),
    Route("/assets/{version}/{name}", _asset, methods=["GET"]),
]
