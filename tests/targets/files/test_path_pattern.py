"""Paths with directives."""

import numpy as np
import pytest

from datagen.instants import NAIVE, SECOND, parse_instant
from datagen.targets.files.path_pattern import PathPattern, has_directives, numbered

AT = parse_instant("2027-03-12T05:06:07").micros


@pytest.mark.parametrize(
    ("path", "step", "unique", "name"),
    [
        ("d/%Y%m%dT%H.json", 3600 * SECOND, True, "d/20270312T05.json"),
        ("%Y/%j/x", 86_400 * SECOND, True, "2027/071/x"),
        ("%H.json", 3600 * SECOND, False, "05.json"),
        ("%Y%m%dT%H%M%S.%3f", 1000, True, "20270312T050607.000"),
    ],
)
def test_pattern_knows_its_step(path: str, step: int, unique: bool, name: str) -> None:
    """For how long a name stays the same, and whether it comes again."""
    pattern = PathPattern(path)
    assert (pattern.step, pattern.names_are_unique(NAIVE)) == (step, unique)
    assert pattern.paths(np.array([AT]), NAIVE) == [name]


def test_percent_sign_is_no_directive() -> None:
    """Where it is doubled."""
    assert not has_directives("100%%")
    assert has_directives("%%%d")


def test_number_stands_before_all_endings() -> None:
    """So that the file still is what its endings say."""
    assert numbered("d.x/a.json.gz", 2) == "d.x/a-2.json.gz"
    assert numbered("a.json", 0) == "a.json"
