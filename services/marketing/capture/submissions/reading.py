"""Reading what was delivered, outside of any transaction: here when it is small, else in another process.

A thread can't be stopped, a process can: what takes too long there, or ends it, is known by that, and the
worker goes on. It is begun when first needed and kept, and answers one question after the other.
"""

import asyncio
import contextlib
import multiprocessing
import resource
import signal
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from services.marketing.capture.connectors import registry
from services.marketing.capture.connectors.endpoints import Source
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError, UnreadableError
from services.marketing.capture.deliveries.rules import Raw
from services.marketing.capture.deliveries.tables import SMALL
from services.marketing.capture.sources.rules import OUR_ORIGINS
from services.marketing.capture.submissions.rules import Verdict, of_details, unreadable

PATIENCE = 5.0  # seconds for one delivery; the largest takes a tenth of one
START = 30.0  # seconds for the process to begin, on however busy a machine
MEMORY = 1 << 30  # bytes that process may have
TOO_MUCH = ("took_too_long", "reader_died")
BREATH = 0.02  # seconds of reading, after which whatever else this process does has its turn


@dataclass(frozen=True, slots=True)
class Part:
    """A submission to be read again: which lead of its delivery it is, and its details where they came."""

    number: int
    external_id: str | None
    details: bytes | None


@dataclass(frozen=True, slots=True)
class Task:
    """A delivery to be read: all its leads, or only these parts of it."""

    raw: Raw
    source: Source
    parts: tuple[Part, ...] = ()

    @property
    def is_small(self) -> bool:
        return len(self.raw.body) + sum(len(part.details or b"") for part in self.parts) <= SMALL


@dataclass(frozen=True, slots=True)
class Found:
    """A lead of a delivery. `verdict` says why it is none, where it is none."""

    number: int
    lead: CapturedLead
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is in a delivery. When nothing is, `state` and `reason` say why; `error` is for the log."""

    found: Sequence[Found] = ()
    state: str = "read"
    reason: str | None = None
    error: str | None = None


def answer(task: Task) -> Answer:
    """Read it. Whatever a connector raises is an answer, too."""
    try:
        leads = registry.read(task.raw, task.source)
        if task.parts:
            return Answer([_part(leads, part, task.source) for part in task.parts])
        return Answer([Found(number, lead) for number, lead in enumerate(leads)])
    except NoticeError as notice:
        return nothing(task, "notice", notice.reason)
    except UnreadableError as error:
        return nothing(task, "unreadable", error.reason)
    except Exception as error:  # noqa: BLE001 - a defect of ours, or of a library, and no other lead's business
        return nothing(task, "unreadable", "reading_failed", f"{type(error).__name__} at {_place(error)}")


def nothing(task: Task, state: str, reason: str, error: str | None = None) -> Answer:
    """That nothing can be had: for each of the parts asked for, or for the whole delivery."""
    none = [_none(part, reason) for part in task.parts]
    return Answer(none, state, reason, error)


def _none(part: Part, reason: str) -> Found:
    return Found(part.number, CapturedLead(external_id=part.external_id), unreadable(reason))


def _part(leads: Sequence[CapturedLead], part: Part, source: Source) -> Found:
    if part.number >= len(leads):
        return _none(part, "not_in_delivery")
    lead = leads[part.number]
    if part.details is None:
        return Found(part.number, lead)
    try:
        return Found(part.number, registry.complete(lead, part.details, source))
    except (NoticeError, UnreadableError) as error:
        return Found(part.number, lead, of_details(error))


def _place(error: Exception) -> str:
    """Where it was raised; nothing of what was read is quoted."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "an unknown place"


async def read_here(tasks: Sequence[Task]) -> list[Answer]:
    """Read them in this process; what is not small goes to the other one all the same."""
    answers: list[Answer] = []
    began = time.monotonic()
    for task in tasks:
        answers.append(answer(task) if task.is_small else await _there(task))
        if time.monotonic() - began > BREATH:
            await asyncio.sleep(0)
            began = time.monotonic()
    return answers


async def read_apart(tasks: Sequence[Task]) -> list[Answer]:
    """Read them in a process of their own, each within its time."""
    return [await _there(task) for task in tasks]


async def _there(task: Task) -> Answer:
    return await asyncio.to_thread(_reader.ask, task)


class Reader:
    """The process that reads. It is asked by one thread at a time, and replaced when it does not answer."""

    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None

    def ask(self, task: Task) -> Answer:
        """Read this delivery there. Blocks, at most for the start of a process and PATIENCE."""
        with self._asking:
            for _ in range(2):  # that it was ended between two questions is no fault of this one
                pipe = self._open()
                with contextlib.suppress(OSError):
                    pipe.send(task)
                    break
                self._end()
            try:
                if not pipe.poll(PATIENCE):
                    self._end()
                    return nothing(task, "unreadable", "took_too_long")
                found: Answer = pipe.recv()
            except (EOFError, OSError):
                self._end()
                return nothing(task, "unreadable", "reader_died")
            return found

    def stop(self) -> None:
        """End the process; the next question begins another one."""
        with self._asking:
            self._end()

    def _open(self) -> Connection:
        if self._pipe is not None and self._process is not None and self._process.is_alive():
            return self._pipe
        self._end()
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        told = (theirs, frozenset(OUR_ORIGINS))
        self._process = spawn.Process(target=serve, args=told, name="leadloop-reader", daemon=True)
        self._process.start()
        theirs.close()
        if not ours.poll(START):
            self._end()
            raise TimeoutError("the process that reads large deliveries did not begin")
        ours.recv()
        self._pipe = ours
        return ours

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join(PATIENCE)
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None


_reader = Reader()


def serve(pipe: Connection, our_origins: Iterable[str]) -> None:
    """What that process does: answer until nobody asks any more. It knows what this one was set up with."""
    OUR_ORIGINS.update(our_origins)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    pipe.send(None)
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send(answer(pipe.recv()))
