"""Whatever goes wrong below is one exception, with all problems."""

import copy
import pickle
from typing import Any

import pytest

import datagen
from datagen.api.reporting import reported
from datagen.errors import (
    DatagenError,
    Problem,
    RunError,
    SeveralTargetsError,
    SpecError,
    TargetError,
)
from tests.fields import test_bad_fields
from tests.spec import test_bad_input, test_bad_language, test_process_input
from tests.support.bad_input import BASE, edited
from tests.support.bad_language import BASE as LANGUAGE_BASE

FIELD = "emitters[0].dimensions[3]"


def placed(path: str, problems: str) -> str:
    """Return problems at a path."""
    return "\n".join(path + line for line in problems.splitlines())


def cases(table: Any, path: str = "", base: Any = BASE, added: Any = None) -> list[tuple[Any, str]]:
    """Return the specifications and problems of a table of values at paths, or all at one path."""
    rows = [(path, {**added, **row[0]} if added else row[0], placed(path, row[1])) if path else row for row in table]  # fmt: skip
    return [(edited((at, value), base=base), told) for at, value, told in rows]


def machines(table: Any) -> list[tuple[Any, str]]:
    """Return the specifications and problems of a table of several changes each."""
    return [(edited(*changes), told) for changes, told in table]


MOST = 50  # of each table
TABLES: dict[str, list[tuple[Any, str]]] = {
    "structure": cases(test_bad_input.STRUCTURE),
    "machines": machines(test_bad_input.MACHINES),
    "distributions": cases(test_bad_fields.PARAMETERS, "interarrival"),
    "fields": cases(test_bad_fields.FIELDS, FIELD, added={"name": "x"}),
    "language": cases(test_bad_language.CASES, base=LANGUAGE_BASE),
    "processes": cases(test_process_input.MISTAKES, base=test_process_input.BASE),
}


@pytest.mark.parametrize("table", TABLES)
def test_bad_input_is_one_exception_with_all_problems(table: str) -> None:
    """Those that the command prints, each with its file and its path; a dict that is passed stays as it is.

    All of them are tested through the command; those here, from each corner of a table, show that the way is the same.
    """
    some = TABLES[table][:: 1 + len(TABLES[table]) // MOST]
    for place, (spec, problems) in enumerate(some):
        expected = [f"specification: {line}" for line in problems.splitlines()]
        before = copy.deepcopy(spec)
        call: Any = datagen.run if place % 2 else datagen.validate
        with pytest.raises(datagen.Error) as raised:
            call(spec)
        assert str(raised.value).splitlines() == expected
        assert list(map(str, raised.value.problems)) == expected
        assert spec == before


@pytest.mark.parametrize(
    ("error", "texts"),
    [
        (SpecError([Problem(("a", 0), "one", "f"), Problem((), "two")]), ["f: a[0]: one", "two"]),
        (RunError("stuck"), ["stuck"]),
        (SeveralTargetsError([TargetError("a", "x"), TargetError("b", "y")]), ["a: x", "b: y"]),
    ],
)
def test_each_kind_of_error_is_raised_as_the_same(error: DatagenError, texts: list[str]) -> None:
    """A ValueError without a trace of what it was made of, which may hold secrets."""
    with pytest.raises(ValueError) as raised, reported():
        raise error
    assert type(raised.value) is datagen.Error
    assert [str(each) for each in raised.value.problems] == texts
    assert raised.value.__suppress_context__
    assert pickle.loads(pickle.dumps(raised.value)).problems == raised.value.problems
    assert datagen.Error.__module__ == "datagen"


def test_texts_are_redacted_and_notes_count() -> None:
    """As the command prints them."""
    error = TargetError("x", "password hunter2")
    error.add_note("also hunter2")
    with (
        pytest.raises(datagen.Error) as raised,
        reported(lambda text: text.replace("hunter2", "*")),
    ):
        raise error
    assert str(raised.value) == "x: password *\nalso *"


def test_other_errors_pass() -> None:
    """Those of a program's own."""
    with pytest.raises(KeyError), reported():
        raise KeyError
