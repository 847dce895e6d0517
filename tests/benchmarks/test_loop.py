"""The plain loop writes what a preset writes: the same fields, of the same types, about as long."""

import io
import json
from functools import cache
from typing import Any

import pytest

from benchmarks.loop import preset, write
from benchmarks.presets import TARGETS, compared_presets
from tests.support.helpers import invoke

NUMBER = 3000


@cache
def records_of(name: str) -> tuple[list[Any], list[Any]]:
    """Return records of the loop, and of the generator."""
    out = io.StringIO()
    write(preset(name), NUMBER, out)
    made = invoke("-c", name, "-n", str(NUMBER), "-s", "2027-03-12", "--seed", "1", "-q").out
    loop = out.getvalue()
    return [*map(json.loads, loop.splitlines())], [*map(json.loads, made.splitlines())]


def types_of(records: list[Any]) -> dict[str, set[type]]:
    """Return the types of values that are not null, by field."""
    found: dict[str, set[type]] = {}
    for record in records:
        for name, value in record.items():
            types = found.setdefault(name, set())
            if value is not None:
                types.add(type(value))
    return found


def test_each_preset_has_a_target() -> None:
    """A new preset needs its line."""
    assert compared_presets() == sorted(TARGETS)


@pytest.mark.parametrize("name", compared_presets())
def test_same_fields(name: str) -> None:
    """With values of the same types; a rare kind of record may be missing among the first ones."""
    loop, made = map(types_of, records_of(name))
    assert {field: loop[field] for field in made} == made
    assert loop.keys() <= preset(name).fields


@pytest.mark.parametrize("name", compared_presets())
def test_same_size(name: str) -> None:
    """Bytes a record differ by less than a tenth."""
    sizes = [len(json.dumps(each)) for each in records_of(name)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1)
