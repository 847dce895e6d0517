"""Fields with the same value each time."""

import numpy as np
import pytest

from datagen.fields import FIELDS
from tests.support.fields import firsts, refusal
from tests.support.machines import Spec


def test_a_static_number_has_the_type_of_its_field() -> None:
    """Both are 3, but one is an integer and one a double."""
    [whole, real] = firsts({"type": "int:static", "value": 3}, {"type": "float:static", "value": 3})
    assert (type(whole), type(real)) == (int, float)
    assert whole == real == 3


@pytest.mark.parametrize(
    ("field", "characters"),
    [
        ({"type": "string:static", "value": "ab"}, 4),
        ({"type": "int:static", "value": -12}, 3),
        ({"type": "float:static", "value": 3}, 3),
        ({"type": "bool:static", "value": False}, 5),
    ],
)
def test_length_of_its_text_is_known(field: Spec, characters: int) -> None:
    """That of the value as JSON, quotes included: batches are sized by it."""
    assert FIELDS.parse(field).mean_characters() == characters


@pytest.mark.parametrize(
    ("kind", "value"),
    [("string", 1), ("int", 1.5), ("int", 2**63), ("float", "1"), ("bool", 0), ("bool", None)],
)
def test_value_of_another_type_is_refused(kind: str, value: object) -> None:
    """With the place of the value."""
    said = refusal({"type": f"{kind}:static", "value": value})
    assert "emitters[0].dimensions[0].value: " in said


def test_all_rows_share_one_value() -> None:
    """A column of any length refers to it, and holds no copies."""
    column = FIELDS.parse({"type": "string:static", "value": "x"})._literal  # type: ignore[attr-defined]
    assert len(column) == 1
    assert column.take(np.zeros(3, dtype=np.int64)).to_python(None) == ["x"] * 3
