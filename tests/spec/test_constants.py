"""Literal values by name: fields that always have them, and where they count."""

from itertools import pairwise
from typing import Any

import pytest

from datagen.columns.column_type import BOOL, FLOAT, INT, NOTHING, TEXT
from datagen.language import Scope
from datagen.spec.constants import default_fields, literal_as_raw, literal_field
from datagen.spec.generator import Generator
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, spec_of
from tests.support.processes import activity, end, gateway, process_of, shown, start, static

AT = ("-s", "2025-01-01", "--seed", "1", "-q")


@pytest.mark.parametrize(
    ("value", "column_type"), [(3, INT), (2.5, FLOAT), (True, BOOL), ("x", TEXT), (None, NOTHING)]
)
def test_a_literal_has_the_type_of_its_value(value: Any, column_type: object) -> None:
    """Columns of files are typed by it."""
    field = literal_field("v", value)
    assert (field.name, field.column_type(Scope({}))) == ("v", column_type)
    assert literal_as_raw("v", value)["values"] == [value]


def test_constants_win_over_defaults() -> None:
    """Where both give a variable a value."""
    document = Generator.model_validate(
        turns(constants={"a": 1}, variable_defaults={"a": 20, "b": [3]})
    )
    made = {str(each.name): each.mean_characters() for each in default_fields(document)}
    assert made == {"a": 1, "b": 3}


def turns(**keys: Any) -> Spec:
    """Return a classic specification of two states in turn; the second sets `v`."""
    spec = spec_of(
        {"a": (constant(1), {"b": 1}), "b": (constant(1), {"a": 0.6, "stop": 0.4})},
        constant(0.7), [shown("v"), {**shown("o"), "name": "x", "field": "in"}],
    ) | keys  # fmt: skip
    spec["states"][1]["variables"] = [static("v", "set")]
    return spec


def test_a_default_holds_until_a_state_sets_the_variable() -> None:
    """And is not set again when the first state is entered again: in windows of any length."""
    spec = turns(constants={"v": "first"}, variable_defaults={"o": {"in": 7}})
    records = invoke(*AT, "-n", "4000", "-m", "1", spec=spec).records
    assert {record["x"] for record in records} == {7}
    pairs = [(one["v"], other["v"]) for one, other in pairwise(records)]
    assert {("first", "set"), ("set", "first"), ("set", "set")} == set(pairs)


def test_defaults_of_a_process_hold_from_the_start() -> None:
    """What the start sets on entry wins."""
    spec = process_of(
        start("a", constant(1)) | {"variables_on_entry": [static("v", "entry")]},
        activity("a", "end"), end(), e=[shown("v"), shown("w")],
    )  # fmt: skip
    spec |= {"constants": {"v": "constant", "w": 1}}
    assert invoke(*AT, "-n", "2", spec=spec).records == [{"v": "entry", "w": 1}] * 2


def test_a_default_is_told_as_set_and_comments_are_none() -> None:
    """No warning that the variable may be unset, and none of `_note` as a variable."""
    spec = process_of(
        start("pick"), gateway("pick", a=0.5, b=0.5), activity("a", "b", static("v", "x")),
        activity("b", "end"), end(), e=[shown("v")],
    )  # fmt: skip
    assert "may be unset" in invoke("--validate", spec=spec).err
    told = invoke("--validate", spec={**spec, "variable_defaults": {"v": "y", "_note": 1}})
    assert told.err == "stdin: ok: 5 states, 1 emitter\n"
    wrong = {
        **spec,
        "constants": {"_w": 1},
        "emitters": [{"name": "e", "dimensions": [shown("_w")]}],
    }
    assert 'no state sets a variable "_w"' in invoke("--validate", spec=wrong).err


@pytest.mark.parametrize("workers", ["1", "100"])
def test_defaults_come_through_a_resumed_run(workers: str, tmp_path: Any) -> None:
    """What a worker remembers of them is in the checkpoint."""
    spec, file = turns(constants={"v": "first", "o": {"in": 1}}), str(tmp_path / "checkpoint")
    whole = invoke(*AT, "-n", "900", "-m", workers, spec=spec).out
    parts = [
        invoke(*AT, "-n", "300", "-m", workers, "--resume", file, spec=spec).out for _ in range(3)
    ]
    assert b"".join(parts) == whole
