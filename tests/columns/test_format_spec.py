"""Format specs: the same text as Python's `format`, by arrays or value by value."""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.columns.format_spec import FormatSpec

NUMBER_SPECS = [
    "",
    "d",
    "5",
    "05d",
    "<7",
    ">7",
    "^7",
    "*^7d",
    "+d",
    ",",
    "x",
    "08x",
    "=6",
    ".2f",
    "10.3f",
]


@given(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=5),
    st.sampled_from(NUMBER_SPECS),
)
def test_whole_numbers_are_formatted_as_python_does(values: list[int], spec: str) -> None:
    """By arrays or one by one, the text is that of `format`."""
    found = FormatSpec(spec, "int").format_ints(np.array(values, dtype=np.int64)).to_pylist()
    assert found == [format(value, spec) for value in values]


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5)
    | st.lists(st.integers(-10**7, 10**7).map(lambda n: n / 2000), min_size=1, max_size=5),
    st.sampled_from([".1f", ".2f", ".3f", "9.3f", "<9.1f", ".9f", ".12f", "f", "e", ".3g", "+.2f", ".0f"]),
)  # fmt: skip
def test_floats_are_formatted_as_python_does(values: list[float], spec: str) -> None:
    """Also where the decimals end in a five that cannot be held."""
    found = FormatSpec(spec, "float").format_floats(np.array(values)).to_pylist()
    assert found == [format(value, spec) for value in values]


@given(
    st.lists(st.text(max_size=9), min_size=1, max_size=5),
    st.sampled_from(["", "s", "5", "<5", ">5", "^6", "é^7", ".3", "8.2", "*>6.1"]),
)
def test_texts_are_formatted_as_python_does(values: list[str], spec: str) -> None:
    """Width and precision count characters."""
    found: list[Any] = (
        FormatSpec(spec, "text").format_texts(pa.array(values, pa.string())).to_pylist()
    )
    assert found == [format(value, spec) for value in values]


def test_nulls_stay_null() -> None:
    """Where there is no text, padding makes none."""
    texts = pa.array(["a", None], pa.string())
    for spec in (">3", "=^3"):
        assert FormatSpec(spec, "text").format_texts(texts).to_pylist()[1] is None


@pytest.mark.parametrize(
    ("spec", "kind", "message"),
    [
        ("}", "text", '"}" is not a format spec'),
        ("1001", "int", '"1001" is wider than 1000 characters'),
        (".1001f", "float", '".1001f" is wider than 1000 characters'),
        ("c", "int", '"c": the type "c" is not supported'),
        ("s", "int", '"s" is not a format spec for an int'),
        ("d", "float", '"d" is not a format spec for a float'),
        ("d", "text", '"d" is not a format spec for a text'),
    ],
)
def test_wrong_specs_are_refused(spec: str, kind: str, message: str) -> None:
    """Each with what is wrong with it, before a value is there."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        FormatSpec(spec, kind)
