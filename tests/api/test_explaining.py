"""What a run will make, for programs: the figures that the command shows."""

import json
from pathlib import Path

import pytest

import datagen
from tests.support.bad_input import BASE
from tests.support.helpers import invoke

FLAGS = ("-r", "1H", "-s", "2027-03-12", "--seed", "1", "-q")


@pytest.mark.parametrize("form", ["text", "json"])
def test_forms_are_those_of_the_command(form: str) -> None:
    """Word for word; what is given counts."""
    explained = datagen.explain("example", duration="1H", start="2027-03-12", seed=1)
    assert explained.shown(form) == invoke("-c", "example", *FLAGS, "--explain", form).out.decode()
    assert str(explained) == explained.shown()
    assert explained.to_dict() == json.loads(explained.shown("json"))
    assert explained.figures.run.limited_by == "time"
    longer = datagen.explain("example", duration="2H", start="2027-03-12", seed=1)
    assert longer.figures.run.records > explained.figures.run.records


def test_explanation_is_that_of_the_rate() -> None:
    """And of a limit of bytes."""
    given = ("--rate", "40/s", "--bytes", "1MB", *FLAGS[2:])
    explained = datagen.explain("example", rate="40/s", bytes="1MB", start="2027-03-12", seed=1)
    assert explained.shown() == invoke("-c", "example", *given, "--explain").out.decode()
    assert explained.to_dict()["rate"]["mean"] == pytest.approx(40, rel=0.01)


def test_form_that_does_not_exist_is_refused() -> None:
    """With what may be meant."""
    with pytest.raises(ValueError, match='no form "jsn"; did you mean "json"'):
        datagen.explain(BASE).shown("jsn")


def test_replay_is_explained_by_its_records(tmp_path: Path) -> None:
    """As the command does."""
    (tmp_path / "x.csv").write_text("t\n2027-01-01\n")
    replay = {
        "type": "replay",
        "source_file": str(tmp_path / "x.csv"),
        "source_format": "csv",
        "time_field": "t",
    }
    assert datagen.explain(replay).to_dict()["rows"] == 1


def test_mistake_is_an_error() -> None:
    """As everywhere."""
    with pytest.raises(datagen.Error, match="specification: states: expected a list"):
        datagen.explain({**BASE, "states": 1})
