"""What is the same in all windows of a run: the values that variables pick from, and what states set."""

import numpy as np

from datagen.fields import FIELDS, Context, Draw
from datagen.randomness import mix, seed_word
from datagen.simulation.fixed_values import FixedValues, RunVariables
from datagen.simulation.machine import Setter
from tests.support.machines import Spec, machine_of

ABSENT = object()


def enum(*values: object, **more: object) -> Spec:
    """Return an `enum` whose values are as likely."""
    pick = {"type": "uniform", "min": 0, "max": len(values) - 1}
    return {"type": "enum", "values": list(values), "cardinality_distribution": pick, **more}


def setter(field: Spec, *path: str) -> Setter:
    """Return a setter by a field generator."""
    return Setter(FIELDS.parse({"name": "v", **field}), path)


def draw_for(each: Setter) -> Draw:
    """Return a draw of 200 visits for a setter."""
    rows = np.arange(200)
    return Draw(mix(rows.astype(np.uint64)), rows, None, each.path, Context(seed_word(1)))


def test_setters_pick_from_one_column() -> None:
    """Each finds there what it would give alone, nulls and missing values included."""
    setters = [
        setter(enum("a", "b"), "s"),
        setter(enum(1, {"k": 2}, percent_nulls=30, percent_missing=10), "t"),
        setter({"type": "string:static", "value": "x"}, "u"),
    ]
    fixed = FixedValues(setters, Context(seed_word(1)))
    for each in setters:
        draw = draw_for(each)
        picks = fixed.picks(each, draw)
        assert picks is not None
        assert fixed.at(picks).to_python(ABSENT) == each.field.column(draw).to_python(ABSENT)


def test_other_setters_pick_from_nothing() -> None:
    """They make a column of their own."""
    made = setter({"type": "uuid"}, "s")
    fixed = FixedValues([made], Context(seed_word(1)))
    assert fixed.picks(made, draw_for(made)) is None
    assert len(fixed.column) == 0


def test_sets_of_members_are_picked_from() -> None:
    """Beside literal values too."""
    members = setter({"type": "uuid", "cardinality": 3,
                      "cardinality_distribution": {"type": "uniform", "min": 0, "max": 2}}, "s")  # fmt: skip
    context = Context(seed_word(1))
    fixed = FixedValues([members, setter(enum("a"), "t")], context)
    draw = Draw(draw_for(members).bits, np.arange(200), None, members.path, context)
    picks = fixed.picks(members, draw)
    assert picks is not None
    assert fixed.at(picks).text.to_pylist() == members.field.column(draw).text.to_pylist()
    assert len(fixed.column) == 4


def test_run_knows_its_groups() -> None:
    """Which kind a state is of, whether counters count, and which emitters always set a group."""

    def state(name: str, *variables: Spec) -> Spec:
        return {"name": name, "emitter": name[0], "variables": list(variables),
                "transitions": [{"next": each, "probability": 0.25} for each in ("a1", "a2", "b1", "stop")]}  # fmt: skip

    v, c = {"name": "v", **enum(1)}, {"name": "c", "type": "counter"}
    shown = [{"name": name, "type": "variable", "variable": name} for name in ("v", "c")]
    spec = {
        "states": [state("a1", v, c), state("a2", v), state("b1", c)],
        "emitters": [{"name": name, "dimensions": shown} for name in ("a", "b")],
        "interarrival": {"type": "constant", "value": 1},
    }
    machine = machine_of(spec)
    run = RunVariables(machine, Context(seed_word(1)))
    of_v, of_c = machine.group_of["v"], machine.group_of["c"]
    assert (run.counting[of_v], run.counting[of_c]) == (False, True)
    assert [set(run.always_set[each]) for each in (of_v, of_c)] == [{0}, {1}]
    assert run.kinds[of_v].tolist()[:2] == [0, 1]
    assert run.fixed("v") is run.fixed("v")
