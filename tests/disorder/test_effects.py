"""The keys of effects, their names, and what each of them delays."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from datagen.disorder.effects import EFFECTS, MAX_EFFECTS, Effects, effect_names
from datagen.validation import messages_of
from tests.support.disorder import effects_of

LATE = {"type": "late", "delay": 5}


def refusals(*raw: Any) -> list[tuple[Any, str]]:
    """Return what is wrong with a list of effects."""
    with pytest.raises(ValidationError) as error:
        TypeAdapter(Effects).validate_python(list(raw))
    return messages_of(error.value)


def test_an_effect_without_a_name_is_called_by_its_type_and_rank() -> None:
    """Among those of its type without one, so that one with a name may come between."""
    drop, named = {"type": "drop"}, {"type": "late", "name": "slow", "delay": 1}
    assert effect_names(effects_of(LATE, drop, LATE, LATE)) == ["late", "drop", "late-2", "late-3"]
    assert effect_names(effects_of(named, LATE, drop)) == ["slow", "late", "drop"]
    assert effect_names(effects_of()) == []


def test_two_effects_have_no_name_in_common() -> None:
    """They would draw the same."""
    named = {"type": "drop", "name": "late-2"}
    text = '"late-2" is the name of effect 2 too, and draws follow from names'
    assert refusals(LATE, LATE, named) == [((2, "name"), text)]
    assert refusals(named, LATE, LATE) == [((2, "name"), '"late-2" is the name of effect 1 too, and draws follow from names')]  # fmt: skip


def test_there_is_a_bit_for_each_effect() -> None:
    """And no more."""
    many = [{**LATE, "name": str(number)} for number in range(MAX_EFFECTS + 1)]
    assert len(effects_of(*many[:-1])) == MAX_EFFECTS
    assert refusals(*many) == [((MAX_EFFECTS,), "65 effects; at most 64 are possible")]


@pytest.mark.parametrize(
    ("raw", "path", "text"),
    [
        ({}, (0, "type"), "missing; one of late, duplicate, drop, skew, outage, corrupt"),
        ({"type": "lost"}, (0, "type"), 'no effect "lost"; one of late, duplicate, drop, skew, outage, corrupt'),
        ({"type": "late"}, (0, "delay"), "missing"),
        ({"type": "late", "delay": 1, "shares": 1}, (0, "shares"), 'unknown key; did you mean "share"?'),
        ({"type": "drop", "share": 2}, (0, "share"), "expected a probability from 0 to 1, not 2"),
        ({"type": "drop", "when": "1 +"}, (0, "when"), "column 4: ends too early"),
        ({"type": "skew"}, (0, "offset"), 'missing; or give "drift"'),
        ({"type": "outage", "period": "x"}, (0, "then"), "missing"),
        ({"type": "outage", "period": "x", "then": "drop", "over": 1}, (0, "over"),
         'is for "then": "flush"; what is dropped takes no time'),
        ({"type": "corrupt"}, (0, "how"), "missing"),
        ({"type": "corrupt", "how": "chew"}, (0, "how"),
         'expected "truncate", "bytes", "type", "duplicate_key" or "encoding", not "chew"'),
        ({"type": "duplicate", "copies": {"type": "poisson", "mean": 1}}, (0, "copies"),
         'has no greatest value; give it "max": expected at most 1,000 copies'),
        ({"type": "duplicate", "copies": 1001}, (0, "copies"), "is up to 1001: expected at most 1,000 copies"),
        ("late", (0,), 'expected an object such as {"type": "late", ...}, not "late"'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(raw: Any, path: Any, text: str) -> None:
    """A sentence for each."""
    ((found, message),) = refusals(raw)
    assert found == path
    assert message == text


def test_delays_of_each() -> None:
    """The greatest one, and the mean: times the share, times the copies, at the worst in an outage."""
    lengths = {"night": 60_000_000}
    raw: list[dict[str, Any]] = [
        {"type": "late", "share": 0.5, "delay": {"type": "uniform", "min": 0, "max": 4}},
        {"type": "duplicate", "copies": {"type": "uniform", "min": 1, "max": 3}, "delay": "10S"},
        {"type": "drop"},
        {"type": "skew", "offset": 900},
        {"type": "outage", "period": "night", "then": "flush", "over": "1M", "share": 0.1},
        {"type": "outage", "period": "night", "then": "drop"},
        {"type": "corrupt", "how": "bytes"},
    ]
    effects = effects_of(*raw)
    assert {each.type for each in effects} == {*EFFECTS}
    assert [each.greatest_delay(lengths) // 1_000_000 for each in effects] == [
        4,
        10,
        0,
        0,
        120,
        0,
        0,
    ]
    means = [each.mean_delay(lengths) / 1e6 for each in effects]
    assert means == pytest.approx([1, 20, 0, 0, 6, 0, 0])
