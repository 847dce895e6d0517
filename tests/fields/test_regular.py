"""Regular expressions: what their texts are made of, and which have none."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.fields.regular import MAX_CHARACTERS, RegularError, parse_regular

REFUSED = {
    "a*": "texts without end; write {0,10} for up to 10 times (at character 2)",
    "(ab)+": "texts without end; write {1,10} for up to 10 times (at character 5)",
    "a{3,}": "texts without end; write {3,13}, say (at character 2)",
    "a{,}": "texts without end; write {0,10}, say (at character 2)",
    "a{2}{3}": "a repetition of a repetition; put ( ) around the first (at character 8)",
    "a{3,2}": "{3,2}: the first number is the least (at character 2)",
    "?": "a ? that repeats nothing; write \\? for the character (at character 1)",
    "x|*": "a * that repeats nothing; write \\* for the character (at character 3)",
    "a^b": "a ^ in the middle; write \\^ for the character (at character 2)",
    "a$b": "a $ in the middle; write \\$ for the character (at character 2)",
    "(a": "a ( that is not closed; write \\( for the character (at character 1)",
    "a)": "a ) that closes nothing; write \\) for the character (at character 2)",
    "[ab": "a [ that is not closed; write \\[ for the character (at character 1)",
    "[z-a]": "a range goes from a character to a later one (at character 2)",
    r"[\d-a]": "a range goes from a character to a later one (at character 2)",
    "[^ -~]": "no printable character is left (at character 1)",
    "(?=a)": "groups are ( ), (?: ) or (?P<name> ): none that look around, or set flags (at character 1)",
    "(?i)a": "groups are ( ), (?: ) or (?P<name> ): none that look around, or set flags (at character 1)",
    r"a\b": "\\b stands for no characters here (at character 2)",
    r"(a)\1": "\\1 stands for no characters here (at character 4)",
    "a\\": "\\ stands for no characters here (at character 2)",
    r"\x4": "\\x takes 2 hexadecimal digits of a character (at character 1)",
    r"\ud800": "\\u takes 4 hexadecimal digits of a character (at character 1)",
    r"\U00110000": "\\U takes 8 hexadecimal digits of a character (at character 1)",
    "(" * 51 + ")" * 51: "more than 50 groups inside each other (at character 52)",
    "a{1001}": "makes texts of up to 1,001 characters; 1,000 are possible",
    "(a{100}){11}": "makes texts of up to 1,100 characters; 1,000 are possible",
    "(){999999999}": "makes texts of 1,000,000,000 parts; 10,000 are possible",
}


@pytest.mark.parametrize(("pattern", "said"), REFUSED.items())
def test_patterns_without_texts_are_refused(pattern: str, said: str) -> None:
    """With the reason, a remedy and the place."""
    with pytest.raises(RegularError) as refused:
        parse_regular(pattern)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("", {""}), ("()", {""}), ("^a$", {"a"}), (r"\Aa\Z", {"a"}), ("a|b|", {"a", "b", ""}), ("ab?", {"a", "ab"}), ("a??", {"", "a"}),
        ("a{,2}", {"", "a", "aa"}), ("a{b}", {"a{b}"}), ("a{}", {"a{}"}), ("(?:a{2}){2}", {"aaaa"}), ("[]a]", {"]", "a"}),
        ("[a-]", {"a", "-"}), (r"[\]\-x]", {"]", "-", "x"}), (r"\.\\", {".\\"}), (r"\t\x41\u00e9\U0001f600", {"\tAé😀"}),
        ("(?P<n>a|(?:b|c){2})", {"a", "bb", "bc", "cb", "cc"}), (r"[\dx]", {*"0123456789x"}), ("[^!-~]", {" "}),
        (r"\$", {"$"}), ("(a$", None), (r"\s", {" "}), ("a]", {"a]"}), ("-", {"-"}),
    ],
)  # fmt: skip
def test_texts_of_a_pattern(pattern: str, texts: set[str] | None) -> None:
    """All of them, and no others; a $ ends the pattern only where nothing is open."""
    if texts is None:
        with pytest.raises(RegularError):
            parse_regular(pattern)
        return
    node = parse_regular(pattern)
    assert {*node.texts()} == texts
    assert sum(node.texts().values()) == pytest.approx(1)
    assert all(re.fullmatch(pattern, text) for text in texts)
    assert node.longest == max(map(len, texts)) <= MAX_CHARACTERS
    assert node.ways >= len(texts)


ATOMS = st.sampled_from(["a", "[bc]", r"\.", "é", "(?:x|yz|)", "[^!-}]"])
PARTS = st.builds(str.__add__, ATOMS, st.sampled_from(["", "", "?", "{2}", "{1,2}", "{0,1}?"]))
CHAINS = st.lists(PARTS, max_size=3).map("".join)
PATTERNS = st.lists(CHAINS, min_size=1, max_size=3).map("|".join)


@given(PATTERNS)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_what_is_said_of_texts_is_so(pattern: str) -> None:
    """Their greatest and mean length, and that each matches."""
    node = parse_regular(pattern)
    texts = node.texts()
    assert all(re.fullmatch(pattern, text) for text in texts)
    assert len(texts) <= node.ways
    assert max(map(len, texts)) == node.longest
    mean = sum(len(text) * chance for text, chance in texts.items())
    assert mean == pytest.approx(node.mean)
    assert sum(texts.values()) == pytest.approx(1)
