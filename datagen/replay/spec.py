"""Turns the JSON of a replay into a checked specification: which keys it has, and what they may be."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, PlainValidator
from pydantic import Field as Key

from datagen.curves.curve import TimeZone
from datagen.errors import Path
from datagen.sources.base import DECLARABLE_TYPES, ReadOptions
from datagen.sources.file_names import SOURCE_FORMATS, split_file_name
from datagen.sources.moving import TimeField
from datagen.sources.time_parsing import time_parser
from datagen.sources.times import TimeParser
from datagen.spec.document import Document
from datagen.validation import (
    Delimiter,
    Model,
    Name,
    NonNegative,
    Positive,
    Probability,
    did_you_mean,
    invalid_value,
    invalid_values,
    quoted,
)


def _source_format(value: str | None) -> str | None:
    if value is not None and value not in SOURCE_FORMATS:
        raise invalid_value(
            f"no source format {quoted(value)}{did_you_mean(value, SOURCE_FORMATS)}"
        )
    return value


def _time_format(value: Any) -> Any:
    for place, text in enumerate(_listed(value)):
        if not isinstance(text, str):
            raise invalid_value(f"expected a text, not {quoted(text)}")
        try:
            time_parser(text)
        except ValueError as error:
            raise _at(value, place, str(error)) from None
    return tuple(value) if isinstance(value, list) else value


def _time_field(value: Any) -> Any:
    names = _listed(value)
    if not names:
        raise invalid_value("expected at least one name")
    for place, name in enumerate(names):
        if not isinstance(name, str):
            raise invalid_value(f"expected a text, not {quoted(name)}")
        if not all(name.split(".")):
            what = "expected a name" if not name else "expected names between dots"
            raise _at(value, place, f"{what}, not {quoted(name)}")
        if names.count(name) > 1:
            raise _at(value, place, f"{quoted(name)} appears twice")
    return tuple(names) if isinstance(value, list) else value


def _at(value: Any, place: int, text: str) -> Exception:
    """Return the error for one of several values, or for the only one."""
    return invalid_values([((place,), text)]) if isinstance(value, list) else invalid_value(text)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _stretch(value: float) -> float:
    if not 1e-6 <= value <= 1e6:
        raise invalid_value(f"expected a number from 0.000001 to 1000000, not {quoted(value)}")
    return value


def _types(value: dict[str, Any]) -> dict[str, Any]:
    for name, kind in value.items():
        if kind not in DECLARABLE_TYPES:
            raise invalid_value(
                f"{quoted(name)}: no type {quoted(kind)}{did_you_mean(kind, DECLARABLE_TYPES)}"
            )
    return value


class NullInjection(Model):
    """How often a field becomes null."""

    field: Name
    null_probability: Probability


class TimeSkipping(Model):
    """How often, and for how long (seconds of the source), records are left out."""

    skip_probability: Probability
    min_skip_duration: NonNegative
    max_skip_duration: NonNegative

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.min_skip_duration > self.max_skip_duration:
            yield ("min_skip_duration",), f"is above max_skip_duration, {self.max_skip_duration:g}"


class ReplaySpec(Document):
    """A specification that replays the records of a file."""

    type: Literal["replay"]
    source_file: Name
    source_format: Annotated[str | None, AfterValidator(_source_format)] = None
    delimiter: Delimiter = ","
    time_field: Annotated[str | tuple[str, ...], PlainValidator(_time_field)]
    time_format: Annotated[str | tuple[str, ...], PlainValidator(_time_format)] = "iso"
    timezone: TimeZone | None = None
    stretch: Annotated[Positive, AfterValidator(_stretch)] = 1
    types: Annotated[dict[str, Any], AfterValidator(_types)] = Key(default_factory=dict)
    loop: bool = True
    sort: bool = False
    null_injection: list[NullInjection] = Key(default_factory=list)
    time_skipping: TimeSkipping | None = None

    MOVED_KEYS: ClassVar = {
        "rate": (None, "a replay keeps the pace of its source; --speed runs the real clock faster"),
    }  # fmt: skip

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.source_format is None and not split_file_name(self.source_file)[1]:
            known = ", ".join(SOURCE_FORMATS)
            yield (
                ("source_format",),
                f"missing: {quoted(self.source_file)} has no known extension; one of {known}",
            )
        yield from self._time_mistakes()
        if "delimiter" in self.model_fields_set and self.resolved_format not in ("csv", ""):
            yield ("delimiter",), f"is for csv, and the source is {self.resolved_format}"
        seen = set()
        for place, each in enumerate(self.null_injection):
            if each.field in (self.time_fields[0], self.time_fields[0].split(".")[0]):
                yield ("null_injection", place, "field"), "the time cannot be null"
            if each.field in seen:
                yield ("null_injection", place, "field"), f"{quoted(each.field)} appears twice"
            seen.add(each.field)

    def _time_mistakes(self) -> Iterator[tuple[Path, str]]:
        """Yield what is wrong between the fields of times, their formats and other keys."""
        count = len(self.time_fields)
        if not isinstance(self.time_format, str) and len(self.time_format) != count:
            text = f"expected a format for each time_field, {count}, not {len(self.time_format)}"
            yield ("time_format",), text
            return
        parsers = self.time_parsers
        for name, parser in zip(self.time_fields, parsers, strict=True):
            kind = self.types.get(name, "text")
            if kind == "bool" or (kind != "text" and parser.only_texts):
                yield (
                    ("types", name),
                    f"the time cannot be of the type {kind} in this time_format",
                )
        if self.timezone is not None and all(parser.has_offset for parser in parsers):
            yield ("timezone",), "has no effect: the times of this time_format tell their offset"

    @property
    def time_fields(self) -> tuple[str, ...]:
        """Return the names of the fields with times; the first is the clock."""
        return (self.time_field,) if isinstance(self.time_field, str) else self.time_field

    @property
    def time_parsers(self) -> tuple[TimeParser, ...]:
        """Return the parser of each of these fields."""
        formats = self.time_format
        each = (formats,) * len(self.time_fields) if isinstance(formats, str) else formats
        zone = None if self.timezone == "UTC" else self.timezone
        return tuple(time_parser(text, zone) for text in each)

    @property
    def resolved_format(self) -> str:
        """Return the format of the source: `source_format`, else by the name of the file."""
        return self.source_format or split_file_name(self.source_file)[1]

    @property
    def read_options(self) -> ReadOptions:
        """Return how the source is to be read."""
        clock, *others = map(TimeField, self.time_fields, self.time_parsers)
        return ReadOptions(clock, self.types, tuple(others), self.delimiter)
