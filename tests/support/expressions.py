"""Expressions by hand: their values for one row of names that the documentation uses too."""

from typing import Any

from datagen.columns.column_type import FLOAT, INSTANT, INT, TEXT, list_type, object_type, union
from datagen.language import Compiled, Expression, ExpressionError, Scope
from datagen.spec.timeline import Period, rules_of
from datagen.timeline import Timeline

TIME = 1_804_847_400_000_000  # 2027-03-12T10:30:00
TYPES = {
    "price": FLOAT, "quantity": INT, "name": TEXT, "time": INSTANT, "note": TEXT, "tags": list_type(TEXT),
    "lines": list_type(object_type({"sku": TEXT, "qty": INT})), "mix": union([INT, TEXT]),
    "user": object_type({"id": INT, "born": INSTANT, "home": object_type({"city": TEXT})}),
    "user-agent": TEXT, "zone": TEXT,
}  # fmt: skip
VALUES: dict[str, Any] = {
    "price": 2.5, "quantity": 3, "name": "Anna", "time": TIME, "note": None, "tags": ["b", "a", "b"],
    "lines": [{"sku": "A1", "qty": 2}, {"sku": "B2", "qty": None}], "mix": 5,
    "user": {"id": 7, "born": 0, "home": {"city": "Rome"}}, "user-agent": "curl", "zone": "Asia/Tokyo",
}  # fmt: skip
OUTAGE = {"at": "2027-03-12T10:15", "for": "30M", "ramp": "20M"}
PERIODS = Timeline(rules_of({"outage": Period.model_validate(OUTAGE)}))
PERIODS.begin(0)
SCOPE = Scope(TYPES, timeline=PERIODS)


def compiled(text: str, scope: Scope = SCOPE) -> Compiled:
    """Return an expression over the names."""
    return Expression(text).compiled(scope)


def value_of(text: str, scope: Scope = SCOPE, **values: Any) -> Any:
    """Return the value of an expression; `values` come in place of those of the names."""
    expression = compiled(text, scope)
    return expression.function(*({**VALUES, **values}[name] for name in expression.names))


def kind_of(text: str, scope: Scope = SCOPE) -> str:
    """Return the kind of the type of an expression."""
    return compiled(text, scope).column_type.kind


def mistakes_of(text: str, scope: Scope = SCOPE) -> list[str]:
    """Return what is wrong with an expression, nothing where it is right."""
    try:
        compiled(text, scope)
    except ExpressionError as error:
        return error.texts
    return []
