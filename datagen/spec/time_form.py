"""The keys of `time`: how outputs call and write the instant of a record."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator

from datagen.columns.instant_format import FormatName
from datagen.curves.curve import TimeZone
from datagen.errors import Path
from datagen.validation import Model, UnicodeText, invalid_value


def _named(value: str) -> str:
    if not value:
        raise invalid_value("expected the name of the field")
    return value


class TimeForm(Model):
    """The keys of `time`; what is left out stays as it is."""

    name: Annotated[UnicodeText, AfterValidator(_named)] | None = None
    format: FormatName | None = None
    timezone: TimeZone | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.name is None and self.format is None and self.timezone is None:
            yield (), 'expected at least one of "name", "format" and "timezone"'
