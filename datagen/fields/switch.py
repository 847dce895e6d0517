"""The field type `switch`: which field generator makes a value depends on another value."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, BeforeValidator

from datagen.columns.column import NULL, Column, concat_columns
from datagen.columns.column_type import ColumnType, union
from datagen.columns.json_text import of_value
from datagen.columns.literal import nulls
from datagen.errors import Path
from datagen.fields.base import FIELDS, AnyField, Field, NestedField
from datagen.fields.draw import Draw
from datagen.language import AnyExpression, Expression, ExpressionError, Scope
from datagen.validation import invalid_value, is_comment, quoted


def _without_comments(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: each for key, each in value.items() if not is_comment(key)}


def _some(cases: dict[str, Field]) -> dict[str, Field]:
    if not cases:
        raise invalid_value("expected at least one case")
    return cases


_NUMBERS: Mapping[str, tuple[str, Callable[[str], int | float]]] = {
    "int": ("a whole number", int),
    "float": ("a double", float),
}


@FIELDS.register
class SwitchField(Field):
    """What the field generator makes whose case is the text of `on`; without one, `default`, or null."""

    type: Literal["switch"] = "switch"
    on: AnyExpression
    cases: Annotated[dict[str, AnyField], BeforeValidator(_without_comments), AfterValidator(_some)]
    default: AnyField | None = None

    def values(self, draw: Draw) -> Column:
        texts = draw.evaluated(self.on).text.dictionary_encode()
        places = {text: place for place, text in enumerate(self.cases)}
        otherwise = len(self.cases) if self.default is not None else NULL
        # the JSON text of null is "null"
        known = [places.get(text, otherwise) for text in texts.dictionary.to_pylist()]
        case_of = np.array([*known, places.get("null", otherwise)], dtype=np.int64)
        codes = texts.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)
        return self._chosen(draw, case_of[codes.astype(np.int64)])

    def _chosen(self, draw: Draw, cases: Any) -> Column:
        """Return for each visit the value of its case, null where there is none: int64[n]."""
        columns: list[Column] = []
        rows = np.full(len(draw), NULL)
        begin = 0
        for place, (_, names, each) in enumerate(self.children()):
            own = np.flatnonzero(cases == place)
            if len(own):
                columns.append(each.column(draw.take(own).child(*names)))
                rows[own] = np.arange(begin, begin + len(own))
                begin += len(own)
        return concat_columns(columns).take(rows) if columns else nulls(len(draw))

    def column_type(self, scope: Scope) -> ColumnType:
        return union(each.field.column_type(scope) for each in self.children())

    def types_of_values(self, scope: Scope) -> set[ColumnType]:
        return {of for each in self.children() for of in each.field.types_of_values(scope)}

    def mean_characters(self) -> float:
        sizes = [each.field.mean_characters() for each in self.children()]
        return sum(sizes) / len(sizes)

    def children(self) -> Iterator[NestedField]:
        for name, each in self.cases.items():
            yield NestedField(("cases", name), ("cases", name), each)
        if self.default is not None:
            yield NestedField(("default",), ("default",), self.default)

    def expressions(self) -> Iterator[tuple[Path, Expression]]:
        yield ("on",), self.on

    def warnings(self, scope: Scope) -> Iterator[tuple[Path, str]]:
        try:
            read = _NUMBERS.get(self.on.compiled(scope).column_type.kind)
        except ExpressionError:  # it is told of as such
            return
        if read is None:
            return
        what, number = read
        for case in self.cases:
            try:
                text = of_value(number(case))
            except (ValueError, OverflowError):
                text = ""
            if case not in (text, "null"):
                hint = f"; write {quoted(text)}" if text else ""
                yield (
                    ("cases", case),
                    f"never taken: the text of {what} is never {quoted(case)}{hint}",
                )

    @classmethod
    def raw_parts(cls, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        del raw
        return None
