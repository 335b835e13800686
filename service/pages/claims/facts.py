"""Facts that an operator learns from a client: who they are, and which leads are theirs."""

from uuid import UUID

from starlette.responses import Response

from service.flows.customers.keep_apart import keep_apart
from service.flows.customers.learn_client import learn_client
from service.flows.customers.merge_clients import MergeRequest, merge_clients
from service.flows.leads.add_note import add_note
from service.flows.leads.split_lead import split_lead
from service.leads import errors
from service.leads.customer import Customer
from service.leads.errors import InvalidRequest, LeadNotFound
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


async def add_words(call: PageCall) -> Response:
    """Keep the text typed for a lead that left the desk as a note on it."""

    async def note() -> str:
        words = required_words(call, "note")
        name = call.operator
        await add_note(call.resources, lead_id_of(call), words, call.session.person, name)
        return translator(call.reader.language)("Noted")

    return await tried(call, note)


async def split(call: PageCall) -> Response:
    """Split signals that joined by mistake into a lead of their own."""

    async def part(call: PageCall, lead: Lead, _claim: Claim) -> str:
        wanted = [UUID(item) for item in call.form.get("signal", []) if is_id(item)]
        await split_lead(
            call.resources, lead.id, wanted, call.operator, required_words(call, "reason")
        )
        return translator(call.reader.language)("Split")

    return done(call, await on_held(call, part))


async def name_client(call: PageCall) -> Response:
    """Store a number or a name that the client said, then recognise and join them again."""

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


async def join_same(call: PageCall) -> Response:
    """Merge with another lead of the same client."""

    async def join(call: PageCall, lead: Lead, _claim: Claim) -> str:
        other = _other(call, lead)
        wanted = MergeRequest(str(lead.id), str(other), "one client", call.operator)
        await merge_clients(call.resources, wanted)
        return translator(call.reader.language)("Joined")

    return done(call, await on_held(call, join))


async def keep_others_apart(call: PageCall) -> Response:
    """Record that another lead belongs to another client."""

    async def keep(call: PageCall, lead: Lead, _claim: Claim) -> str:
        await keep_apart(call.resources, lead.id, _other(call, lead), call.operator)
        return translator(call.reader.language)("Noted")

    return done(call, await on_held(call, keep))


def _other(call: PageCall, lead: Lead) -> UUID:
    """The other lead, if the current lead names it; raises LeadNotFound."""
    named = {str(item.lead): item.lead for item in lead.possibly_same}
    if call.text("other") not in named:
        raise LeadNotFound("There is no such lead.")
    return named[call.text("other")]


join_same_client = guarded_act(join_same)
keep_clients_apart = guarded_act(keep_others_apart)
split_lead_in_hand = guarded_act(split)
name_client_in_hand = guarded_act(name_client)
