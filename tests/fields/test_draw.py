"""The visits of a draw: some of them, repeated ones, and what expressions see at each."""

from dataclasses import replace

import numpy as np
import pytest

from datagen.columns.scalar import IntColumn
from datagen.fields import Context, Draw
from datagen.randomness import mix, seed_word, uniform


def draw_of(size: int) -> Draw:
    """Return a draw of some visits."""
    rows = np.arange(size)
    return Draw(mix(rows.astype(np.uint64)), rows, rows, ("x",), Context(seed_word(1)))


def test_draws_of_some_visits_are_those_of_all() -> None:
    """A value depends on its visit alone."""
    draw, places = draw_of(10), np.array([7, 2])
    assert draw.take(places).stream("value").tolist() == draw.stream("value")[places].tolist()
    assert draw.take(places).rows.tolist() == [7, 2]


def test_repeated_visits_have_draws_of_their_own() -> None:
    """The first place of a visit does not depend on how many there are."""
    few, many = draw_of(3).repeat(np.array([1, 0, 2])), draw_of(3).repeat(np.array([3, 1, 1]))
    assert few.rows.tolist() == [0, 2, 2]
    assert len(set(many.bits.tolist())) == 5
    assert few.bits[:2].tolist() == many.bits[[0, 4]].tolist()


def test_visits_of_some_visits_are_those_of_all() -> None:
    """However often a part is taken, instants, rows and draws are those of the visits."""
    draw = draw_of(10).take(np.array([7, 2, 4])).repeat(np.array([1, 0, 2])).take(np.array([2, 0]))
    assert draw.times.tolist() == draw.rows.tolist() == [4, 7]
    whole = replace(draw_of(10), all_rows=None)
    assert whole.rows.tolist() == list(range(10))
    assert whole.take(np.array([3])).rows.tolist() == [3]


@pytest.mark.parametrize("size", [0, 5, 20_000])
def test_samples_are_those_of_the_whole_stream(size: int) -> None:
    """Though they are made block by block."""
    draw = draw_of(size)
    assert np.array_equal(draw.samples("value", uniform), uniform(draw.stream("value")))
    assert np.array_equal(draw.happens("value", 30), uniform(draw.stream("value")) < 0.3)


def test_the_innermost_scope_comes_first() -> None:
    """More may be put into it while it is used; a name in none is unknown."""
    own: dict[str, IntColumn] = {}
    outer = {"a": IntColumn(np.array([1, 2, 3])), "b": IntColumn(np.array([4, 5, 6]))}
    inside = draw_of(3).inside(outer).inside(own)
    assert inside.named("a").to_python(None) == [1, 2, 3]
    own["a"] = IntColumn(np.array([7, 8, 9]))
    assert inside.named("a").to_python(None) == [7, 8, 9]
    assert inside.named("b").to_python(None) == [4, 5, 6]
    with pytest.raises(KeyError):
        inside.named("c")


def test_scopes_follow_the_visits() -> None:
    """Some of them, and each at several places; a scope that is added later has values for these."""
    outer = {"a": IntColumn(np.array([1, 2, 3]))}
    some = draw_of(3).inside(outer).take(np.array([2, 0])).repeat(np.array([2, 1]))
    assert some.named("a").to_python(None) == [3, 3, 1]
    again = some.inside({"b": IntColumn(np.array([5, 6, 7]))}).take(np.array([1, 2]))
    assert again.named("a").to_python(None) == [3, 1]
    assert again.named("b").to_python(None) == [6, 7]
