"""What fields share that make an object of known parts, or one of these in its place."""

from collections.abc import Mapping
from typing import Any, ClassVar

from datagen.columns.column_type import ColumnType, object_type
from datagen.fields.member_sets import LimitedField
from datagen.language import Scope


class PartsField(LimitedField):
    """The base of such fields: `known_parts` are the types of all parts, `field` is the one that is asked for."""

    known_parts: ClassVar[Mapping[str, ColumnType]]
    field: str | None = None

    def column_type(self, scope: Scope) -> ColumnType:
        del scope
        parts = self.known_parts
        return object_type(parts) if self.field is None else parts[self.field]

    @classmethod
    def raw_parts(cls, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        del raw
        return None
