"""The choice of a desk, for a person who is no operator."""

from starlette.responses import RedirectResponse, Response

from service.flows.operators.sign_in import choose_desk, has_own_desk
from service.flows.operators.view_operators import view_operators
from service.pages.reader import PageCall
from service.pages.rendering import render


async def show_desks(call: PageCall) -> Response:
    """All operators, to choose the desk of one of them."""
    people = await view_operators(call.resources)
    if has_own_desk(call.session):
        people = [item for item in people if item.operator.name == call.session.operator]
    return render(call, "desks.html", people=people)


async def sit_down(call: PageCall) -> Response:
    """Work at an operator's desk; raises OperatorNotFound."""
    await choose_desk(call.resources, call.reader.secret, call.session, call.text("operator"))
    return RedirectResponse("/work", 303)
