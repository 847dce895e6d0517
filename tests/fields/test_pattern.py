"""Texts of regular expressions through the whole program."""

import re
from collections import Counter

import pytest
from scipy.stats import chisquare

from datagen.fields.regular import parse_regular
from tests.support.fields import columns, firsts, limited, refusal, values
from tests.support.machines import Spec


def pattern(text: str) -> Spec:
    """Return a field of such texts."""
    return {"type": "pattern", "pattern": text}


@pytest.mark.parametrize(
    "text",
    [
        r"[A-Z]{2}\d{6}", r"(GET|POST) /[a-z]{3,8}(/\d{1,4})?", r"\S{4}\D\W.", "(?P<n>é|ü[à-ð]){0,3}€", "[☀😀a]{1,9}", "a{1000}",
        r"((a|b{0,3}){2}c?){0,20}",
    ],
)  # fmt: skip
def test_values_match(text: str) -> None:
    """As a whole, with characters of any width."""
    found = values(pattern(text), 500)
    assert all(re.fullmatch(text, value) for value in found)


@pytest.mark.statistical
@pytest.mark.parametrize(
    "text", ["(a|b|cc){0,2}d?", "[ab]{1,3}|x{2,4}", "(?:a|bc){2}(c|)", "(☀|a[bé]){1,2}"]
)
def test_each_choice_is_as_likely(text: str) -> None:
    """Chi-squared of all texts at seed 5, at the level 1e-6."""
    chances = parse_regular(text).texts()
    counts = Counter(values(pattern(text), 20_000))
    assert counts.keys() <= chances.keys()
    expected = [20_000 * chance for chance in chances.values()]
    assert chisquare([counts[each] for each in chances], expected).pvalue > 1e-6


def test_characters_are_independent() -> None:
    """Of two digits, each pair is as likely; chi-squared at seed 5, at the level 1e-6."""
    counts = Counter(values(pattern(r"\d\d"), 20_000))
    assert chisquare([counts[f"{n:02}"] for n in range(100)]).pvalue > 1e-6


def test_texts_that_take_blocks_of_their_own() -> None:
    """A window of long texts is made in pieces."""
    found = values(pattern("[ab]{900}c{0,100}"), 2000)
    assert all(re.fullmatch("[ab]{900}c{0,100}", value) for value in found)
    assert len(set(found)) == 2000


def test_sets_hold_all_that_is_possible() -> None:
    """Also where several ways lead to one text."""
    (found,) = columns(limited(pattern("a|b?|[bc]"), 4), n=500)
    assert set(found) == {"a", "b", "c", ""}
    assert "only 4 different values are possible, not 5" in refusal(
        limited(pattern("a|b?|[bc]"), 5)
    )
    (many,) = columns(limited(pattern(r"\w{9}"), 50), n=2000)
    assert len(set(many)) == 50


def test_bad_patterns() -> None:
    """Are told with their place; so is what others call it."""
    assert "dimensions[0].pattern: texts without end; write {0,10}" in refusal(pattern("a*"))
    assert "dimensions[0].pattern: missing" in refusal({"type": "pattern"})
    assert 'no field type "regex"; did you mean "pattern"?' in refusal(
        {"type": "regex", "pattern": "a"}
    )
    assert firsts(pattern("")) == [""]
