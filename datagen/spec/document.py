"""The keys that every form of a specification has: where records go, how they are written, and when."""

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainValidator
from pydantic import Field as Key

from datagen.disorder.effects import Effects
from datagen.distributions.base import Distribution
from datagen.language import AnyExpression
from datagen.rate_wish import RateWish
from datagen.spec.time_form import TimeForm
from datagen.spec.timeline import Periods, rules_of
from datagen.timeline import Timeline
from datagen.validation import (
    Model,
    Problems,
    UnicodeText,
    invalid_value,
    quoted,
    without_comments,
)


def of_variables(streams: tuple[str, ...]) -> bool:
    """Return whether a list of field generators, by its streams, is one of variables: not of records or members."""
    return streams[0] not in ("emitters", "entities")


def _text_or_object(example: str) -> AfterValidator:
    def check(value: Any) -> Any:
        if value is not None and not isinstance(value, str | dict):
            raise invalid_value(f"expected {example}, not {quoted(value)}")
        return value

    return AfterValidator(check)


class Template(Model):
    """The text of a record, and of a header before the first one, in Jinja2's language."""

    body: UnicodeText
    header: UnicodeText | None = None


def _parse_rate(value: Any) -> RateWish:
    """Return what a run is to come to. Raises the error of a validator."""
    if not isinstance(value, str):
        raise invalid_value(f'expected a text such as "5000/s", not {quoted(value)}')
    try:
        return RateWish.parsed(value)
    except ValueError as error:
        raise invalid_value(f"{quoted(value)}: {error}") from None


AnyRate = Annotated[RateWish | None, PlainValidator(_parse_rate)]  # None: absent
AnyFormat = Annotated[Any, _text_or_object('a format such as "csv" or {"type": "csv", ...}')]
AnySchedule = Annotated[Any, _text_or_object("the name of a schedule or an object with its keys")]
Labels = Annotated[dict[str, AnyExpression], BeforeValidator(without_comments)]
Templates = Annotated[dict[str, Template], BeforeValidator(without_comments)]


class Document(Model):
    """The base of every form of a specification."""

    target: dict[str, Any] | None = None
    format: AnyFormat = None
    templates: Templates = Key(default_factory=dict)
    disorder: Effects = Key(default_factory=list)
    labels: Labels = Key(default_factory=dict)
    truth: Any = None
    time: TimeForm | None = None  # how outputs call and write the instants of records
    timeline: Periods = Key(default_factory=dict)

    @cached_property
    def run_timeline(self) -> Timeline:
        """Return the periods of a run, which begins them once its start is known."""
        return Timeline(rules_of(self.timeline))


def rounding_warnings(durations: Iterable[tuple[str, Distribution]]) -> Problems:
    """Yield how whole microseconds change times, each with its name."""
    for what, each in durations:
        if text := each.rounding():
            yield (), f"{what} {text}"
