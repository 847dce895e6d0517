"""Targets in short are told from files by their form."""

import pytest

from datagen.short_names import is_short, scheme_of, shown

ADDRESSES = {"kafka://h/t": "kafka", "KAFKA+python://h": "kafka+python", "x-y.z://": "x-y.z"}
FILES = ["a.csv", "logs/%Y/a.log.zst", "a.b.parquet", "a b.jsonl.gz", "a\n.tsv"]
OTHERS = [
    "a.json",
    "a.jsonl.json",
    "stdout",
    "30S",
    "a.txt",
    "a.csv.bz2",
    ".csv",
    "//h/x",
    "a:b",
    "",
]


@pytest.mark.parametrize("text", [*ADDRESSES, *FILES, *OTHERS])
def test_forms(text: str) -> None:
    """`.json` is always a specification of a target."""
    assert is_short(text) == (text not in OTHERS)
    assert scheme_of(text) == ADDRESSES.get(text)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("kafka://me:secret@h/t?a=b:c@d", "kafka://me:***@h/t?a=b:c@d"),
        ("kafka://me:${P}@h/t", "kafka://me:${P}@h/t"),
        ("tcp://h:1", "tcp://h:1"),
        ("a:b@c.csv", "a:b@c.csv"),
    ],
)
def test_passwords_are_not_shown(text: str, seen: str) -> None:
    """But for the names of variables."""
    assert shown(text) == seen
