"""Parts of states become visits: what joins the visit before it, what begins its own, and the names."""

from dataclasses import dataclass

import pytest

from datagen.distributions.continuous import Constant
from datagen.fields.base import Field, parse_field
from datagen.spec.merging import ON_ENTRY, MergedState, Part, merged_states
from datagen.spec.transitions import Transition
from tests.support.processes import static

WAIT = Constant(value=1)


@dataclass(frozen=True)
class State:
    """A state of given parts; what may come next is equally likely."""

    name: str
    made_of: tuple[Part, ...]
    nexts: tuple[str, ...]

    def parts(self) -> tuple[Part, ...]:
        return self.made_of

    def flows(self) -> list[Transition]:
        return [Transition(next=name, probability=1 / len(self.nexts)) for name in self.nexts]


def fields(name: str) -> list[Field]:
    """Return one variable."""
    return [parse_field(static(name, "x"))]


def record(name: str, *nexts: str) -> State:
    """Return a state that emits."""
    return State(name, (Part(emitters=("e",), begins=True),), nexts)


def timer(name: str, following: str) -> State:
    """Return a state that waits."""
    return State(name, (Part(wait=WAIT),), (following,))


def choice(name: str, *nexts: str) -> State:
    """Return a state that chooses."""
    return State(name, (Part(chooses=True),), nexts)


def merged(*states: State) -> dict[str, MergedState]:
    """Return what becomes of states, workers beginning at the first."""
    return {each.name: each for each in merged_states(states, [states[0].name])}


def ways(state: MergedState) -> list[str]:
    """Return the names of what may come next."""
    return [each.next for each in state.exits]


def test_a_wait_and_a_choice_join_the_record_before_them() -> None:
    """In this order: the machine then waits, and then chooses."""
    made = merged(record("a", "t"), timer("t", "g"), choice("g", "a", "end"), State("end", (), ()))
    assert list(made) == ["a"]
    assert (made["a"].wait, ways(made["a"])) == (WAIT, ["a", "end"])


@pytest.mark.parametrize(
    ("second", "names"),
    [
        (record("b", "end"), ["a", "b"]),
        (State("b", (Part(fields("v"), wait=WAIT),), ("end",)), ["a", "b"]),
        (State("b", (Part(fields("v"), chooses=True),), ("end",)), ["a", "b"]),
        (State("b", (Part(defaults=fields("v")),), ("end",)), ["a", "b"]),
        (State("b", (Part(wait=WAIT), Part(fields("v"))), ("end",)), ["a", "b (2)"]),
    ],
)
def test_what_sets_or_emits_begins_a_visit(second: State, names: list[str]) -> None:
    """What came before is shown by records that were made before; a wait before it joins."""
    assert sorted(merged(record("a", "b"), second, State("end", (), ()))) == names


def test_parts_of_a_state_follow_each_other() -> None:
    """The last of them leads on; its place and its list are those of the file."""
    both = State("b", (Part(fields("v"), ON_ENTRY, wait=WAIT), Part(fields("w"))), ("a", "end"))
    made = merged(record("a", "b"), both, State("end", (), ()))
    assert [(name, ways(each)) for name, each in made.items()] == [
        ("a", ["b"]), ("b", ["b (2)"]), ("b (2)", ["a", "end"]),
    ]  # fmt: skip
    assert [(each.index, each.part.key) for each in made.values()] == [
        (0, "variables"), (1, "variables_on_entry"), (1, "variables"),
    ]  # fmt: skip


def test_names_of_further_parts_are_nobody_elses() -> None:
    """Even where a state has the very name."""
    both = State("a", (Part(fields("v")), Part(fields("w"))), ("a (2)",))
    made = merged(both, record("a (2)", "a"))
    assert sorted(made) == ["a", "a (2)", "a (2)'"]
    assert ways(made["a (2)'"]) == ["a (2)"]


def test_a_wait_that_is_led_to_twice_stands_alone_too() -> None:
    """It joins the record before it, and is a visit for whoever comes another way."""
    made = merged(choice("g", "a", "t"), record("a", "t"), timer("t", "end"), State("end", (), ()))
    assert list(made) == ["g", "t", "a"]
    assert made["a"].wait == made["t"].wait == WAIT
