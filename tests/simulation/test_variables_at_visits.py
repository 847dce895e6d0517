"""Variables at the visits of records: neighbouring ones of one group come together, a row for each assignment."""

from datagen.fields.base import parse_field
from datagen.simulation.variables_at_visits import Bundle, bundled
from tests.support.machines import ENDING, machine_of
from tests.support.processes import counter, shown


def test_neighbours_that_are_set_together_are_bundled() -> None:
    """Not what has nulls of its own, what other states set, nor what no variable is."""
    fields = [
        shown("a"),
        shown("b"),
        {"name": "n", "type": "counter"},
        {**shown("a"), "percent_nulls": 5},
        shown("c"),
        shown("b"),
    ]
    spec = {**ENDING, "emitters": [{"name": "e", "dimensions": fields}]}
    first, second = ENDING["states"]
    spec["states"] = [
        {**first, "variables": [counter("a"), counter("b")]},
        {**second, "variables": [counter("c")]},
    ]
    items = bundled([parse_field(each) for each in fields], machine_of(spec))
    found = [len(each.fields) if isinstance(each, Bundle) else str(each.name) for each in items]
    assert found == [2, "n", "a", 1, 1]
