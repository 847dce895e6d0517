"""What windows hand on is settled without making their records, and is what making them gives."""

from itertools import islice
from typing import Any

import pytest

from datagen.formats.variable_texts import VariableTexts
from datagen.instants import NAIVE, SECOND, parse_instant
from datagen.simulation.settling import reduction_of
from datagen.simulation.source import Simulation
from datagen.spec.parsing import parse_spec
from tests.guarantees.kill import counting
from tests.running.test_plan import plan
from tests.support.machines import ENDING, Spec, machine_of, spec_of
from tests.support.machines import exponential as every
from tests.support.processes import activity, counter, end, gateway, process_of, shown, start

BEGIN = parse_instant("2027-03-12").micros
TEXT = {"name": "trail", "type": "variable:template", "template": "{{ trail }}{{ step }}"}
COUNT = {"name": "step", "type": "counter"}
OTHER = {"name": "other", "type": "string", "length_distribution": every(5), "chars": "ab"}


def templates() -> Spec:
    """Return workers that write down each step, in a text that grows; and that remember what nobody counts."""
    spec = spec_of(
        {"a": (every(5), {"b": 1}), "b": (every(9), {"b": 0.8, "stop": 0.2})},
        every(3),
        [shown("trail"), shown("other"), {"name": "n", "type": "counter", "percent_missing": 30}],
    )
    spec["states"][0]["variables"] = [
        {"name": "trail", "type": "string:static", "value": ">"},
        OTHER,
    ]
    spec["states"][1]["variables"] = [COUNT, TEXT]
    return spec


def process() -> Spec:
    """Return a process that counts in two variables, of which one is never seen."""
    return process_of(
        start("work"),
        activity("work", "more", counter("n"), counter("unseen")),
        gateway("more", work=0.7, end=0.3),
        end(),
        e=[shown("n"), {"name": "l", "type": "list", "elements": [COUNT], "length_distribution": every(2),
                        "selection_distribution": {"type": "constant", "value": 0}}],
    )  # fmt: skip


SPECS = {"counting": counting(), "templates": templates(), "process": process(), "plain": ENDING}


def simulation(spec: Any) -> Simulation:
    """Return a prepared source of batches."""
    checked, _ = parse_spec(spec, "test.json")
    made = Simulation(checked, plan(), NAIVE, VariableTexts(checked.variable_types))
    assert made.prepare() == []
    return made


def windows(source: Simulation, size: int) -> Any:
    """Return some windows."""
    stream = source.begin(BEGIN, BEGIN + 600 * SECOND, lambda: False)
    stream.request_window_size(size)
    return islice(stream.windows(), 20)


@pytest.mark.parametrize("size", [7, 100])
@pytest.mark.parametrize("name", SPECS)
def test_settled_windows_give_the_same_records_in_any_order(name: str, size: int) -> None:
    """What another process gets with a window is all that it takes; the cursors are those of batches."""
    usual, settling, other = (simulation(SPECS[name]) for _ in range(3))
    batches = [usual.batch(window) for window in windows(usual, size)]
    handed = [settling.hand_over(window) for window in windows(settling, size)]
    assert len(batches) == len(handed) >= 10
    found = {place: other.batch_of(handed[place].work) for place in reversed(range(len(handed)))}
    for place, (batch, window) in enumerate(zip(batches, handed, strict=True)):
        assert lines(found[place]) == lines(batch)
        assert batch.cursor is not None and window.cursor is not None
        assert window.cursor.to_json() == batch.cursor.to_json()


def lines(batch: Any) -> bytes:
    """Return the records of a batch as JSON."""
    from datagen.formats import JsonLines

    return bytes(JsonLines().compile(plan().spec).render(batch).data)  # type: ignore[union-attr]


def test_machine_that_hands_nothing_on_is_reduced_to_nothing() -> None:
    """Then nothing is settled, whatever it remembers."""
    spec = spec_of({"a": (every(5), {"a": 0.8, "stop": 0.2})}, every(3), [shown("other")])
    spec["states"][0]["variables"] = [OTHER]
    assert reduction_of(machine_of(spec)).is_empty


def test_only_what_counts_is_left() -> None:
    """A variable that no counter and no template needs costs nothing."""
    reduced = reduction_of(machine_of(templates())).machine
    assert {name for group in reduced.variable_groups for name in group.variables} == {
        "trail",
        "step",
    }
    assert [[field.name for field in each.dimensions] for each in reduced.emitters] == [["n"]]
