"""Words and sentences without a meaning, through the whole program."""

import re

import pytest

from datagen.fields.lorem import MAX_SENTENCES, MAX_WORDS
from tests.support.fields import columns, limited, refusal, uniform, values
from tests.support.machines import Spec

SENTENCE = re.compile(r"[A-Z][a-z]*( [a-z]+,?)* [a-z]+\.")


def lorem(**keys: object) -> Spec:
    """Return a field of texts."""
    return {"type": "lorem", **keys}


def test_there_are_so_many_words() -> None:
    """By a number or a distribution, in small letters, each a word of its own."""
    ranged, one, none, half = columns(
        lorem(words=uniform(0, 5)), lorem(words=1), lorem(words=0), lorem(words=2.5), n=500
    )
    assert all(re.fullmatch("([a-z]+( [a-z]+)*)?", each) for each in ranged)
    assert {len(each.split()) for each in ranged} == {0, 1, 2, 3, 4, 5}
    assert 150 < len(set(one)) <= 182
    assert set(none) == {""}
    assert {len(each.split()) for each in half} == {3}


def test_there_are_so_many_sentences() -> None:
    """Each begins with a capital letter, ends with a full stop and has 4 to 14 words."""
    default, ranged = columns(lorem(), lorem(sentences=uniform(0, 4)), n=500)
    assert all(SENTENCE.fullmatch(each) for each in default)
    assert {len(each.split()) for each in default} == set(range(4, 15))
    commas = sum(each.count(",") for each in default)
    words = sum(len(each.split()) - 2 for each in default)
    assert words / 13 < commas < words / 8
    parts = [re.split(r"(?<=\.) ", each) if each else [] for each in ranged]
    assert {len(each) for each in parts} == {0, 1, 2, 3, 4}
    assert all(SENTENCE.fullmatch(each) for own in parts for each in own)


def test_texts_differ() -> None:
    """Also those of a record and of a set."""
    found = values(lorem(sentences=3), 300)
    assert len(set(found)) == 300
    sentences = [each for text in found for each in text.split(". ")]
    assert len(set(sentences)) == 900
    assert len(set(values(limited(lorem(words=1), 20), 500))) == 20


def test_long_texts_are_made_in_slices_that_change_nothing() -> None:
    """A text is the same whichever are made with it."""
    long = columns(lorem(sentences=900), n=60)[0]
    assert columns(lorem(sentences=900), n=3)[0] == long[:3]
    assert all(each.count(".") == 900 for each in long)


def test_length_may_be_of_other_values() -> None:
    """Where it is null, the text is."""
    found = values(
        lorem(words={"type": "constant", "value": {"expr": "null if remembered % 3 == 0 else 2"}})
    )
    assert {None if each is None else len(each.split()) for each in found} == {None, 2}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"words": 1, "sentences": 1}, '.sentences: not with "words": give one of them'),
        ({"words": MAX_WORDS + 1}, f".words: expected lengths of at most {MAX_WORDS}"),
        ({"sentences": MAX_SENTENCES + 1}, f".sentences: expected lengths of at most {MAX_SENTENCES}"),
        ({"words": "three"}, ".words: expected "),
        ({"word": 3}, '.word: unknown key; did you mean "words"?'),
    ],
)  # fmt: skip
def test_bad_texts(keys: Spec, said: str) -> None:
    """What is wrong is said with its place."""
    assert f"emitters[0].dimensions[0]{said}" in refusal(lorem(**keys))
