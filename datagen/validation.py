"""Turns raw JSON into frozen, checked models, and what is wrong with it into problems with paths.

Every model of a specification derives from `Model`; every family of models that is chosen by its
`type` key (distributions, fields, targets) is a `Family`. All messages are made here, in one tone:
what stands there, what was expected, what was probably meant.
"""

import difflib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import Annotated, Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainValidator,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from datagen.errors import Path, Problem
from datagen.one_line import printable

_MOST_NAMES = 20  # listed in a hint
_LONGEST_NAME = 200  # compared with others, which takes time


class Model(BaseModel):
    """A part of a specification: immutable, without unknown keys, its comments left out."""

    # deferred: a run needs few of the models, and building the rest is much of a short run
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)
    # keys that belong elsewhere: the key that stands for them here, if any, and what to do
    MOVED_KEYS: ClassVar[Mapping[str, tuple[str | None, str]]] = {}

    def mistakes(self) -> Iterator[tuple[Path, str]]:
        """Yield what is wrong between keys that are each right: a path below here, a sentence."""
        yield from ()

    @classmethod
    def missing_keys(cls, keys: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        """Yield what is wrong with which keys are there, whatever else is wrong with their values."""
        del keys
        yield from ()

    @classmethod
    def hint(cls, key: str, known: Iterable[str]) -> str:
        """Return what to say of a key that is not known: which one was probably meant."""
        return did_you_mean(key, sorted(known))

    @model_validator(mode="wrap")
    @classmethod
    def _in_one_go(cls, data: Any, build: Callable[[Any], Any]) -> Any:
        if not isinstance(data, dict):
            raise invalid_value(f"expected an object, not {quoted(data)}")
        keys = {key: value for key, value in data.items() if not is_comment(key)}
        known = {field.alias or name for name, field in cls.model_fields.items()}
        found: list[tuple[Path, str]] = []
        meant = set()
        for key in keys:
            if key in cls.MOVED_KEYS:
                instead, text = cls.MOVED_KEYS[key]
                found.append(((key,), text))
                meant.add(instead)
            elif key not in known:
                found.append(((key,), f"unknown key{cls.hint(key, known)}"))
                meant.add(_nearest(key, known))
        found += [(path, text) for path, text in cls.missing_keys(keys) if not meant & {*path}]
        try:
            model = build({key: value for key, value in keys.items() if key in known})
        except ValidationError as error:
            found += [
                (path, text)
                for path, text in sentences(error)
                if text != "missing" or len(path) > 1 or path[0] not in meant
            ]
            raise mistakes(found) from None
        found += model.mistakes()
        if found:
            raise mistakes(found)
        return model


M = TypeVar("M", bound=Model)


class Family(dict[str, type[M]]):
    """The models of one kind, by the text of their `type` key: the one place that knows them."""

    def __init__(self, noun: str, example: str | None = None) -> None:
        super().__init__()
        self.noun, self._example = noun, example

    def register(self, model: type[M]) -> type[M]:
        """Enter a model under the name that its `type` field has as its default."""
        self[model.model_fields["type"].default] = model
        return model

    def parse(self, data: Any) -> M:
        """Return the checked model that `data["type"]` chooses."""
        if not isinstance(data, dict):
            example = f'{{"type": {quoted(self._example or next(iter(self)))}, ...}}'
            raise invalid_value(f"expected an object such as {example}, not {quoted(data)}")
        if "type" not in data:
            raise mistakes([(("type",), f"missing{did_you_mean(None, self)}")])
        kind = data["type"]
        if not isinstance(kind, str) or kind not in self:
            raise mistakes(
                [(("type",), f"no {self.noun} {quoted(kind)}{did_you_mean(kind, self)}")]
            )
        return self[kind].model_validate(data)


def is_comment(key: str) -> bool:
    """Return whether a key of a specification is a comment."""
    return key.startswith(("_", "$"))


def invalid_value(text: str) -> PydanticCustomError:
    """Make the error that a validator raises for the value it was given."""
    return PydanticCustomError("mistake", "{text}", {"text": text})


def mistakes(found: Iterable[tuple[Path, str]]) -> ValidationError:
    """Make the error that a validator raises for several places inside its value."""
    return ValidationError.from_exception_data(
        "mistakes",
        [InitErrorDetails(type=invalid_value(text), loc=path, input=None) for path, text in found],
    )


def sentences(error: ValidationError) -> list[tuple[Path, str]]:
    """Return what a model's validation found: paths and sentences."""
    return [(tuple(each["loc"]), _sentence(each)) for each in error.errors()]


def problems_of(error: ValidationError, file: str) -> list[Problem]:
    """Return what a model's validation found as problems of a file."""
    return [Problem(path, text, file) for path, text in sentences(error)]


def in_document_order(problems: Iterable[Problem], raw: Any) -> list[Problem]:
    """Sort problems by where they stand in the document, what is missing last."""

    def place(problem: Problem) -> tuple[int, ...]:
        node, ranks = raw, []
        for step in problem.path:
            keys = list(node) if isinstance(node, dict) else []
            rank = step if isinstance(step, int) else keys.index(step) if step in keys else 1 << 30
            ranks.append(rank)
            node = value_at(node, step)
        return tuple(ranks)

    return sorted(dict.fromkeys(problems), key=place)


def value_at(node: Any, *steps: str | int) -> Any:
    """Return what stands at a path inside raw JSON, or None."""
    for step in steps:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def items(node: Any, *steps: str | int) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Walk the objects of the list at a path inside raw JSON: their paths and themselves."""
    found = value_at(node, *steps)
    for place, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, dict):
            yield (*steps, place), item


def quoted(value: Any) -> str:
    """Write a value from a specification the way it stands there, shortened."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = f'"{value}"' if isinstance(value, str) else _digits(value)
    return printable(text, 60)


def did_you_mean(word: Any, known: Iterable[str]) -> str:
    """Return `; did you mean "search"?` for the nearest known name, else `; one of` all of them."""
    names = [name for name in dict.fromkeys(known) if name]
    near = _nearest(word, names)
    if near is not None:
        return f"; did you mean {quoted(near)}?"
    some = [quoted(name)[1:-1] for name in names[:_MOST_NAMES]]
    return f"; one of {', '.join(some)}{', ...' * (len(names) > _MOST_NAMES)}" if names else ""


def _nearest(word: Any, known: Iterable[str]) -> str | None:
    if not isinstance(word, str) or len(word) > _LONGEST_NAME:
        return None
    names = {name.casefold(): name for name in known if len(name) <= _LONGEST_NAME}
    near = difflib.get_close_matches(word.casefold(), list(names), n=1, cutoff=0.6)
    return names[near[0]] if near else None


def _digits(value: Any) -> str:
    try:
        return str(value)
    except ValueError:  # an integer of thousands of digits
        return "a number of thousands of digits"


def _sentence(error: Any) -> str:
    """Say what pydantic found in the tone of this project."""
    kind = error["type"]
    if kind == "missing":
        return "missing"
    if kind == "literal_error":
        allowed = error["ctx"]["expected"].replace("'", '"')
        return f"expected {allowed}, not {quoted(error['input'])}"
    wanted = {
        "list_type": "a list",
        "dict_type": "an object",
        "string_type": "a text",
        "bool_type": "true or false",
    }.get(kind)
    return f"expected {wanted}, not {quoted(error['input'])}" if wanted else str(error["msg"])


def number(value: Any) -> int | float:
    """Check that a value is a finite JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid_value(f"expected a number, not {quoted(value)}")
    if not abs(value) <= sys.float_info.max:
        raise invalid_value(f"{quoted(value)} is out of range")
    return value


def whole(value: Any) -> int:
    """Check that a value is a whole number; `3.0` is one."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid_value(f"expected a whole number, not {quoted(value)}")
    return value


def at_least_one(what: str) -> AfterValidator:
    """Make the check of a list or a text that must not be empty."""

    def check(values: Sized) -> Sized:
        if not values:
            raise invalid_value(f"expected at least one {what}")
        return values

    return AfterValidator(check)


def _whole_characters(value: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise invalid_value("half of a surrogate pair is no character")
    return value


def _name(value: str) -> str:
    if not value:
        raise invalid_value('expected a name, not ""')
    return value


def _above_zero(value: float) -> float:
    if value <= 0:
        raise invalid_value(f"expected a number above 0, not {quoted(value)}")
    return value


def _not_negative(value: float) -> float:
    if value < 0:
        raise invalid_value(f"expected 0 or more, not {quoted(value)}")
    return value


def _percent(value: float) -> float:
    if not 0 <= value <= 100:
        raise invalid_value(f"expected a percentage from 0 to 100, not {quoted(value)}")
    return value


def _secret(value: Any) -> SecretStr:
    """Check a text that must not be shown, not even when it is wrong."""
    if not isinstance(value, str):
        raise invalid_value("expected a text")
    return SecretStr(value)


def _web_address(value: Any) -> SecretStr:
    secret = _secret(value)
    try:
        parts = urlsplit(value)
        right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        right = False
    if not right or not value.isprintable() or " " in value:
        raise invalid_value('expected an address such as "https://host:8088/path"')
    return secret


def _chance(value: float) -> float:
    if not 0 < value <= 1:
        raise invalid_value(f"expected a probability above 0 and at most 1, not {quoted(value)}")
    return value


Name = Annotated[str, AfterValidator(_name)]
Text = Annotated[str, AfterValidator(_whole_characters)]
Number = Annotated[float, PlainValidator(number)]
Positive = Annotated[Number, AfterValidator(_above_zero)]
NotNegative = Annotated[Number, AfterValidator(_not_negative)]
Percent = Annotated[Number, AfterValidator(_percent)]
Chance = Annotated[Number, AfterValidator(_chance)]
Whole = Annotated[int, PlainValidator(whole)]
Count = Annotated[Whole, AfterValidator(_not_negative)]
Secret = Annotated[SecretStr, PlainValidator(_secret)]
WebAddress = Annotated[SecretStr, PlainValidator(_web_address)]
