"""What a machine knows of paths that depend on values."""

from datagen.language import Expression
from datagen.simulation.decisions import Choice
from tests.support.conditions import machine_of_values


def test_conditions_that_are_expressions_are_told() -> None:
    """In order, each once; else is none, nor is what has no condition."""
    a, b = Expression("a"), Expression("b")
    conditions = (a, "else", None, b, Expression("a"))
    assert Choice((0, 1, 2, 3, 0), (1, 1, 1, 1, 1), conditions, 4).expressions == (a, b)


def test_states_that_end_a_run_come_last() -> None:
    """One for each state that looks at values, whose name it has."""
    machine = machine_of_values(when="n > 3")
    assert machine.decisions is not None
    assert machine.names == ("a", "b", "a")
    assert machine.own_states == 2
    assert machine.emitter_of.tolist()[2] == -1
    assert [each.state for each in machine.decisions.lost] == ["a"]
    assert machine.decisions.lost[0].names == ("n",)


def test_a_machine_that_looks_at_no_values_pays_nothing() -> None:
    """It has no decisions, and no states but its own."""
    machine = machine_of_values(when=None)
    assert machine.decisions is None
    assert machine.own_states == len(machine.names) == 2
