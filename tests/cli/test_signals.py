"""Signals end a run in order."""

import contextlib
import io
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal

import pytest

import generator
from datagen.cli.console import Console
from datagen.cli.options import parse_request
from datagen.cli.parser import parser
from datagen.cli.session import run_to_end
from datagen.cli.signals import Interruption, _Alarm, interruptible
from datagen.errors import Interrupted, SignalError, TargetError
from datagen.formats import JsonLines
from datagen.formats.rendered import Rendered
from datagen.one_line import counted
from datagen.running import outcome
from datagen.running.clock import Moment
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.spec.parsing import parse_spec
from datagen.targets.base import Target
from datagen.targets.sink import Sink
from tests.support.helpers import Outcome, invoke
from tests.support.machines import ENDING
from tests.support.watching import ROOT, START, Time


class Grace(Time):
    """Time that passes only when a sink takes it, and the alarm that it sets off."""

    due: float | None = None

    def alarm(self, seconds: int) -> None:
        self.due = self.now + seconds if seconds else None

    def take(self, seconds: float) -> None:
        """Let time pass; an alarm that falls due in it cuts it short."""
        until = self.now + seconds
        if self.due is not None and self.due <= until:
            self.now, self.due = self.due, None
            signal.raise_signal(signal.SIGALRM)
        self.now = until


class SlowSink(Sink):
    """Holds what it gets; acknowledges it when it is closed, each record in its time."""

    def __init__(self, grace: Grace, target: "SlowTarget") -> None:
        super().__init__()
        self._grace, self._target, self._held = grace, target, 0

    def write(self, records: Rendered) -> None:
        self._held += len(records)
        if self._held == 100:
            for number in self._target.signals:
                signal.raise_signal(number)
            self._grace.take(self._target.write_seconds)

    def close(self) -> None:
        for _ in range(self._held):
            self._grace.take(self._target.seconds)
            self.delivered += 1
        if self._target.failure:
            raise TargetError(self._target.failure)


class SlowTarget(Target):
    """Has a signal come while it takes the last of 100 records."""

    type: Literal["slow"] = "slow"
    seconds: float = 0.0
    write_seconds: float = 0.0
    signals: tuple[int, ...] = (signal.SIGTERM,)
    failure: str = ""

    def open(self, stdout: BinaryIO) -> Sink:
        del stdout
        return SlowSink(GRACE[0], self)


GRACE: list[Grace] = []


@pytest.fixture
def grace() -> Iterator[Grace]:
    """Return the time in which the sinks of a test live."""
    GRACE.append(Grace())
    yield GRACE[0]
    GRACE.clear()


def interrupted(grace: Grace, *flags: str, **keys: Any) -> tuple[Run, SignalError, str]:
    """Run into a slow target until the signal has ended it."""
    spec, _ = parse_spec(ENDING, "test.json")
    run = Run(Plan(spec, "test.json", SlowTarget(**keys), JsonLines(), START, 1, 100, 100))
    request = parse_request(parser().parse_args([*flags]), lambda _: None)
    err = io.StringIO()
    with pytest.raises(SignalError) as raised:
        start = run.plan.start_at(Moment.present())
        run_to_end(run, start, request, io.BytesIO(), Console(err), Interruption(grace.alarm))
    assert grace.due is None
    summary = run.summary
    assert summary.generated == summary.delivered + summary.failed + summary.unsent == 100
    return run, raised.value, err.getvalue()


def test_records_under_way_are_delivered_after_sigterm(grace: Grace) -> None:
    """A target that needs 9 of its 10 seconds delivers all of them; the status is 143."""
    run, error, told = interrupted(grace, seconds=0.09)
    assert (error.exit_status, str(error)) == (143, "")
    assert run.summary.delivered == 100
    assert "100 records, 0 bytes" in told


def test_target_that_takes_too_long_is_cut_short(grace: Grace) -> None:
    """After 10 seconds what is not delivered counts as not sent."""
    run, error, told = interrupted(grace, seconds=0.3)
    assert (error.exit_status, grace.now) == (143, 10)
    assert run.summary.delivered == 33
    assert "33 records, 67 not delivered, 0 bytes" in told


def test_target_that_is_stuck_while_it_takes_records_gets_another_second(grace: Grace) -> None:
    """The grace is spent in `write`; `close` cannot take for ever either."""
    run, _, _ = interrupted(grace, seconds=0.3, write_seconds=1000)
    assert grace.now == 11
    assert run.summary.delivered == 3


def test_second_signal_ends_the_run_on_the_spot(grace: Grace) -> None:
    """Nobody waits for 10 seconds; the status is that of the first."""
    run, error, _ = interrupted(grace, seconds=2.0, signals=(signal.SIGTERM, signal.SIGINT))
    assert (error.exit_status, grace.now, run.summary.delivered) == (143, 1, 0)


def test_failure_after_a_signal_is_told_and_changes_no_status(grace: Grace) -> None:
    """The signal ended the run; what went wrong then is known all the same."""
    _, error, _ = interrupted(grace, failure="broker: gone")
    assert outcome.outcome_of(error) == outcome.Outcome(143, "signal", ("broker: gone",), "SIGTERM")


def test_quiet_run_that_is_cut_short_says_what_it_lost(grace: Grace) -> None:
    """Nothing is lost without a word; and nothing is said where nothing is lost."""
    assert interrupted(grace, "-q", seconds=0.3)[2] == (
        "warning: 67 records were not delivered (0 failed, 67 not sent)\n"
    )
    assert interrupted(grace, "-q")[2] == ""


def spawn(*arguments: str, **more: Any) -> "subprocess.Popen[bytes]":
    """Start the program as a process of its own."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "generator.py"), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more,
    )  # fmt: skip


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Start endless runs of a specification; none outlives the test."""
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(ENDING))
    running: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> "subprocess.Popen[bytes]":
        running.append(spawn("-c", str(path), "--seed", "1", *arguments))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def ended(process: "subprocess.Popen[bytes]") -> Outcome:
    """Wait for a process, and give what it left behind."""
    out, err = process.communicate(timeout=20)
    return Outcome(process.returncode, out, err.decode())


def test_head_ends_an_endless_run(
    endless: Callable[..., "subprocess.Popen[bytes]"],
) -> None:
    """A pipe that is closed after one line: status 0, at once and without a word."""
    process = endless("-s", "2027-03-12")
    assert process.stdout
    assert json.loads(process.stdout.readline())["time"] == "2027-03-12T00:00:00.000"
    process.stdout.close()
    assert process.wait(timeout=10) == 0
    assert process.stderr
    assert process.stderr.read().decode() == "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000\n"


@pytest.mark.parametrize("paced", [False, True], ids=["simulated", "real"])
@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_signal_ends_with_whole_lines_a_summary_and_its_status(
    number: signal.Signals,
    status: int,
    paced: bool,
    endless: Callable[..., "subprocess.Popen[bytes]"],
    tmp_path: Path,
) -> None:
    """On either clock; what was generated is in the file, and counted."""
    target, path = tmp_path / "target.json", tmp_path / "out.jsonl"
    target.write_text(json.dumps({"type": "file", "path": str(path)}))
    process = endless("-t", str(target), *(() if paced else ("-s", "2027-03-12")))
    deadline = time.monotonic() + 20
    while not (path.exists() and path.stat().st_size) and time.monotonic() < deadline:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.005)
    process.send_signal(number)
    outcome = ended(process)
    assert outcome.status == status
    lines = path.read_bytes().splitlines(keepends=True)
    assert all(line.endswith(b"\n") and json.loads(line) for line in lines)
    assert outcome.err.splitlines()[-1].startswith(f"{counted(len(lines), 'record')}, ")


# no run yet, or none any more


STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Asking(io.BytesIO):
    """A stdin that a signal comes from instead of a specification."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def read(self, size: int | None = -1, /) -> bytes:
        signal.raise_signal(self._number)
        return super().read(size)


@pytest.mark.parametrize("number", STOPPING)
def test_signal_while_files_are_read_ends_the_program(number: int, tmp_path: Path) -> None:
    """There is no run to be ended in order: at once, with the status and a summary that say so."""
    summary, err = tmp_path / "summary.json", io.StringIO()
    arguments = ["-n", "1", "--summary", str(summary)]
    status = generator.main(arguments, Asking(number), io.BytesIO(), err)
    assert (status, err.getvalue()) == (128 + number, "")
    written = json.loads(summary.read_bytes())
    assert (written["status"], written["reason"]) == (128 + number, "signal")
    assert written["signal"] == signal.Signals(number).name


class OpeningTarget(Target):
    """Has a signal come while it is opened, which takes for ever."""

    type: Literal["opening"] = "opening"

    def open(self, stdout: BinaryIO) -> Sink:
        signal.raise_signal(signal.SIGHUP)
        raise AssertionError("the signal should have ended this")


def test_signal_while_a_target_is_opened_ends_the_run_at_once() -> None:
    """It has no records yet that could be delivered within 10 seconds."""
    spec, _ = parse_spec(ENDING, "test.json")
    run = Run(Plan(spec, "test.json", OpeningTarget(), JsonLines(), START, 1, 100, 100))
    request = parse_request(parser().parse_args([]), lambda _: None)
    start, alarm = run.plan.start_at(Moment.present()), Grace().alarm
    with pytest.raises(SignalError) as raised:
        run_to_end(run, start, request, io.BytesIO(), Console(None), Interruption(alarm))
    assert raised.value.exit_status == 129


def test_signal_before_a_target_is_opened_ends_the_run_at_once() -> None:
    """It has been asked to stop already."""
    with Interruption(lambda _: None) as interruption:
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(Interrupted), interruption.opening():
            pytest.fail("nothing should be opened")


def test_hangup_that_nohup_has_ignored_stays_ignored() -> None:
    """Before the run, during it, and after it; other signals end it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible(), Interruption(lambda _: None) as interruption:
            signal.raise_signal(signal.SIGHUP)
            assert not interruption.stopped()
            signal.raise_signal(signal.SIGTERM)
            assert interruption.stopped()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_system_without_hangup_has_the_other_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows has none."""
    monkeypatch.delattr(signal, "SIGHUP")
    with Interruption(lambda _: None) as interruption:
        signal.raise_signal(signal.SIGINT)
        assert interruption.signal == signal.SIGINT


# threads


def in_a_thread(*arguments: str) -> Outcome:
    """Run the command line in a thread that is not the main one."""
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(invoke(*arguments, spec=ENDING)))
    thread.start()
    thread.join(60)
    return outcomes[0]


@pytest.mark.parametrize("limits", [("-s", "2027-03-12", "-n", "3000"), ("-n", "3"), ("-n", "-1")])
def test_run_in_another_thread_is_the_same(limits: tuple[str, ...]) -> None:
    """On either clock: only the main thread can have handlers of signals, all else works."""
    arguments = ("--seed", "1", "-q", *limits)
    one, other = invoke(*arguments, spec=ENDING), in_a_thread(*arguments)
    assert (other.status, len(other.records)) == (one.status, len(one.records))
    if "-s" in limits:
        assert (other.out, other.err) == (one.out, one.err)


def test_other_thread_leaves_signals_and_alarms_alone() -> None:
    """They belong to the program around it."""
    handler, alarms = signal.getsignal(signal.SIGTERM), list[int]()

    def hold() -> None:
        with Interruption(alarms.append) as interruption:
            interruption.sleep(0.0)
            assert not interruption.stopped()
            assert signal.getsignal(signal.SIGTERM) is handler

    thread = threading.Thread(target=hold)
    thread.start()
    thread.join()
    assert alarms == []


def test_handlers_of_before_are_there_again() -> None:
    """Whatever they were."""
    kinds = (*STOPPING, signal.SIGALRM)
    before = [signal.getsignal(each) for each in kinds]
    with Interruption(lambda _: None):
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert [signal.getsignal(each) for each in kinds] == before


def test_alarm_of_a_system_without_any_is_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A later alarm takes the place of an earlier one, and 0 of any."""
    rung = threading.Event()
    monkeypatch.setattr("datagen.cli.signals._thread.interrupt_main", rung.set)
    alarm = _Alarm()
    alarm(60)
    alarm(0)
    assert not rung.is_set()
    alarm(60)
    alarm(0.001)
    assert rung.wait(10)


@pytest.mark.parametrize("swallowed", [True, False])
def test_signal_counts_whatever_a_library_makes_of_it(swallowed: bool) -> None:
    """Another exception, or none."""
    with pytest.raises(Interrupted) as raised, interruptible() as check:
        try:
            signal.raise_signal(signal.SIGTERM)
        except BaseException as error:
            if not swallowed:
                raise ValueError("a schema that cannot be built") from error
        check()
    assert raised.value.number == signal.SIGTERM


def test_error_without_a_signal_stays_what_it_is() -> None:
    """The check does nothing then."""
    with pytest.raises(ValueError, match="mine"), interruptible() as check:
        check()
        raise ValueError("mine")
