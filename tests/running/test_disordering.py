"""The disorder of a run, as it is read."""

import io
import json
from pathlib import Path

import pytest

from datagen.errors import SpecError, UsageError
from datagen.formats import JsonLines
from datagen.instants import NAIVE
from datagen.running.disordering import disorder_of, greatest_delay, read_disorder
from datagen.spec.generator import Generator
from datagen.spec.parsing import parse_spec
from tests.support.machines import ENDING, Spec

LATE: Spec = {"type": "late", "delay": {"type": "uniform", "min": 0, "max": 4}}


def spec_with(*effects: Spec) -> Generator:
    """Return a specification with effects."""
    return parse_spec({**ENDING, "disorder": list(effects)}, "x.json")[0]


def read(name: str | None, *effects: Spec) -> int:
    """Return how many effects there are."""
    spec = spec_with(*effects)
    found, warnings = read_disorder(name, spec, "x.json", io.BytesIO(), [JsonLines()])
    assert not warnings
    return len(found)


def test_a_file_goes_before_the_specification(tmp_path: Path) -> None:
    """ "none" goes before both."""
    file = tmp_path / "e.json"
    file.write_text(json.dumps([LATE, LATE | {"name": "again"}]))
    assert read(None) == 0
    assert read(None, LATE) == 1
    assert read(str(file), LATE) == 2
    assert read("none", LATE) == 0


def test_problems_are_those_of_the_file_that_has_them(tmp_path: Path) -> None:
    """With the path there."""
    file = tmp_path / "e.json"
    file.write_text(json.dumps([LATE, {"type": "drop", "share": 2}]))
    with pytest.raises(SpecError) as raised:
        read(str(file))
    assert str(raised.value.problems[0]).startswith(f"{file}: [1].share: expected a probability")
    with pytest.raises(UsageError, match="--disorder -: stdin is for the specification"):
        read("-")


def test_delays_add_up() -> None:
    """To what a copy can be late at most."""
    spec = spec_with(LATE, LATE | {"name": "x"})
    assert greatest_delay(spec.disorder, spec) == 8_000_000
    assert disorder_of(spec.disorder, spec, 1, NAIVE).names == ("late", "x")
