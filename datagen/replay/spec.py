"""Turns the JSON of a replay into a checked specification: which keys it has, and what they may be."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator
from pydantic import Field as Key

from datagen.errors import Path
from datagen.sources.base import DECLARABLE_TYPES, ReadOptions
from datagen.sources.file_names import SOURCE_FORMATS, split_file_name
from datagen.sources.time_parsing import time_parser
from datagen.spec.document import Document
from datagen.validation import (
    Delimiter,
    Model,
    Name,
    NonNegative,
    Probability,
    did_you_mean,
    invalid_value,
    quoted,
)


def _source_format(value: str | None) -> str | None:
    if value is not None and value not in SOURCE_FORMATS:
        raise invalid_value(
            f"no source format {quoted(value)}{did_you_mean(value, SOURCE_FORMATS)}"
        )
    return value


def _time_format(value: str) -> str:
    try:
        time_parser(value)
    except ValueError as error:
        raise invalid_value(str(error)) from None
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
    time_field: Name
    time_format: Annotated[str, AfterValidator(_time_format)] = "iso"
    types: Annotated[dict[str, Any], AfterValidator(_types)] = Key(default_factory=dict)
    loop: bool = True
    sort: bool = False
    null_injection: list[NullInjection] = Key(default_factory=list)
    time_skipping: TimeSkipping | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.source_format is None and not split_file_name(self.source_file)[1]:
            known = ", ".join(SOURCE_FORMATS)
            yield (
                ("source_format",),
                f"missing: {quoted(self.source_file)} has no known extension; one of {known}",
            )
        if "delimiter" in self.model_fields_set and self.resolved_format not in ("csv", ""):
            yield ("delimiter",), f"is for csv, and the source is {self.resolved_format}"
        seen = set()
        for place, each in enumerate(self.null_injection):
            if each.field == self.time_field:
                yield ("null_injection", place, "field"), "the time cannot be null"
            if each.field in seen:
                yield ("null_injection", place, "field"), f"{quoted(each.field)} appears twice"
            seen.add(each.field)
        kind = self.types.get(self.time_field, "text")
        if kind == "bool" or (kind != "text" and self.read_options.time_parser.only_texts):
            yield (
                ("types", self.time_field),
                f"the time cannot be of the type {kind} in this time_format",
            )

    @property
    def resolved_format(self) -> str:
        """Return the format of the source: `source_format`, else by the name of the file."""
        return self.source_format or split_file_name(self.source_file)[1]

    @property
    def read_options(self) -> ReadOptions:
        """Return how the source is to be read."""
        return ReadOptions(
            self.time_field, time_parser(self.time_format), self.types, self.delimiter
        )
