"""What all formats share: how one is named, and records of several emitters put in order."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import TypeAdapter, ValidationError

from datagen.batch import Batch, Group
from datagen.formats import JsonLines
from datagen.formats.base import AnyFormat, Format, Formatter, in_order
from datagen.formats.encoding import Output
from datagen.instants import NAIVE
from datagen.validation import messages_of

FORMAT: TypeAdapter[Format] = TypeAdapter(AnyFormat)


@pytest.mark.parametrize("data", ["json", {"type": "json"}])
def test_a_name_stands_for_a_format_without_further_keys(data: Any) -> None:
    """A text means the same as an object with nothing but the type."""
    assert FORMAT.validate_python(data) == JsonLines()


@pytest.mark.parametrize(
    ("data", "text"),
    [("jsn", 'no format "jsn"; did you mean "json"?'), (3, "expected a format such as ")],
)
def test_what_names_no_format_is_refused(data: Any, text: str) -> None:
    """With the nearest name, or what was expected."""
    with pytest.raises(ValidationError) as raised:
        FORMAT.validate_python(data)
    [(_, message)] = messages_of(raised.value)
    assert message.startswith(text)


def test_a_format_is_lines_of_any_records_unless_it_says_otherwise() -> None:
    """So a new one writes only what differs."""
    form = JsonLines()
    assert Output.LINES in form.outputs
    assert (form.needs_schema, form.excluded()) == (False, {})
    assert form.named_after("x.json") is form


def test_no_records_are_no_bytes() -> None:
    """Of any format that does not say otherwise."""
    assert len(Formatter().empty()) == 0


@pytest.mark.parametrize("rows", [[[0, 1, 2, 3]], [[1, 3], [0, 2]], [[3], [0], [1, 2]]])
def test_texts_of_groups_are_put_in_the_order_of_the_records(rows: list[list[int]]) -> None:
    """Each group has its records' texts; together they are as the batch has them."""
    groups = tuple(Group(f"e{n}", np.array(some), ()) for n, some in enumerate(rows))
    batch = Batch(np.arange(4), np.arange(4), 0, NAIVE, groups)
    texts = [pa.array([str(row) for row in some]) for some in rows]
    assert in_order(batch, texts).to_pylist() == ["0", "1", "2", "3"]
