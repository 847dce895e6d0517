"""The flags: their values by themselves, and what cannot stand together."""

from typing import Any

import pytest

from datagen.cli.parser import parser
from datagen.errors import UsageError


def parsed(line: str) -> Any:
    """Read a command line."""
    return parser().parse_args(line.split())


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("--csv --tsv", "argument --tsv: not allowed with argument --csv"),
        ("--csv --template t", "argument --template: not allowed with argument --csv"),
        ("-n 1 --until now", "argument --until: not allowed with argument -n/--records"),
        ("-q -v", "argument -v/--verbose: not allowed with argument -q/--quiet"),
        ("--catch-up later", "argument --catch-up: invalid choice: 'later'"),
        ("--resum x", "unrecognized arguments: --resum x"),
        ("-n", "argument -n/--records: expected one argument"),
    ],
)
def test_wrong_usage_is_an_error_of_ours(line: str, text: str) -> None:
    """It ends no process, and names the flag; a flag is not guessed from its beginning."""
    with pytest.raises(UsageError) as raised:
        parsed(line)
    assert str(raised.value).startswith(text)


def test_formats_share_a_place() -> None:
    """`--csv` and `--tsv` are two values of one option."""
    assert [parsed(line).kind for line in ("--csv", "--tsv", "")] == ["csv", "tsv", None]


def test_progress_can_be_asked_for_and_refused() -> None:
    """Without the flag the terminal decides."""
    lines = ("--progress", "--no-progress", "")
    assert [parsed(line).progress for line in lines] == [True, False, None]


def test_targets_and_formats_are_gathered_for_old_spellings() -> None:
    """A flag that stands twice is told by name, so both values are there."""
    assert parsed("-t a -t b").target == ["a", "b"]
    assert parsed("-f a -p b").format == ["a", "b"]
