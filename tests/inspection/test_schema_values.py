"""Each validator in place of a type has a schema, and none stands for a validator that is gone."""

import gc
import importlib
from typing import Any

from pydantic import AfterValidator, PlainValidator

from benchmarks import structure
from datagen.inspection.json_schema import FAMILIES, ROOTS, json_schema
from datagen.inspection.schema_values import CONSTRAINTS, OBJECTS, PLAIN, qualified_name
from datagen.validation import Family, Model

MODELS = [f"datagen.{name}" for name in ("targets.kafka.base", "targets.http", "replay.spec", "spec.process_document")]  # fmt: skip


def validators(*kinds: type[Any]) -> list[set[str]]:
    """Return the names of the validators of each kind that some annotation in the program has."""
    for module in (*MODELS, *(name for name in structure.files() if ".inspection" in name)):
        importlib.import_module(module)
    for root in ROOTS:
        json_schema(root)
    found: dict[type[Any], set[str]] = {kind: set() for kind in kinds}
    for each in gc.get_objects():
        if type(each) in found:
            owner = getattr(each.func, "__self__", None)
            found[type(each)].add(
                FAMILIES.get(owner.noun, "")
                if isinstance(owner, Family)
                else qualified_name(each.func)
            )
    return list(found.values())


def test_every_schema_is_that_of_a_validator() -> None:
    """A validator that is renamed takes its schema along."""
    plain, after = validators(PlainValidator, AfterValidator)
    assert set(PLAIN) <= plain
    assert set(CONSTRAINTS) <= after


def test_keys_that_others_check_exist() -> None:
    models = {each.__name__: each for each in gc.get_objects() if isinstance(each, type) and issubclass(each, Model)}  # fmt: skip
    json_schema("spec")
    for model, key in OBJECTS:
        assert key in models[model].known_keys()
