"""Runs with renderers: the same bytes, in order, and one clear line for whatever happens to them."""

import io
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import generator
from datagen.running import renderers
from tests.support.helpers import Outcome, invoke
from tests.support.machines import NEVER_ENDING
from tests.support.watching import Acting

RUN = ("-s", "2027-03-12", "--seed", "1", "-q")


def children() -> list[int]:
    """Return the processes that this one has started."""
    pid = os.getpid()
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def acting(act: Callable[[list[int]], object], *arguments: str) -> Outcome:
    """Do something to the renderers of an endless run when it has its first records; wait for its end."""
    before = children()
    done: list[bool] = []

    def once() -> None:
        if not done:
            done.append(True)
            act([each for each in children() if each not in before])

    spec, out, err = io.BytesIO(json.dumps(NEVER_ENDING).encode()), Acting(once), io.StringIO()
    status = generator.main([*RUN, *arguments], spec, out, err)
    assert [each for each in children() if each not in before] == []
    return Outcome(status, out.getvalue(), err.getvalue())


@pytest.mark.parametrize("flags", [("-n", "30000"), ("-n", "700", "--csv"), ("-r", "90S")])
def test_renderers_change_no_byte(flags: tuple[str, ...]) -> None:
    """Whatever ends the run, and where in a window."""
    alone = invoke(*RUN, *flags, spec=NEVER_ENDING)
    assert alone.status == 0 and alone.out
    assert invoke(*RUN, *flags, "-j", "2", spec=NEVER_ENDING) == alone


def test_one_job_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default, and `-j 1`."""
    monkeypatch.setattr("datagen.running.renderers.subprocess.Popen", None)
    assert invoke(*RUN, "-n", "10", "-j", "1", spec=NEVER_ENDING).status == 0
    assert invoke(*RUN, "-n", "10", spec=NEVER_ENDING).status == 0


def test_run_says_that_a_renderer_was_killed() -> None:
    """And ends, with whole records; no other renderer stays behind."""
    done = acting(lambda pids: os.kill(pids[1], signal.SIGKILL), "-j", "2")
    assert done.status == 1
    assert done.err == (
        "renderer 2 of 2 was killed (SIGKILL), as a system does that runs out of memory\n"
    )
    assert done.out.endswith(b"}\n")


def test_run_says_that_a_renderer_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within seconds: here within half of one."""
    monkeypatch.setattr(renderers, "PATIENCE_SECONDS", 2.0)
    done = acting(lambda pids: os.kill(pids[0], signal.SIGSTOP), "-j", "2")
    assert done.status == 1
    assert done.err == "renderer 1 of 2 has not been heard of for 2 s: is it stopped?\n"


NO_MEMORY = """
from datagen.running.rendering import Rendering
def refuse(*_): raise TypeError("as libraries have it") from MemoryError()
Rendering.render = refuse
main("""


def test_run_says_that_a_renderer_has_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a library makes another error of it."""
    program = renderers._PROGRAM.replace("\nmain(", NO_MEMORY)
    monkeypatch.setattr(renderers, "_PROGRAM", program)
    done = invoke(*RUN, "-n", "10", "-j", "2", spec=NEVER_ENDING)
    assert (done.status, done.out, done.err) == (1, b"", "a renderer ran out of memory\n")


def test_renderers_that_cannot_be_started_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as where there are too many descriptors; the target is not opened."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("datagen.running.renderers.subprocess.Popen", refuse)
    done = invoke(*RUN, "-n", "10", "-j", "3", spec=NEVER_ENDING)
    assert (done.status, done.out) == (1, b"")
    assert done.err == "cannot start 3 renderers: Too many open files\n"


def test_program_that_a_renderer_cannot_run_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what Python said last."""
    monkeypatch.setattr(renderers, "_PROGRAM", "import no_such_module")
    done = invoke(*RUN, "-n", "10", "-j", "2", spec=NEVER_ENDING)
    assert done.status == 1
    assert "of 2 ended with status 1: ModuleNotFoundError: No module named" in done.err
    assert len(done.err.splitlines()) == 1


def test_template_that_fails_ends_the_run_at_the_same_record() -> None:
    """The earliest in order, though later windows are under way."""
    spec = {**NEVER_ENDING, "templates": {"t": {"body": "{{ 1 // (n - 900) }}"}}}
    spec["emitters"] = [{"name": "e", "dimensions": [{"name": "n", "type": "counter"}]}]
    flags = (*RUN, "-n", "5000", "--template", "t")
    alone = invoke(*flags, spec=spec)
    assert alone.status == 1 and alone.err
    assert invoke(*flags, "-j", "2", spec=spec) == alone


def test_broken_pipe_ends_the_run_in_silence() -> None:
    """As `| head` has it: status 0, and no process is left."""

    def gone(_: object) -> None:
        raise BrokenPipeError

    done = acting(gone, "-j", "3")
    assert (done.status, done.err) == (0, "")
