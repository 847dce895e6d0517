"""A renderer, as a process: it answers, it tells what goes wrong, and it does not outlive the run."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from datagen.errors import RunError
from datagen.running.renderer import ANSWER, BEAT, FAILURE, NUMBER_BYTES, received
from datagen.running.renderers import _pair, _started
from datagen.running.transfer import nameless_file, packed, unpacked


class Upper:
    """A job that is done in no time."""

    def start(self) -> Any:
        """Return what does it."""
        return lambda word, event: str.upper(word) + "!" * event


class Failing:
    """A job that cannot even be begun."""

    def start(self) -> Any:
        """Raise."""
        raise RunError("no such luck")


class Renderer:
    """A process, and this end of its sockets."""

    def __init__(self, stack: ExitStack, job: Any) -> None:
        self.windows, theirs = _pair(stack)
        self.answers, mouth = _pair(stack)
        self.answers.settimeout(30)
        self.files: dict[int, int] = {}
        descriptor, errors = packed(job), nameless_file()
        self.process = _started(3, (descriptor, theirs.fileno(), mouth.fileno()), errors)
        for each in (descriptor, errors, theirs.detach(), mouth.detach()):
            os.close(each)

    def hear(self, *kinds: bytes) -> tuple[int, Any]:
        """Return the window and the content of the next message of some kind, by renderer 3."""
        while True:
            message, descriptors = received(self.answers)
            assert int.from_bytes(message[1 : 1 + NUMBER_BYTES], "little") == 3
            if message[:1] in kinds:
                window = int.from_bytes(message[1 + NUMBER_BYTES :], "little")
                file = self.files.pop(window) if message[:1] == ANSWER else None
                files = [*descriptors, *([file] if file is not None else [])]
                content = unpacked(files[0]) if files else None
                for each in files:
                    os.close(each)
                return window, content

    def send(self, window: int, work: Any) -> None:
        """Hand something over, before which there was one event, in a file that takes the answer."""
        self.files[window] = packed((work, 1))
        message = window.to_bytes(NUMBER_BYTES, "little")
        socket.send_fds(self.windows, [message], [self.files[window]])


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Close sockets and end processes when a test is over."""
    with ExitStack() as made:
        yield made


def started(stack: ExitStack, job: Any) -> Renderer:
    """Start a renderer."""
    made = Renderer(stack, job)
    process = made.process
    stack.callback(process.stdin.close)
    stack.callback(process.wait)
    stack.callback(process.kill)
    return made


def test_renderer_answers_whatever_signals_its_group_gets(stack: ExitStack) -> None:
    """A run ends in order: until then its renderers are needed. A number tells which window it was."""
    renderer = started(stack, Upper())
    renderer.send(7, "abc")
    assert renderer.hear(ANSWER) == (7, "ABC!")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        renderer.process.send_signal(number)
    renderer.send(8, "x")
    assert renderer.hear(ANSWER) == (8, "X!")
    assert renderer.hear(BEAT)
    assert os.getpgid(renderer.process.pid) != os.getpgid(0)


def test_renderer_ends_with_the_run(stack: ExitStack) -> None:
    """When nobody holds the other end of its stdin any more; also while it has nothing to do."""
    renderer = started(stack, Upper())
    renderer.hear(BEAT)
    renderer.process.stdin.close()
    assert renderer.process.wait(timeout=5) == 0


@pytest.mark.parametrize(
    ("job", "work", "kind", "text"),
    [(Failing(), None, RunError, "no such luck"), (Upper(), 5, TypeError, "descriptor 'upper'")],
)
def test_what_is_raised_goes_to_the_run(
    stack: ExitStack, job: Any, work: Any, kind: type, text: str
) -> None:
    """As it is, with where that was; then the renderer is done."""
    renderer = started(stack, job)
    renderer.send(1, work)
    _, (error, trace) = renderer.hear(FAILURE)
    assert type(error) is kind and text in str(error)
    assert "Traceback" in trace
    assert renderer.process.wait(timeout=10) == 1


def test_renderer_has_no_streams_of_the_run(stack: ExitStack) -> None:
    """Whoever reads the records would wait for it."""
    process = started(stack, Upper()).process
    assert isinstance(process, subprocess.Popen)
    assert os.readlink(f"/proc/{process.pid}/fd/1") == "/dev/null"
    assert "memfd" in os.readlink(f"/proc/{process.pid}/fd/2")
    assert "pipe" in os.readlink(f"/proc/{process.pid}/fd/0")
