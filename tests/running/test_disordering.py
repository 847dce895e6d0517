"""The disorder of a run, as it is read."""

import io
import json
from pathlib import Path

import pytest

from datagen.errors import SpecError, UsageError
from datagen.formats import JsonLines
from datagen.instants import NAIVE
from datagen.running.disordering import disorder_of, greatest_delay, read_disorder
from datagen.spec.parsing import parse_spec
from tests.support.machines import ENDING, Spec

SPEC, _ = parse_spec(ENDING, "x.json")
LATE: Spec = {"type": "late", "delay": {"type": "uniform", "min": 0, "max": 4}}


def read(name: str | None, raw: object) -> int:
    """Return how many effects there are."""
    effects, warnings = read_disorder(name, raw, "x.json", io.BytesIO(), SPEC, [JsonLines()])
    assert not warnings
    return len(effects)


def test_a_file_goes_before_the_specification(tmp_path: Path) -> None:
    """ "none" goes before both."""
    file = tmp_path / "e.json"
    file.write_text(json.dumps([LATE, LATE | {"name": "again"}]))
    assert read(None, None) == 0
    assert read(None, [LATE]) == 1
    assert read(str(file), [LATE]) == 2
    assert read("none", [LATE]) == 0


def test_problems_are_those_of_the_file_that_has_them(tmp_path: Path) -> None:
    """With the path there."""
    file = tmp_path / "e.json"
    file.write_text(json.dumps([LATE, {"type": "drop", "share": 2}]))
    with pytest.raises(SpecError) as raised:
        read(str(file), None)
    assert str(raised.value.problems[0]).startswith(f"{file}: [1].share: expected a probability")
    with pytest.raises(UsageError, match="--disorder -: stdin is for the specification"):
        read("-", None)


def test_delays_add_up() -> None:
    """To what a copy can be late at most."""
    effects, _ = read_disorder(None, [LATE, LATE | {"name": "x"}], "", io.BytesIO(), SPEC, [])
    assert greatest_delay(effects, SPEC) == 8_000_000
    assert disorder_of((), SPEC, 1, NAIVE) is None
    made = disorder_of(effects, SPEC, 1, NAIVE)
    assert made is not None
    assert made.names == ("late", "x")
