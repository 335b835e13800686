"""One run: a contender does one kind of work for some seconds, and is believed only if it did."""

import asyncio
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import httpx

from bench.backlog import Moved
from bench.load import Answers, Load, drive
from bench.plan import Part
from bench.processes import servers_processor_seconds
from bench.stage import Contender
from bench.works import Work

OPERATORS = 1000
# So many of them look at the line, again and again.
WHO_LOOK = 32
SHOWN = 300  # signs of a warning
# Who gives fewer answers than there are connections is asked once more, so much longer.
LONGER = 4
# Of those that join, at most so many may open a lead instead.
FEW = 0.2
# What wrk leaves unanswered when its time is over must not burden the next.
LOOK_SECONDS, LOOKS, PATIENCE_SECONDS = 0.1, 3, 10


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
    connections: int
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
    script, arguments = await _script(contender, work)
    return await drive(contender.address, script, arguments, contender.headers, load)


async def measure(
    contender: Contender, work: Work, part: Part, load: Load, number_of_round: int
) -> Run:
    """One run, checked against the tables; of somebody slow, a longer one."""
    run = await _measure(contender, work, part, load, number_of_round)
    if run.answers.count >= load.connections:
        return run
    longer = replace(load, seconds=LONGER * load.seconds)
    return await _measure(contender, work, part, longer, number_of_round)


async def _measure(
    contender: Contender, work: Work, part: Part, load: Load, number_of_round: int
) -> Run:
    script, arguments = await _script(contender, work)
    complaints, moved = len(contender.program.complaints()), await contender.backlog.moved()
    before = _processor_time(contender)
    answers = await drive(contender.address, script, arguments, contender.headers, load)
    after = _processor_time(contender)
    await quiet(contender)
    contender.program.check()
    now, waiting = await contender.backlog.moved(), contender.backlog.waiting
    new_complaints = contender.program.complaints()[complaints:]
    return Run(
        round=number_of_round,
        work=work,
        depth=part.depth,
        connections=load.connections,
        contender=contender.name,
        answers=answers,
        taken=_difference(after, before),
        waiting_before=waiting + moved.more_wait,
        waiting_after=waiting + now.more_wait,
        fault=_fault(work, answers, _done(contender, work, moved, now), load, new_complaints),
    )


async def quiet(contender: Contender) -> None:
    """Wait until nothing is under way any more; chores of the service's own are short."""
    give_up, idle = time.monotonic() + PATIENCE_SECONDS, 0
    while idle < LOOKS and time.monotonic() < give_up:
        await asyncio.sleep(LOOK_SECONDS)
        idle = 0 if await contender.backlog.busy() else idle + 1


async def _script(contender: Contender, work: Work) -> tuple[str, tuple[str, ...]]:
    path, run, operators = contender.path, secrets.token_hex(4), str(OPERATORS)
    match work:
        case Work.INTAKE:
            return "post.lua", (path, run)
        case Work.JOINING:
            clients = await contender.backlog.clients()
            return "post.lua", (path, run, _kept(contender, clients))
        case Work.POLLING:
            return "poll.lua", (_kept(contender, await _etags(contender)),)
        case Work.SERVING:
            return "next.lua", (path, operators)
        case Work.SETTLING:
            claims = await contender.backlog.claims()
            return "settle.lua", (path, _kept(contender, claims))
        case Work.PAIRS:
            return "pairs.lua", (path, operators)


def _kept(contender: Contender, lines: Iterable[str]) -> str:
    contender.given.write_text("".join(f"{line}\n" for line in lines))
    return str(contender.given)


async def _etags(contender: Contender) -> list[str]:
    """A path and an ETag for each of those who look."""
    paths = [
        f"{contender.path}/operators/operator-{number}/queue" for number in range(1, WHO_LOOK + 1)
    ]
    async with httpx.AsyncClient(
        base_url=contender.address, headers=contender.headers, timeout=30
    ) as client:
        answers = [(await client.get(path)).raise_for_status() for path in paths]
    return [f"{path} {sent.headers['etag']}" for path, sent in zip(paths, answers, strict=True)]


def _done(contender: Contender, work: Work, before: Moved, after: Moved) -> int:
    """Who knows no joining takes a client's second signal in like the first.

    So does the service with the few whose lead has ended meanwhile.
    """
    done = after.done(work) - before.done(work)
    if work is not Work.JOINING:
        return done
    anew = after.taken_in - before.taken_in
    return done + anew if not contender.joins or anew <= FEW * done else done


def _fault(
    work: Work, answers: Answers, done: int, load: Load, complaints: Sequence[str]
) -> str | None:
    """Why a run does not count; every answer must have brought a lead in, or out.

    Half of the answers to pairs are to those who were served and are not settled yet.
    """
    least = answers.count - (load.connections if work is Work.PAIRS else 0)
    if answers.errors or not answers.count:
        return f"{answers.count} answers, and {answers.errors} errors"
    if work is not Work.POLLING and not least <= done <= answers.count + load.connections:
        return f"{answers.count} answers, but {done} leads moved"
    if complaints:
        return f"{len(complaints)} warnings in the log, the first: {complaints[0][:SHOWN]}"
    return None


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
