"""The file of a report is replaced in one step, or refused before a run."""

import json
from pathlib import Path

import pytest

from datagen.errors import OperationError
from datagen.file_set import FileSet
from datagen.inspection.report_figures import Report
from datagen.inspection.report_file import ReportFile
from tests.inspection.test_report_figures import MADE


def test_json(tmp_path: Path) -> None:
    """Nothing is left beside."""
    ReportFile(str(tmp_path / "r.json")).write(Report(MADE, (), ()))
    assert [each.name for each in tmp_path.iterdir()] == ["r.json"]
    assert json.loads((tmp_path / "r.json").read_text())["verdict"] == "not tested"


def test_what_cannot_be_written(tmp_path: Path) -> None:
    """It is said before anything is made."""
    with pytest.raises(OperationError, match=r"--report .*/no/r\.json: there is no folder"):
        ReportFile(str(tmp_path / "no" / "r.json"))
    (tmp_path / "d.json").mkdir()
    with pytest.raises(OperationError, match="cannot be written"):
        ReportFile(str(tmp_path / "d.json"))
    path = str(tmp_path / "r.json")
    with pytest.raises(OperationError, match="already used for the summary"):
        ReportFile(path).reject_overlap(FileSet("summary", (path,)))
