"""Texts and UUIDs through the whole program."""

import string
import uuid

import pytest

from tests.support.fields import firsts, texts, uniform, values
from tests.support.machines import constant


def test_string_has_the_sampled_length() -> None:
    """The nearest whole number, never below 0."""
    sizes = [0, 1, 2.5, 2.4, -3, -0.5, 1000]
    found = firsts(*(texts(constant(size)) for size in sizes))
    assert [len(text) for text in found] == [0, 1, 3, 2, 0, 0, 1000]
    assert set(map(len, values(texts({"type": "poisson", "mean": 1}), 2000))) >= {0, 1, 2, 3, 4}


def test_string_is_printable_unless_told() -> None:
    """Without `chars`: printable ASCII with the space, all of it."""
    found = "".join(values(texts(constant(50))))
    assert set(found) == {*string.ascii_letters, *string.digits, *string.punctuation, " "}


@pytest.mark.parametrize("chars", ["x", "aé", "é☃", "😀", "a😀é☃", 'a"\\\n', "\x00\x1f\x85\u2028"])
def test_string_is_made_of_its_chars(chars: str) -> None:
    """Characters of any width in UTF-8 count as one, and all of them come."""
    found = values(texts(uniform(0, 7), chars=chars))
    assert {len(text) for text in found} == set(range(8))
    assert set("".join(found)) == set(chars)


def test_repeated_chars_come_more_often() -> None:
    """`chars` may name a character twice to make it twice as likely."""
    found = "".join(values(texts(constant(30), chars="aab")))
    assert abs(found.count("a") - 4000) < 200


def test_words_of_a_list_count_as_characters() -> None:
    """Each is picked whole; a list of characters gives what their text gives."""
    words = ["ann", "bob", "é☃"]
    found = values(texts(constant(1), chars=words))
    assert set(found) == set(words)
    assert set(values(texts(constant(2), chars=words))) == {a + b for a in words for b in words}
    as_text, as_list = (values(texts(uniform(0, 7), chars=each)) for each in ("aé☃", list("aé☃")))
    assert as_text == as_list


def test_long_words_make_no_longer_texts() -> None:
    """As many of them as fit into the longest text there is."""
    found = values(texts(uniform(0, 10**6), chars=["a" * 1000, "b"]), 5)
    assert all(400_000 < len(text) < 600_000 for text in found)


def test_words_have_sets_of_values_too() -> None:
    """Which are not counted: two ways of joining them may give one text."""
    picks = {"cardinality": 3, "cardinality_distribution": uniform(0, 2)}
    found = values(texts(constant(2), chars=["a", "ab", "b"]) | picks)
    assert len(set(found)) == 3


def test_uuid_is_a_random_one_of_version_4() -> None:
    """Version and variant are those of RFC 9562, all other bits vary, and none comes twice."""
    found = [uuid.UUID(text) for text in values({"type": "uuid"}, 2000)]
    assert {(each.version, each.variant) for each in found} == {(4, uuid.RFC_4122)}
    assert len(set(found)) == 2000
    always = ~(4 << 76 | 2 << 62 | 0xF << 76 | 3 << 62)
    ones = [sum(each.int >> bit & 1 for each in found) for bit in range(128) if always >> bit & 1]
    assert len(ones) == 122
    assert all(850 < count < 1150 for count in ones)
