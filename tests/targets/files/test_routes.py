"""Paths with fields: whatever the values are, each file is inside its folder and has a name."""

import os
import random
from pathlib import Path

import numpy as np
import pytest

from datagen.batch import Group, Section
from datagen.columns.literal import LiteralColumn
from datagen.targets.files.routes import RoutePath, path_of

HOSTILE = [
    "", ".", "..", "...", "/", "//", "../..", "../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "\0", "a\0b", "\n", "\x1b[2J",
    "~", "~root", "-rf", "%Y", "%", "%%", "{x}", "}", "x.part", ".part", ".x.lock", "con", "a" * 5000, "é" * 300, "\u202e", "\ufdd0", " ", "$HOME", "*", "'", '"',
]  # fmt: skip
PATHS = ["{a}.jsonl", "{a}/{b}.csv", "{a}{b}", "x/{a}/%Y/{b}-{a}.parquet", "{a}.{b}"]


def hostile_values() -> list[str]:
    """Return what might lead out of a folder, also mixed at random."""
    chance = random.Random(4)
    return HOSTILE + [
        "".join(
            chance.choices(
                ["/", "..", ".", "a", "\0", "%", "{", "\n", ".part"], k=chance.randint(1, 6)
            )
        )
        for _ in range(200)
    ]


def routes(path: str, values: list[str | None]) -> tuple[str, list[str]]:
    """Return the pattern of a path, and the paths of records that have these values in two fields."""
    columns = tuple(
        LiteralColumn(each).take(np.arange(len(each))) for each in (values, values[::-1])
    )
    group = Group("e", np.arange(len(values)), (Section(("a", "b"), columns),))
    route = RoutePath(path)
    return route.pattern, [
        path_of(route.pattern, each) for each in route.label().texts(group).to_pylist()
    ]


@pytest.mark.parametrize("path", PATHS)
def test_no_value_leads_out_of_the_folder(path: str, tmp_path: Path) -> None:
    """Nor to the folder itself, nor to a name that the system refuses."""
    pattern, found = routes(path, [*hostile_values()])
    for each in found:
        real = os.path.realpath(tmp_path / each)
        assert real.startswith(f"{tmp_path}/")
        assert each.count("/") == pattern.count("/")
        assert not set(each) & set("\0\n\x1b")
        assert all(name not in {"", ".", ".."} for name in each.split("/"))
        assert not each.endswith(".part")


def test_nothing_is_a_name_too() -> None:
    """A null, or an empty text, is `_`; what is made equal shares a file."""
    assert routes("{a}.csv", [None, "", "a/b", "a_b"])[1] == [
        "_.csv",
        "_.csv",
        "a_b.csv",
        "a_b.csv",
    ]


def test_braces_are_doubled() -> None:
    """Then they are a part of the name; one alone is an error."""
    assert RoutePath("{{x}}-{a}").fields == ("a",)
    assert routes("{{x}}-{a}", ["1"])[1] == ["{x}-1"]
    with pytest.raises(ValueError, match="a brace is written"):
        RoutePath("a}b")
