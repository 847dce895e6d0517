"""Patterns of older programs: which texts are such, what is made of them, and what is said."""

from pathlib import Path

import pytest

from datagen.formats.old_patterns import pattern_of_today, unset_variables
from tests.support.helpers import invoke
from tests.support.machines import ENDING, constant, spec_of
from tests.support.processes import static

FIELDS = ("time", "host", "a:b")
AT = ("-s", "2025-01-01", "--seed", "1", "-n", "1", "-q")
SPEC = spec_of({"a": (constant(1), {"a": 1})}, constant(1), [static("host", "h"), static("n", "7")])


@pytest.mark.parametrize(
    ("old", "today"),
    [
        ("{{host}}", "{host}"),
        ("[{{time|%s}}] {{host}}\\t", "[{time:%s}] {host}\\t"),
        ("{{time|%d/%b/%Y:%H:%M:%S %z}}", "{time:%d/%b/%Y:%H:%M:%S %z}"),
        ("{{host|-}}", "{host|-}"),
        ("{{a:b}}", "{a\\x3ab}"),
        ("%REGION% {{host}} 5%", "eu\\x7b1\\x7d {host} 5%"),
        # not of this kind
        ("{host}", None),
        ("{{host}} {host}", None),
        ("{{host}} {{nobody}}", None),
        ('{{"a": {{host}}}}', None),
        ("{{ }}", None),
        ("{{host", None),
        ("%REGION%", None),
        ("", None),
    ],
)
def test_old_patterns_are_known_by_their_braces(
    old: str, today: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All double, each pair with a field in it."""
    monkeypatch.setenv("REGION", "eu{1}")
    assert pattern_of_today(old, FIELDS) == today


def test_variables_are_only_outside_of_braces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Directives of strftime are none."""
    monkeypatch.delenv("NO_SUCH", raising=False)
    assert list(unset_variables("%NO_SUCH% {{time|%d%H%}} %NO_SUCH")) == ["NO_SUCH"]


def test_an_old_pattern_writes_what_it_wrote(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a line that says how it is read; from a file and from the specification."""
    monkeypatch.setenv("REGION", "eu")
    text, line = "{{host}} {{time|%s}} %REGION% {{n}}", b"h 1735689600 eu 7\n"
    within = invoke(*AT, spec=SPEC | {"format": {"type": "pattern", "pattern": text}})
    assert (within.status, within.out) == (0, line)
    assert "warning: stdin: pattern: all braces are double and name fields" in within.err
    file = tmp_path / "old.txt"
    file.write_text(text + "\n")
    outcome = invoke(*AT, "-f", str(file), spec=SPEC)
    assert (outcome.status, outcome.out) == (0, line)
    assert f"{file}: all braces are double" in outcome.err


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("{{host}} %NO_SUCH%", 'format.pattern: the environment variable "NO_SUCH" is not set'),
        ("{{host|%d}}", "format.pattern: line 1: {host}: "),
    ],
)
def test_what_an_old_pattern_cannot_mean_is_told(
    pattern: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the run, in one line."""
    monkeypatch.delenv("NO_SUCH", raising=False)
    outcome = invoke("--validate", spec=SPEC | {"format": {"type": "pattern", "pattern": pattern}})
    assert outcome.status == 1
    assert outcome.err.startswith(f"stdin: {problem}")


def test_double_braces_around_other_words_are_braces() -> None:
    """As ever, without a word."""
    outcome = invoke(*AT, spec=ENDING | {"format": {"type": "pattern", "pattern": "{{x}}"}})
    assert (outcome.out, "double" in outcome.err) == (b"{x}\n", False)
