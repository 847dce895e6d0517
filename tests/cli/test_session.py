"""A run as a person sees it: its files, its schema, and what a signal makes of its end."""

import io
import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from datagen.cli.console import Console
from datagen.cli.session import other_files, run_to_end, show_schema, summary_file
from datagen.cli.signals import Interruption
from datagen.errors import OperationError, SignalError, SpecError
from datagen.running.options import Request
from datagen.running.pipeline import Run
from datagen.spec.parsing import parse_spec
from datagen.targets.files.target import FileTarget
from tests.running.test_plan import NOW, plan
from tests.support.machines import Spec, constant, spec_of


def ran(request: Request, number: int = 0) -> tuple[str, int]:
    """Run ten records, interrupted by a signal before the first one; give what was said, and the signal."""
    err = io.StringIO()
    run = Run(plan(max_records=10))
    signals = Interruption()
    signals.signal = number
    try:
        run_to_end(run, run.plan.start_at(NOW), request, io.BytesIO(), Console(err), signals)
    except SignalError as error:
        return err.getvalue(), error.number
    return err.getvalue(), 0


def test_summary_is_for_people_unless_they_want_quiet() -> None:
    """Two lines at the end."""
    assert "\n10 records, " in ran(Request())[0]
    assert ran(Request(quiet=True))[0] == ""


@pytest.mark.parametrize("flag", ["validate", "avro_schema", "ddl"])
def test_what_runs_nothing_has_no_summary(flag: str) -> None:
    """Then the file is not even looked for."""
    request = Request(summary="/no/such/folder/x")
    with summary_file(replace(request, **{flag: True}), 1):  # type: ignore[arg-type]
        pass
    with (
        pytest.raises(OperationError, match="summary"),
        summary_file(request, 1),
    ):
        pass


def test_summary_does_not_overwrite_what_the_run_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The specification, for example, or the checkpoint."""
    monkeypatch.chdir(tmp_path)
    Path("spec.json").write_text("{}")
    with pytest.raises(
        OperationError, match="this file is already used for the description of the run"
    ):
        summary_file(Request(config="spec.json", summary="spec.json"), 1)
    with pytest.raises(OperationError, match="this file is already used for the checkpoint"):
        summary_file(Request(resume="ck", summary="ck"), 1)


def test_files_of_a_run_are_known_by_what_they_are_for(tmp_path: Path) -> None:
    """So that no checkpoint takes the place of one."""
    request = Request(summary=str(tmp_path / "s"))
    made = plan(target=FileTarget(path=str(tmp_path / "out")))
    by_use = {files.what: files for files in other_files(request, made)}
    assert str(tmp_path / "out") in by_use["records"]
    assert str(tmp_path / "s") in by_use["summary"]
    assert str(tmp_path / "out") not in by_use["summary"]


def schema(dimensions: list[Spec], stdout: BinaryIO) -> None:
    """Write the schema of records with these dimensions."""
    spec, _ = parse_spec(spec_of({"a": (constant(1), {"a": 1})}, constant(1), dimensions), "t.json")
    show_schema(plan(spec=spec), stdout, Console(io.StringIO()))


def test_schema_is_json_of_the_records() -> None:
    """Whatever format the plan has."""
    out = io.BytesIO()
    schema([{"name": "id", "type": "uuid"}], out)
    assert [field["name"] for field in json.loads(out.getvalue())["fields"]] == ["time", "id"]


def test_records_without_a_schema_are_refused() -> None:
    """Two names that Avro writes alike, for example; nothing is written."""
    out = io.BytesIO()
    with pytest.raises(SpecError):
        schema([{"name": "a b", "type": "uuid"}, {"name": "a-b", "type": "uuid"}], out)
    assert out.getvalue() == b""


def test_run_that_a_signal_ended_says_so() -> None:
    """By an error, after the summary."""
    told, number = ran(Request(), signal.SIGTERM)
    assert number == signal.SIGTERM
    assert " records, " in told
