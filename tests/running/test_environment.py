"""What comes from the environment, and is shown by its name in messages."""

import json
from typing import Any

import pytest

from datagen.errors import Problem
from datagen.running.environment import Redaction, unset_variables, with_variables


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a secret, and others that messages might contain anyway."""
    for name, value in {
        "S": "hunter2-and-more", "LONG": "hunter2" + "x" * 100, "ODD": 'hun"ter\\2\n\tof ü', "WORD": "file", "PIN": "1234",
        "A": "a", "SECRET": "SECRET", "KEY": "begin hunter\nthe second line\nend",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO", raising=False)


def redacted(text: str, *names: str) -> str:
    """Return a text without the values of variables."""
    return Redaction({"keys": [f"${{{name}}}" for name in names]})(text)


def test_variables_are_replaced_but_in_comments() -> None:
    """Once, wherever they are; what is not set is told with its place."""
    raw = {"_": "${NO}", "a": ["x${A}${A}", 1], "b": {"c": "${NO}"}}
    assert [*unset_variables(raw, ("t",))] == [
        (("t", "b", "c"), 'the environment variable "NO" is not set')
    ]
    assert with_variables({"_": "x", "a": ["x${A}${A}", 1], "b": None}) == {
        "a": ["xaa", 1],
        "b": None,
    }


@pytest.mark.parametrize(
    ("text", "names", "shown"),
    [
        ("to hunter2-and-more:9092", ["S"], "to ${S}:9092"),
        ("xhunter2-and-morex", ["S"], "x${S}x"),
        ("no x hunter2" + "x" * 20 + "...", ["LONG"], "no x ${LONG}..."),
        (json.dumps('hun"ter\\2\n\tof ü'), ["ODD"], '"${ODD}"'),
        (repr('hun"ter\\2\n\tof ü'), ["ODD"], "'${ODD}'"),
        ("/hun%22ter%5C2%0A%09of%20%C3%BC?", ["ODD"], "/${ODD}?"),
        ("at the second line of it", ["KEY"], "at ${KEY} of it"),
        ("the file is no profile", ["WORD"], "the ${WORD} is no profile"),
        ('1234 records, not "1234"', ["PIN"], '1234 records, not "${PIN}"'),
        ('a record of "a"', ["A"], 'a record of "${A}"'),
        ("SECRET of ${SECRET}", ["SECRET"], "${SECRET} of ${SECRET}"),
        ("hunter2-and-more", [], "hunter2-and-more"),
        ("hunter2-and-more", ["NO"], "hunter2-and-more"),
    ],
)  # fmt: skip
def test_value_is_shown_by_its_name(text: str, names: list[str], shown: str) -> None:
    """In whatever way it is written; but words of a message stay, where the value is as short as they."""
    assert redacted(text, *names) == redacted(shown, *names) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('not "hunter2-and-more"', 'not "${S}"'),
        ('no field "hunter2"; did you mean "hunter"?', 'no field "${S}"; did you mean "hunter"?'),
        ('not "hunter2-an..."', 'not "${S}"'),
        ('expected "", not "b"', 'expected "", not "b"'),
    ],
)
def test_parts_of_a_value_are_shown_by_its_name(text: str, shown: str) -> None:
    """In a problem at the place of the value."""
    raw: Any = {"type": "tcp", "host": "${S}", "x": ["b"]}
    problem = Problem(("target", "host"), text, "s.json")
    [found] = Redaction(raw).of_problems([problem], ["s.json"], ("target",))
    assert found == Problem(("target", "host"), shown, "s.json")


def test_problems_of_other_places_keep_their_words() -> None:
    """A part of a value may well stand there."""
    raw: Any = {"host": "${S}", "x": "b"}
    for path, file in (
        (("target", "x"), "s.json"),
        (("host",), "s.json"),
        (("target", "host"), "t"),
    ):
        problem = Problem(path, 'not "hunter2"', file)
        assert [*Redaction(raw).of_problems([problem], ["s.json"], ("target",))] == [problem]


def test_escapes_count_only_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere `$${NAME}` is what it always was: a dollar sign and a value."""
    monkeypatch.setenv("NAME", "value")
    monkeypatch.delenv("NO_SUCH", raising=False)
    raw = {"a": ["$${NAME} ${NAME}", "$$${NAME}"]}
    assert with_variables(raw) == {"a": ["$value value", "$$value"]}
    assert with_variables(raw, escapes=True) == {"a": ["${NAME} value", "$${NAME}"]}
    assert [path for path, _ in unset_variables(["$${NO_SUCH}"])] == [(0,)]
    assert [*unset_variables(["$${NO_SUCH}"], escapes=True)] == []
