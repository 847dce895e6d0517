"""Values of columns as databases get them."""

import pyarrow as pa
import pytest

from datagen.formats.database_rows import DatabaseRows, flat_columns, without_nul
from datagen.spec.parsing import parse_spec
from tests.support.databases import TYPES, enum
from tests.support.machines import ENDING


def test_nested_columns_are_json() -> None:
    """Each emitter has its own."""
    columns = flat_columns(parse_spec(TYPES, "x")[0])["every"]
    kinds = {name: each.kind for name, each in columns.items()}
    assert {kinds[name] for name in ("object", "list", "several")} == {"json"}
    assert (kinds["time"], kinds["whole"], kinds["text"]) == ("instant", "int", "text")


@pytest.mark.parametrize("texts", [["a\0b", None, "\0"], ["a", None], [], [None]])
def test_nul_is_replaced(texts: list[str | None]) -> None:
    """Null stays null."""
    found = without_nul(pa.array(texts, pa.string())).to_pylist()
    assert found == [None if text is None else text.replace("\0", "\ufffd") for text in texts]


def test_names_that_are_not_unicode() -> None:
    """No database has them."""
    spec = {**ENDING, "emitters": [{"name": "e", "dimensions": [enum("\ud800", 1)]}]}
    problems = [*DatabaseRows().check(parse_spec(spec, "x")[0])]
    assert problems == [((), '"\\ud800" contains a lone surrogate, which no database can hold')]
