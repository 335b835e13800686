"""One run: a contender does one kind of work for some seconds, and is believed only if it did."""

import asyncio
import math
import secrets
from dataclasses import dataclass
from enum import StrEnum

from bench.backlog import Moved
from bench.load import Answers, Load, drive
from bench.processes import servers_processor_seconds
from bench.stage import Contender

OPERATORS = 1000
# What wrk leaves unanswered when its time is over is done by then.
QUIET_SECONDS = 0.2
# So much longer than it is settled, leads are claimed before.
HOLD = 1.25


class Work(StrEnum):
    """What is asked for."""

    INTAKE = "leads in"
    SERVING = "leads served"
    SETTLING = "leads settled"


@dataclass(frozen=True, slots=True)
class ProcessorTime:
    """Seconds of processor time, by who took it."""

    python: float
    postgres: float
    valkey: float


@dataclass(frozen=True, slots=True)
class Run:
    """What one run showed; a fault says why it does not count."""

    round: int
    work: Work
    depth: int
    contender: str
    answers: Answers
    taken: ProcessorTime
    waiting_before: int
    waiting_after: int
    fault: str | None

    def microseconds(self, seconds: float) -> float:
        """Processor time in microseconds per answer."""
        return 1_000_000 * seconds / max(1, self.answers.count)


async def ask(contender: Contender, work: Work, load: Load) -> Answers:
    """Let the generator ask a contender for one kind of work."""
    if work is Work.INTAKE:
        script, arguments = "post.lua", (contender.path, secrets.token_hex(4))
    elif work is Work.SERVING:
        script, arguments = "next.lua", (contender.path, str(OPERATORS))
    else:
        script, arguments = "settle.lua", (contender.path, str(contender.claims))
    return await drive(contender.address, script, arguments, contender.headers, load)


async def hold(contender: Contender, load: Load) -> None:
    """Claim what is settled afterwards, and write down under which tokens."""
    longer = Load(load.connections, math.ceil(HOLD * load.seconds))
    arguments = (contender.path, str(OPERATORS), str(contender.claims))
    await drive(contender.address, "next.lua", arguments, contender.headers, longer)
    await asyncio.sleep(QUIET_SECONDS)


async def measure(
    contender: Contender, work: Work, load: Load, depth: int, number_of_round: int
) -> Run:
    """One run, checked against the table; the backlog afterwards is what it was before."""
    if work is Work.SETTLING:
        await hold(contender, load)
    complaints, before = contender.program.complaints(), _processor_time(contender)
    answers = await ask(contender, work, load)
    after = _processor_time(contender)
    await asyncio.sleep(QUIET_SECONDS)
    contender.program.check()
    moved, waiting = await contender.backlog.moved(), contender.backlog.waiting
    new_complaints = contender.program.complaints() - complaints
    await contender.backlog.restore()
    return Run(
        round=number_of_round,
        work=work,
        depth=depth,
        contender=contender.name,
        answers=answers,
        taken=_difference(after, before),
        waiting_before=waiting,
        waiting_after=waiting + moved.taken_in - moved.served - moved.settled,
        fault=_fault(answers, _done(work, moved), load.connections, new_complaints),
    )


def _done(work: Work, moved: Moved) -> int:
    return {
        Work.INTAKE: moved.taken_in,
        Work.SERVING: moved.served,
        Work.SETTLING: moved.settled,
    }[work]


def _fault(answers: Answers, done: int, connections: int, complaints: int) -> str | None:
    """Why a run does not count; every answer must have brought a lead in, or out."""
    if answers.errors:
        return f"{answers.errors} of {answers.count} answers were errors"
    if not answers.count <= done <= answers.count + connections:
        return f"{answers.count} answers, but {done} leads moved"
    return f"{complaints} warnings in the log" if complaints else None


def _processor_time(contender: Contender) -> ProcessorTime:
    return ProcessorTime(
        python=contender.program.processor_seconds(),
        postgres=servers_processor_seconds("postgres"),
        valkey=servers_processor_seconds("valkey"),
    )


def _difference(after: ProcessorTime, before: ProcessorTime) -> ProcessorTime:
    return ProcessorTime(
        after.python - before.python,
        after.postgres - before.postgres,
        after.valkey - before.valkey,
    )
