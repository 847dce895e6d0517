"""Has other processes render the windows of a run, and gives their records back in order.

Processes are started as programs, not forked: a fork would copy threads' locks, and what
`multiprocessing` starts runs the user's own script again. They take windows from one socket, each when it
has time, and answer through another; windows and records go in files without names.
"""

import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from threading import Event
from typing import Any, Self

from datagen.batch import Handover
from datagen.errors import DatagenError, RendererError
from datagen.one_line import first_line
from datagen.running.prefetch import Prefetch
from datagen.running.renderer import ANSWER, FAILURE, NUMBER_BYTES, received
from datagen.running.rendering import Rendering, RenderingJob, Written
from datagen.running.transfer import nameless_file, pack_into, packed, unpacked

PATIENCE_SECONDS = 8.0  # of silence, while records are waited for
_POLL_SECONDS = 0.25
_PROGRAM = """
import json, sys
number, job, windows, answers, sys.path[:] = json.loads(sys.argv[1])
from datagen.running.renderer import main
main(number, job, windows, answers)
"""


@dataclass(frozen=True)
class Ticket:
    """A window under way: its number, what it was before it was handed over, and the file that it went in."""

    number: int
    window: Handover
    file: int


class Renderers:
    """Processes that render windows; a context manager, which ends them."""

    def __init__(self, job: RenderingJob, count: int, rendering: Rendering) -> None:
        """Prepare so many; `rendering` is the one of this process, of the same formats."""
        self.count = count
        self._job, self._rendering = job, rendering
        self._processes: list[subprocess.Popen[bytes]] = []
        self._answered: set[int] = set()
        self._silent: list[float] = [0.0] * count  # seconds since each was heard of
        self._checked = time.monotonic()
        self._numbers = itertools.count()
        self._free_files: list[int] = []
        self._abandoned = Event()

    def __enter__(self) -> Self:
        """Start them. Raises RendererError."""
        with contextlib.ExitStack() as stack:
            try:
                self._open(stack)
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else None
                raise RendererError(
                    f"cannot start {self.count} renderers: {reason or error}"
                ) from error
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextlib.contextmanager
    def rendered(
        self, windows: Iterator[Handover], stopped: Callable[[], bool], *, ahead: bool
    ) -> Iterator[Iterator[Written]]:
        """Yield the batches of windows and their records, in order, until stopped.

        Windows are taken in one thread, and handed over in another. With `ahead`, there is a batch ready
        before it is asked for. Raises RendererError, and what renderers raised.
        """
        with contextlib.ExitStack() as threads:
            walked = threads.enter_context(Prefetch(windows))
            # so many wait, one more is handed over, and one is waited for
            tickets = Prefetch(map(self._submitted, walked), max_ahead=self.count - 1)
            batches = self._collected(threads.enter_context(tickets), stopped)
            if ahead:
                batches = threads.enter_context(Prefetch(batches))
            threads.callback(self._abandoned.set)
            yield batches

    def _submitted(self, window: Handover) -> Ticket:
        """Hand a window over. Raises RendererError."""
        file = self._free_file()
        ticket = Ticket(next(self._numbers), replace(window, work=None), file)
        with _handing_over():
            pack_into(file, (window.work, window.event))
        self._send(ticket.number.to_bytes(NUMBER_BYTES, "little"), file)
        return ticket

    def _free_file(self) -> int:
        """Return a file in which nothing is under way."""
        if self._free_files:
            return self._free_files.pop()
        with _handing_over():
            file = nameless_file()
        self._stack.callback(os.close, file)
        return file

    def _collected(
        self, tickets: Iterator[Ticket], stopped: Callable[[], bool]
    ) -> Iterator[Written]:
        for ticket in tickets:
            if not self._is_answered(ticket.number, stopped):
                return
            with _handing_over():
                answer = unpacked(ticket.file)
            self._free_files.append(ticket.file)
            window = ticket.window
            batch = replace(answer.batch, cursor=window.cursor, waits=window.waits)
            yield Written(batch, self._rendering.rendered(answer), answer.copies, answer.events)

    def _open(self, stack: contextlib.ExitStack) -> None:
        """Start the processes, and let go of what only they need."""
        if not hasattr(socket, "send_fds"):
            raise OSError("this system hands no files from one process to another")
        self._windows, theirs = _pair(stack)
        self._own, answers = _pair(stack)
        self._windows.setblocking(False)
        self._errors = nameless_file()
        stack.callback(os.close, self._errors)
        with contextlib.ExitStack() as for_start:
            for each in (theirs, answers):
                for_start.callback(each.close)
            job = packed(self._job)
            for_start.callback(os.close, job)
            stack.callback(self._end)
            for number in range(self.count):
                self._processes.append(
                    _started(number, (job, theirs.fileno(), answers.fileno()), self._errors)
                )

    def _end(self) -> None:
        """End all processes: none has anything that would be missed."""
        for each in self._processes:
            each.kill()
        for each in self._processes:
            if each.stdin:
                each.stdin.close()
            each.wait()

    def _send(self, message: bytes, descriptor: int) -> None:
        while not self._abandoned.is_set():
            try:
                socket.send_fds(self._windows, [message], [descriptor])
            except BlockingIOError:
                self._abandoned.wait(_POLL_SECONDS / 10)
            except OSError:  # nobody is there: whoever waits for the answer will say why
                return
            else:
                return

    def _is_answered(self, number: int, stopped: Callable[[], bool]) -> bool:
        """Wait for the records of a window; return whether anybody waits for more. Raises what went wrong."""
        while number not in self._answered:
            if stopped() or self._abandoned.is_set():
                return False
            self._hear(_POLL_SECONDS)
            self._check()
        self._check()
        self._answered.remove(number)
        return True

    def _hear(self, seconds: float) -> bool:
        """Take one message of some renderer; return whether there was one within so many seconds."""
        self._own.settimeout(seconds)
        try:
            message, descriptors = received(self._own)
        except (TimeoutError, BlockingIOError):
            return False
        kind, rest = message[:1], message[1:]
        self._silent[int.from_bytes(rest[:NUMBER_BYTES], "little")] = 0.0
        window = int.from_bytes(rest[NUMBER_BYTES:], "little")
        if kind == FAILURE:
            try:
                _raise(*unpacked(descriptors[0]))
            finally:
                os.close(descriptors[0])
        if kind == ANSWER:
            self._answered.add(window)
        return True

    def _check(self) -> None:
        """Now and then, raise RendererError where a renderer has ended, or has not been heard of for long."""
        now = time.monotonic()
        # whoever slept, or had others to wait for, has not waited: of each step only so much counts
        step = min(now - self._checked, 2 * _POLL_SECONDS)
        if step < _POLL_SECONDS:
            return
        self._checked = now
        ended = [each for each in enumerate(self._processes) if each[1].poll() is not None]
        while self._hear(0):  # also why one has ended, if it could say so
            pass
        for number, process in ended:
            raise RendererError(f"{self._name(number)} {self._end_of(process)}")
        for number in range(self.count):
            self._silent[number] += step
            if self._silent[number] > PATIENCE_SECONDS:
                text = f"has not been heard of for {PATIENCE_SECONDS:g} s"
                raise RendererError(f"{self._name(number)} {text}: is it stopped?")

    def _name(self, number: int) -> str:
        return f"renderer {number + 1} of {self.count}"

    def _end_of(self, process: "subprocess.Popen[bytes]") -> str:
        """Return how a process ended, and what it said last."""
        status = process.returncode
        if status == -signal.SIGKILL:
            return "was killed (SIGKILL), as a system does that runs out of memory"
        if status < 0:
            return f"was ended by {signal.Signals(-status).name}"
        said = os.pread(self._errors, 1 << 20, 0).decode(errors="replace").strip().splitlines()
        return f"ended with status {status}" + (f": {first_line(said[-1])}" if said else "")


def _pair(stack: contextlib.ExitStack) -> tuple[socket.socket, socket.socket]:
    """Return a socket that `stack` closes, and its other end; messages stay whole."""
    own, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    stack.enter_context(own)
    return own, other


def _started(number: int, descriptors: tuple[int, int, int], errors: Any) -> Any:
    """Start a renderer: in a process group of its own, to which no terminal sends signals.

    When this process is gone, the system wakes the members of such a group that are stopped, so that they end.
    """
    paths = [os.path.abspath(each) for each in sys.path]
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-P", "-c", _PROGRAM, json.dumps([number, *descriptors, paths])],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        pass_fds=descriptors,
        process_group=0,
        env={**os.environ, **environment},
    )


@contextlib.contextmanager
def _handing_over() -> Iterator[None]:
    """Raise RendererError where a file cannot be written or read."""
    try:
        yield
    except OSError as error:
        raise _refused(error) from error


def _refused(error: OSError) -> RendererError:
    return RendererError(f"cannot hand over records: {error.strerror or error}")


def _raise(error: BaseException, text: str) -> None:
    """Raise what a renderer raised."""
    if isinstance(error, MemoryError):
        raise RendererError("a renderer ran out of memory") from error
    if isinstance(error, OSError):
        raise _refused(error)
    raise error from (None if isinstance(error, DatagenError) else _ElsewhereError(text))


class _ElsewhereError(Exception):
    """Where in a renderer something was raised: a traceback, as text."""
