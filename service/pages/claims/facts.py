"""What an operator learns of a client while they talk: who they are, what is theirs."""

from uuid import UUID

from starlette.responses import Response

from service.flows.customers.learn_client import learn_client
from service.flows.leads.add_note import add_note
from service.flows.leads.split_lead import split_lead
from service.leads import errors
from service.leads.customer import Customer
from service.leads.errors import InvalidRequest
from service.leads.lead import Claim, Lead
from service.matching.marks import read_phone
from service.pages.catalogue import translator
from service.pages.claims.acting import (
    guarded_act,
    is_id,
    lead_id_of,
    on_held,
    required_words,
    tried,
)
from service.pages.claims.desk import done
from service.pages.reader import PageCall
from service.storage.leads.duplicates import Sender


async def addrequired_words(call: PageCall) -> Response:
    """What was typed for a lead that went away becomes a note of it."""

    async def note() -> str:
        words = required_words(call, "note")
        name = call.operator
        await add_note(call.resources, lead_id_of(call), words, call.session.person, name)
        return translator(call.reader.language)("Noted")

    return await tried(call, note)


async def split(call: PageCall) -> Response:
    """Make a lead of its own of some signals that were joined by mistake."""

    async def part(call: PageCall, lead: Lead, _claim: Claim) -> str:
        wanted = [UUID(item) for item in call.form.get("signal", []) if is_id(item)]
        await split_lead(
            call.resources, lead.id, wanted, call.operator, required_words(call, "reason")
        )
        return translator(call.reader.language)("Split")

    return done(call, await on_held(call, part))


async def name_client(call: PageCall) -> Response:
    """A number or a name that the client said: they are recognised and joined again."""

    async def learn(call: PageCall, lead: Lead, _claim: Claim) -> str:
        region = (await call.resources.stores.bases.of(lead.signal.queue)).policy.region
        name, typed = call.text("name")[:200] or None, call.text("phone")[:40]
        phone = read_phone(typed, region) if typed else None
        if phone is None and (typed or name is None):
            raise InvalidRequest([errors.FieldMistake("number", "it is missing", "Send one.")])
        named, sender = Customer(None, name, phone), Sender(call.operator, may_read=True)
        await learn_client(call.resources, lead.id, named, sender, held_only=True)
        return translator(call.reader.language)("Noted")

    return done(call, await on_held(call, learn))


split_lead_in_hand = guarded_act(split)
name_client_in_hand = guarded_act(name_client)
