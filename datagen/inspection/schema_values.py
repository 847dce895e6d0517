"""What JSON Schema says of values that validators check: those in place of a type, and those after it.

A validator in place of a type that is missing here is an error, so that no value goes without a schema.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from datagen.inspection.schema_parts import Schema, any_of, list_of
from datagen.validation import Family, Model


class Writer(Protocol):
    """Makes the schemas that have definitions of their own, and returns references to them."""

    def basic(self, name: str) -> Schema:
        """Return a text of `NAMED`."""

    def distribution(self, noun: str = "distribution", *, sized: bool = True) -> Schema:
        """Return a distribution of numbers."""

    def field(self, *, name: bool = False) -> Schema:
        """Return a field generator."""

    def model(self, model: type[Model], name: str | None = None) -> Schema:
        """Return the object of a model."""

    def members(self, family: Family[Any], noun: str) -> Schema:
        """Return the object of a family."""

    def curve(self) -> Schema:
        """Return a curve over time."""

    def state(self) -> Schema:
        """Return a state of the process form."""

    def format(self) -> Schema:
        """Return a format with its keys."""

    def target(self, *, optional: bool = False) -> Schema:
        """Return a target."""


NAMED: Mapping[str, Schema] = {  # texts that mean something, and the one object that is a text
    "length of time": {
        "type": "string",
        "pattern": "[0-9][^/]*[A-Za-z]",
        "description": "A length of time with its unit.",
        "examples": ["90S", "10M", "1.5H", "2D", "PT1H"],
    },
    "rate": {
        "type": "string",
        "pattern": "[0-9].*/.*[A-Za-z]",
        "description": "So many in a length of time.",
        "examples": ["5000/s", "3/h", "200/D"],
    },
    "rate of a run": {
        "type": "string",
        "pattern": "[0-9].*(/.*[A-Za-z]|workers?)|x *[0-9.]",
        "description": "What a run is to come to on average: records, bytes or workers.",
        "examples": ["5000/s", "40GB/D", "200 workers"],
    },
    "expression": {
        "type": "string",
        "minLength": 1,
        "description": "An expression over values, by their names.",
        "examples": ["price * quantity", "status >= 500", "upper(name)"],
    },
    "parameter": {
        "type": "object",
        "description": "A parameter that is computed for each value.",
        "required": ["expr"],
        "properties": {"expr": {"type": "string"}},
        "examples": [{"expr": "latency * 2"}],
    },
    "instant": {
        "type": "string",
        "description": "An instant, as ISO 8601 writes it.",
        "examples": ["2027-03-12", "2027-03-12T08:00:00Z", "2027-03-12T08:00:00+01:00"],
    },
    "moment": {
        "type": "string",
        "description": "An instant, so long after the first start, or a time of local days.",
        "examples": ["2027-03-12T08:00:00Z", "+6H", "09:30"],
    },
    "parameter of file": {
        "type": "string",
        "pattern": r"\$\{[^}]+\}",
        "description": "The value of one of the params of the file, or of those it includes.",
        "examples": ["${users}"],
    },
    "time zone": {
        "type": "string",
        "description": "A time zone by its name in the IANA database.",
        "examples": ["UTC", "Europe/Berlin", "America/New_York"],
    },
}
TIME_ZONE = NAMED["time zone"]
CONSTRAINTS: Mapping[str, Schema] = {  # of what a validator checks after the type
    "validation._name": {"minLength": 1},
    "validation._above_zero": {"exclusiveMinimum": 0},
    "validation._non_negative": {"minimum": 0},
    "validation._percent": {"minimum": 0, "maximum": 100},
    "validation._probability": {"minimum": 0, "maximum": 1},
    "validation._positive_probability": {"exclusiveMinimum": 0, "maximum": 1},
    "validation._delimiter": {"minLength": 1, "maxLength": 1},
    "validation.at_least_one.<locals>.check": {"minItems": 1},
    "curves.zones.known_zone": TIME_ZONE,
    "curves.curve._one_per_hour": {"minItems": 24, "maxItems": 24},
    "spec.populations._positive": {"minimum": 1, "maximum": 100_000_000},
    "fields.numbers._decimals": {"minimum": 0, "maximum": 15},
    "fields.numbers._int64": {"minimum": -(2**63), "maximum": 2**63 - 1},
    "fields.member_sets._member_count": {"maximum": 1_000_000},
    "replay.spec._stretch": {"minimum": 1e-6, "maximum": 1e6},
}


def qualified_name(function: Any) -> str:
    """Return the name of a function with that of its module, below this package."""
    function = function.func if isinstance(function, functools.partial) else function
    return f"{function.__module__.removeprefix('datagen.')}.{function.__qualname__}"


def _by_name(values: Schema, pattern: str = "") -> Schema:
    """Return the schema of an object of values, whose keys match a pattern or are comments."""
    made: Schema = {"type": "object", "patternProperties": {"^[_$]": True}}
    if not pattern:
        return {**made, "additionalProperties": values}
    made["patternProperties"][pattern] = values
    return {**made, "additionalProperties": False}


def _component(writer: Writer) -> Schema:
    from datagen.curves.curve import Component  # noqa: PLC0415 - as the next ones: only when asked for

    return writer.model(Component)


def _growth(writer: Writer) -> Schema:
    from datagen.fields.pool import Growth  # noqa: PLC0415

    return writer.model(Growth)


def _table(writer: Writer) -> Schema:
    from datagen.spec.tables import TableModel  # noqa: PLC0415

    return writer.model(TableModel, "table")


def _instants(writer: Writer) -> Schema:
    from datagen.fields.instants import INSTANTS  # noqa: PLC0415

    return writer.members(INSTANTS, "instants")


def _effect(writer: Writer) -> Schema:
    from datagen.disorder.effects import EFFECTS  # noqa: PLC0415

    return writer.members(EFFECTS, "effect")


def _envelope(writer: Writer) -> Schema:
    from datagen.targets.envelopes import ENVELOPES  # noqa: PLC0415

    return any_of({"enum": sorted(ENVELOPES)}, writer.members(ENVELOPES, "envelope"))


_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_COUNT: Schema = {"type": "integer", "minimum": 1}
_TEXTS = any_of(_TEXT, list_of(_TEXT))
_HEIGHT: Schema = {"type": "number", "minimum": 0}
PLAIN: Mapping[str, Callable[[Any], Schema]] = {  # by the validator that is in place of a type
    "validation.number": lambda _: dict(_NUMBER),
    "validation.integer": lambda _: {"type": "integer"},
    "validation._secret": lambda _: dict(_TEXT),
    "validation._web_address": lambda _: {"type": "string", "pattern": "^https?://"},
    "language.expression.parse_expression": lambda to: to.basic("expression"),
    "spec.transitions._parse_when": lambda to: to.basic("expression"),
    "distributions.parsing.parse_distribution": lambda to: to.distribution(),
    "distributions.parsing.parse_pick": lambda to: to.distribution(),
    "distributions.parsing.parse_timer": lambda to: to.distribution("timer"),
    "distributions.parsing.parse_interarrival": lambda to: to.distribution("timer"),
    "distributions.varying.or_expression.<locals>.check": lambda to: any_of(
        _NUMBER, to.basic("parameter")
    ),
    "disorder.effects.parse_delay": lambda to: to.distribution("timer"),
    "disorder.effects.parse_offset": lambda to: to.distribution("timer"),
    "disorder.effects.parse_number": lambda to: to.distribution(),
    "disorder.effects.parse_length": lambda to: any_of(_NUMBER, to.basic("length of time")),
    "disorder.effects.EFFECTS": _effect,
    "entity_pools.ranks.parse_pick": lambda to: any_of(
        {"const": "each"}, to.distribution("pick", sized=False)
    ),
    "fields.row.parse_pick": lambda to: any_of({"const": "each"}, to.distribution()),
    "fields.base.parse_field": lambda to: to.field(),
    "fields.base.parse_named_field": lambda to: to.field(name=True),
    "fields.pool._life": lambda to: to.distribution("timer"),
    "fields.pool._count": lambda to: any_of({"type": "integer", "minimum": 0}, _growth(to)),
    "fields.text._chars": lambda _: any_of(
        {"type": "string", "minLength": 1}, list_of({"type": "string", "minLength": 1}, 1)
    ),
    "fields.instants._instant": lambda to: to.basic("instant"),
    "fields.instants.INSTANTS": _instants,
    "curves.curve._mixture_days": lambda to: _by_name(list_of(_component(to), 1), "^[1-7]$"),
    "curves.curve._weekly_days": lambda _: _by_name(
        {**list_of(_HEIGHT, 24), "maxItems": 24}, "^(mon|tue|wed|thu|fri|sat|sun)$"
    ),
    "curves.factors._length": lambda to: any_of(
        {"type": "number", "exclusiveMinimum": 0}, to.basic("length of time")
    ),
    "curves.factors._date_factors": lambda _: _by_name(_HEIGHT),
    "curves.product._parse_curves": lambda to: list_of(to.curve(), 1),
    "spec.document._parse_rate": lambda to: to.basic("rate of a run"),
    "targets.base._parse_max_rate": lambda to: any_of(_NUMBER, to.basic("rate")),
    "spec.timeline._moment": lambda to: to.basic("moment"),
    "spec.timeline._duration": lambda to: to.basic("length of time"),
    "spec.emissions.parse_emitters": lambda _: any_of(
        {"type": "null"}, _TEXT, {**list_of(_TEXT, 1), "uniqueItems": True}
    ),
    "spec.subprocesses._parsed_items": lambda _: {"type": "array"},
    "spec.subprocesses._items_or_name": lambda _: any_of(_TEXT, {"type": "array"}),
    "spec.populations._parse_max": lambda _: any_of({"const": "none"}, _COUNT),
    "spec.populations._parse_schedule": lambda to: any_of(_TEXT, to.curve()),
    "spec.process.parse_state": lambda to: to.state(),
    "spec.tables.parse_tables": lambda to: _by_name(_table(to)),
    "formats.base.any_format": lambda to: any_of(_TEXT, to.format()),
    "targets.envelopes.syslog._facility": lambda _: any_of(
        _TEXT, {**_COUNT, "minimum": 0, "maximum": 23}
    ),
    "targets.envelopes.syslog._severity": lambda _: any_of(
        _TEXT, {**_COUNT, "minimum": 0, "maximum": 7}
    ),
    "targets.envelopes.base._parse_envelope": _envelope,
    "targets.http._at_least_one": lambda _: dict(_COUNT),
    "targets.kafka.base._fields": lambda _: any_of(_TEXT, list_of(_TEXT, 1)),
    "targets.base._emitters": lambda _: any_of(_TEXT, list_of(_TEXT, 1)),
    "targets.network._host": lambda _: {"type": "string", "minLength": 1, "maxLength": 253},
    "targets.network._port": lambda _: {**_COUNT, "maximum": 65_535},
    "targets.tee._parse_member": lambda to: to.target(optional=True),
    "replay.spec._time_field": lambda _: any_of(
        {"type": "string", "minLength": 1}, list_of({"type": "string", "minLength": 1}, 1)
    ),
    "replay.spec._time_format": lambda _: dict(_TEXTS),
}
OBJECTS: Mapping[tuple[str, str], Callable[[Any], Schema]] = {  # keys whose values others check
    ("Document", "target"): lambda to: any_of({"type": "null"}, to.target()),
    ("Document", "truth"): lambda to: any_of({"type": "null"}, _TEXT, to.target()),
    ("Document", "format"): lambda to: any_of({"type": "null"}, _TEXT, to.format()),
    ("Generator", "schedule"): lambda to: any_of({"type": "null"}, _TEXT, to.curve()),
    ("ProcessDocument", "schedule"): lambda to: any_of({"type": "null"}, _TEXT, to.curve()),
    ("IpAddressField", "cidr"): lambda _: any_of({"type": "null"}, _TEXT, list_of(_TEXT, 1)),
}
