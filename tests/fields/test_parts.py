"""Fields of known parts: an object of all, or one in its place, with the types of each."""

from typing import Any

import pytest

from datagen.columns.column_type import FLOAT, TEXT
from datagen.fields import FIELDS
from datagen.fields.parts import PartsField
from datagen.language import Scope

NOTHING = Scope({}, {})
MODELS = [model for _, model in FIELDS.items() if issubclass(model, PartsField)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_an_object_has_all_parts_and_each_is_one(model: type[PartsField]) -> None:
    """By the types that are known of them; what of raw JSON they are is not told before."""
    make: Any = model.model_construct
    whole = make(field=None).column_type(NOTHING)
    assert dict(whole.members) == dict(model.known_parts)
    for name, column_type in model.known_parts.items():
        assert make(field=name).column_type(NOTHING) == column_type
    assert model.raw_parts({}) is None


def test_there_are_some() -> None:
    """And not all parts are texts."""
    assert len(MODELS) >= 6
    assert {TEXT, FLOAT} <= {each for model in MODELS for each in model.known_parts.values()}
