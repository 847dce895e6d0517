"""A run of a program does what the command does, and is stopped by an event in place of a signal."""

import io
import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.api.delivering import StopEvent
from tests.support.bad_input import BASE, edited
from tests.support.helpers import invoke

SAME: dict[str, Any] = {"seed": 3, "start": "2027-03-12"}
FLAGS = ("--seed", "3", "-s", "2027-03-12")
VARIES = {"seconds", "rate"}


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        ({}, ()),
        ({"format": "csv"}, ("--csv",)),
        ({"format": "tsv"}, ("--tsv",)),
        ({"template": "access"}, ("--template", "access")),
        ({"jobs": 2}, ("-j", "2")),
        ({"disorder": "none"}, ("--no-disorder",)),
    ],
)
def test_bytes_are_those_of_the_command(given: dict[str, Any], flags: tuple[str, ...]) -> None:
    """In each format."""
    out = io.BytesIO()
    summary = datagen.run("example", out, records=500, **given, **SAME)
    assert out.getvalue() == invoke("-c", "example", "-n", "500", *flags, *FLAGS).out
    assert summary["delivered"] == 500
    assert summary["bytes"] == len(out.getvalue())


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        ({"bytes": "30kB"}, ("--bytes", "30kB")),
        ({"bytes": "30kB", "format": "csv"}, ("--bytes", "30kB", "--csv")),
        ({"rate": "40/s", "duration": "30S"}, ("--rate", "40/s", "-r", "30S")),
        ({"records": 50, "max_rate": 1000}, ("-n", "50", "--max-rate", "1000/s")),
    ],
)
def test_rates_and_sizes_are_those_of_the_command(
    given: dict[str, Any], flags: tuple[str, ...]
) -> None:
    """A limit of bytes, a rate that workers are scaled to, and a brake."""
    out = io.BytesIO()
    summary = datagen.run("example", out, **given, **SAME)
    outcome = invoke("-c", "example", *flags, *FLAGS)
    assert out.getvalue() == outcome.out
    assert f"repeat with: {summary['repeat']}" in outcome.err


@pytest.mark.parametrize("form", ["parquet", "arrow", "avro", "csv.gz"])
def test_files_are_those_of_the_command(form: str, tmp_path: Path) -> None:
    """Byte for byte."""
    paths = [tmp_path / f"{name}.{form}" for name in "ab"]
    target = tmp_path / "target.json"
    target.write_text(json.dumps({"type": "file", "path": str(paths[0])}))
    assert invoke("-c", "example", "-n", "500", "-t", str(target), *FLAGS).status == 0
    datagen.run("example", {"type": "file", "path": str(paths[1])}, records=500, **SAME)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_two_runs_at_once() -> None:
    """In two threads, neither of them the main one."""
    outs = [io.BytesIO(), io.BytesIO()]
    specs = ["shop", "clickstream"]

    def start(place: int) -> None:
        datagen.run(specs[place], outs[place], records=20_000, format="csv", **SAME)

    threads = [threading.Thread(target=start, args=(place,)) for place in (0, 1)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for spec, out in zip(specs, outs, strict=True):
        assert out.getvalue() == invoke("-c", spec, "-n", "20000", "--csv", *FLAGS).out


def test_summary_is_that_of_the_command(tmp_path: Path) -> None:
    """All of it, but for what differs between two runs."""
    path = tmp_path / "summary.json"
    invoke("-c", "example", "-r", "10M", "--summary", str(path), *FLAGS)
    expected = json.loads(path.read_text())
    found = datagen.run("example", io.BytesIO(), duration="10M", **SAME)
    assert {k: v for k, v in found.items() if k not in VARIES} == {
        k: v for k, v in expected.items() if k not in VARIES
    }
    assert found.keys() == expected.keys()


def test_target_may_be_a_dict_or_a_file_of_one(tmp_path: Path) -> None:
    """It takes the place of the one of the specification."""
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "c.jsonl"]
    documents: list[Any] = [{"type": "file", "path": str(path)} for path in paths]
    spec = edited(("target", documents[0]))
    target = tmp_path / "target.json"
    target.write_text(json.dumps(documents[2]))
    for each in (None, documents[1], target):
        assert datagen.run(spec, each, records=20, **SAME)["delivered"] == 20
    texts = [path.read_bytes() for path in paths]
    assert texts[0] == texts[1] == texts[2] == invoke("-n", "20", *FLAGS, spec=BASE).out


def test_stdout_is_that_of_the_process(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Behind what has been printed; nothing goes to stderr."""
    sys.stdout.write("before\n")
    datagen.run(BASE, records=3, **SAME)
    assert capfdbinary.readouterr() == (b"before\n" + invoke("-n", "3", *FLAGS, spec=BASE).out, b"")


def test_stdout_of_a_notebook_takes_no_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error with the remedy, before anything is written."""
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    with pytest.raises(
        datagen.Error, match="stdout takes no bytes here: give a target, or a binary"
    ):
        datagen.run(BASE, records=3, **SAME)


def test_run_on_the_real_clock_ends_with_an_event() -> None:
    """In order, from any thread; no handler of a signal is installed or left."""
    stop, out = threading.Event(), io.BytesIO()
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    found: list[Any] = []

    class Stopping(io.BytesIO):
        def write(self, data: Any) -> int:
            stop.set()
            return out.write(data)

    thread = threading.Thread(target=lambda: found.append(datagen.run(BASE, Stopping(), stop=stop, seed=3)))  # fmt: skip
    thread.start()
    thread.join(60)
    (summary,) = found
    assert summary["reason"] == "done"
    assert 0 < summary["delivered"] == out.getvalue().count(b"\n")
    assert handlers == {each: signal.getsignal(each) for each in handlers}


def test_event_that_is_set_is_not_slept_through() -> None:
    """The sleep ends with it."""
    event = threading.Event()
    stop = StopEvent(event)
    assert not stop.stopped()
    stop.sleep(-1.0)
    event.set()
    stop.sleep(1e6)
    assert stop.stopped()


def test_run_that_fails_raises_all_and_hides_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment holds is shown by its name."""
    monkeypatch.setenv("SECRET_FOLDER", "/no/such/folder-of-mine")
    target = {"type": "file", "path": "${SECRET_FOLDER}/x.jsonl"}
    with pytest.raises(datagen.Error) as raised:
        datagen.run(BASE, target, records=3, **SAME)
    assert "folder-of-mine" not in str(raised.value)
    assert "${SECRET_FOLDER}" in str(raised.value)


def test_warnings_go_to_whoever_wants_them(capfd: pytest.CaptureFixture[str]) -> None:
    """Those of files, and those of how a run will go; else to nobody."""
    state = {"name": "b", "delay": {"type": "constant", "value": 1}, "transitions": [{"next": "stop", "probability": 1}]}  # fmt: skip
    spec = edited(("states[2]", state))
    found: list[str] = []
    datagen.run(spec, io.BytesIO(), duration="1H", max_workers=1, on_warning=found.append, **SAME)
    assert found[0] == 'specification: states[2]: no worker can reach "b"'
    assert "-m 1" in found[1]
    datagen.run(spec, io.BytesIO(), records=1, **SAME)
    assert capfd.readouterr() == ("", "")


def test_run_is_resumed(tmp_path: Path) -> None:
    """From the checkpoint of an earlier one."""
    target = {"type": "file", "path": str(tmp_path / "x.jsonl"), "mode": "append"}
    for _ in range(2):
        datagen.run(BASE, target, records=30, resume=str(tmp_path / "checkpoint"), **SAME)
    assert (tmp_path / "x.jsonl").read_bytes() == invoke("-n", "60", *FLAGS, spec=BASE).out


def test_reader_that_has_gone_is_no_error() -> None:
    """The summary says so."""

    class Gone(io.BytesIO):
        def write(self, data: Any) -> int:
            raise BrokenPipeError

    assert datagen.run(BASE, Gone(), records=30, **SAME)["reason"] == "reader gone"
