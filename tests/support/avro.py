"""The schema in Avro of the records of a specification."""

from typing import Any

import fastavro

from datagen.formats.avro import Avro
from datagen.spec.parsing import parse_spec
from tests.support.machines import Spec
from tests.support.tables import (
    EVERYTHING,
)


def schema_of(spec: Spec = EVERYTHING, **keys: Any) -> Any:
    """Return the schema of the records of a specification."""
    checked, _ = parse_spec(spec, "test.json")
    return fastavro.parse_schema(Avro.model_validate({"type": "avro", **keys}).schema_of(checked))
