"""The marks that recognise the client of a signal in its queue, and those by which leads join."""

from collections.abc import Iterable

from service.leads.customer import Customer
from service.leads.identity import Evidence
from service.leads.lead import Channel, Signal
from service.matching.marks import Mark, own_marks
from service.storage.policies.queue_context import QueueContext

ALL_EVIDENCE = frozenset(Evidence)


def marks_of_signal(signal: Signal, basis: QueueContext) -> tuple[Mark, ...]:
    """The client's own marks; none of the shop's own work, which joins nothing."""
    return () if is_own_work(signal) else marks_of_customer(signal.customer, basis)


def is_own_work(signal: Signal) -> bool:
    """Whether it is a call task: that is no signal of the client's."""
    return signal.task is not None or signal.channel is Channel.CRM_TASK


def marks_of_customer(customer: Customer | None, basis: QueueContext) -> tuple[Mark, ...]:
    """A client's own marks, without those of the shop, shared ones and made-up ones."""
    return own_marks(customer, basis.policy.region, ALL_EVIDENCE, basis.nobodys)


def joining_marks(marks: Iterable[Mark], basis: QueueContext) -> tuple[Mark, ...]:
    """The marks by which leads join in a queue."""
    return tuple(mark for mark in marks if mark.evidence in basis.policy.joins_by)
