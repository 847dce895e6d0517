"""Visits become batches: which records they make, and what counters and sets of values do."""

from datagen.instants import NAIVE
from datagen.simulation.pool import Pool
from datagen.simulation.records import Records
from datagen.spec.parsing import parse_spec
from tests.support.machines import ENDING, Spec, constant, machine_of, spec_of

MINUTE = 60_000_000
COUNTING = spec_of({"a": (constant(1), {"a": 1})}, constant(1), [{"name": "n", "type": "counter"}])


def records_of(spec: Spec, windows: int, end: int = MINUTE) -> list[list[int]]:
    """Return the instants of the records of the first windows, by window."""
    machine = machine_of(spec)
    made, pool = Records(machine, NAIVE), Pool(machine, 0, 5, end)
    found = []
    for _, visits in zip(range(windows), pool.windows(), strict=False):
        found.append(made.batch(visits).times.tolist())
    return found


def test_records_are_in_the_order_of_time() -> None:
    """Within a window, and from one to the next."""
    times = [time for window in records_of(ENDING, 99) for time in window]
    assert len(times) > 100
    assert times == sorted(times)


def test_a_state_without_an_emitter_makes_no_record() -> None:
    """Its visits are walked all the same."""
    silent = spec_of({"a": (constant(1), {"b": 1}), "b": (constant(1), {"a": 1})}, constant(1))
    del silent["states"][0]["emitter"]
    every, half = (
        sum(map(len, records_of(spec, 99)))
        for spec in (spec_of({"a": (constant(1), {"a": 1})}, constant(1)), silent)
    )
    assert 0 < half <= every / 2 + 5


def test_counters_count_on_from_window_to_window() -> None:
    """A cursor holds them: what resumes from it goes on with the next number."""
    machine = machine_of(COUNTING)
    made, pool = Records(machine, NAIVE), Pool(machine, 0, 5, MINUTE)
    numbers: list[int] = []
    for visits in pool.windows():
        (group,) = made.batch(visits).groups
        column = group.column("n")
        assert column is not None
        numbers += column.to_python(None)
    assert numbers == list(range(len(numbers)))
    again = Records(machine, NAIVE)
    again.resume(made.cursor(pool.cursors).counters)
    assert again.cursor(pool.cursors) == made.cursor(pool.cursors)


def test_sets_of_values_that_cannot_be_made_are_told_with_their_place() -> None:
    """All of them, before the first record."""
    field = {"name": "x", "type": "int", "distribution": constant(1), "cardinality": 3,
             "cardinality_distribution": constant(0)}  # fmt: skip
    spec = spec_of({"a": (constant(1), {"a": 1})}, constant(1), [field])
    checked, other = (parse_spec(each, "test.json")[0] for each in (spec, ENDING))
    made = Records(machine_of(spec), NAIVE)
    assert made.prepare(checked.field_lists()) == [
        (
            ("emitters", 0, "dimensions", 0, "cardinality"),
            "only 1 different values are possible, not 3",
        )
    ]
    assert Records(machine_of(ENDING), NAIVE).prepare(other.field_lists()) == []
