"""Each flag once, and a hint for an unknown one, over a parser of its own."""

import argparse
from typing import Any

import pytest

from datagen.cli.strict_parser import OnOff, StrictParser
from datagen.errors import UsageError


@pytest.fixture(name="made")
def _made() -> argparse.ArgumentParser:
    """Return a parser with a flag of each kind."""
    made = StrictParser(prog="p", allow_abbrev=False)
    made.add_argument("-n", "--records", type=int)
    made.add_argument("--validate", action="store_true")
    made.add_argument("--csv", dest="kind", action="store_const", const="csv")
    made.add_argument("--progress", action=OnOff)
    made.add_argument("--debug", help=argparse.SUPPRESS)
    return made


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("", (None, False, None, None)),
        ("-n 5 --validate --csv --progress", (5, True, "csv", True)),
        ("--no-progress", (None, False, None, False)),
    ],
)
def test_values_are_stored(made: argparse.ArgumentParser, line: str, values: Any) -> None:
    found = made.parse_args(line.split())
    assert (found.records, found.validate, found.kind, found.progress) == values


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("-n 1 --records 2", "argument -n/--records: is given twice"),
        ("--validate --validate", "argument --validate: is given twice"),
        ("--csv --csv", "argument --csv: is given twice"),
        ("--progress --no-progress", "argument --progress/--no-progress: is given twice"),
        ("--recrods 5", "unrecognized arguments: --recrods 5; did you mean --records?"),
        ("--count=5", "unrecognized arguments: --count=5; did you mean -n?"),
        ("--debgu", "unrecognized arguments: --debgu"),  # nobody should learn of the old one
        ("--rec 5", "unrecognized arguments: --rec 5"),
        ("5 6", "unrecognized arguments: 5 6"),
    ],
)
def test_wrong_usage_is_one_sentence(made: argparse.ArgumentParser, line: str, text: str) -> None:
    with pytest.raises(UsageError) as raised:
        made.parse_args(line.split())
    assert str(raised.value) == text
