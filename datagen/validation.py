"""Turns raw JSON into frozen, checked models, and what is wrong with it into problems with paths.

Every model of a specification derives from `Model`; every family of models that is chosen by its
`type` key (distributions, fields, targets) is a `Family`. All messages are made here, in one tone:
what was found, what was expected, what was probably meant.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from importlib import import_module
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
from datagen.meanings import KEYS, NONE, TYPES, Meanings, meant_name
from datagen.one_line import listed, printable

Problems = Iterator[tuple[Path, str]]  # paths, and a sentence for each
_MAX_NAMES = 48  # listed in a hint


class Model(BaseModel):
    """A part of a specification: immutable, without unknown keys, its comments left out."""

    # deferred: a run needs few of the models, and building the rest is much of a short run
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)
    # keys that belong elsewhere: the key to use here instead, if there is one, and what to do
    MOVED_KEYS: ClassVar[Mapping[str, tuple[str | None, str]]] = {}

    def validate_keys(self) -> Problems:
        """Yield what is wrong between keys that are each right by themselves; paths begin at this model."""
        yield from ()

    @classmethod
    def missing_keys(cls, keys: dict[str, Any]) -> Problems:
        """Yield what is wrong with the set of keys that are there, whatever their values are."""
        del keys
        yield from ()

    @classmethod
    def hint(cls, key: str, known: Iterable[str]) -> str:
        """Return the end of the message for an unknown key: the name that was probably meant."""
        return did_you_mean(key, sorted(known), KEYS)

    @model_validator(mode="wrap")
    @classmethod
    def _validate_all(cls, data: Any, build: Callable[[Any], Any]) -> Any:
        """Build the model, or raise one error with all that is wrong, whichever check finds it."""
        if not isinstance(data, dict):
            raise invalid_value(f"expected an object, not {quoted(data)}")
        keys = {key: value for key, value in data.items() if not is_comment(key)}
        known = cls.known_keys()
        problems, meant = cls.key_problems(keys)
        try:
            model = build({key: value for key, value in keys.items() if key in known})
        except ValidationError as error:
            problems += _without_missing(messages_of(error), meant)
            raise invalid_values(problems) from None
        problems += model.validate_keys()
        if problems:
            raise invalid_values(problems)
        return model

    @classmethod
    def known_keys(cls) -> dict[str, str]:
        """Return the keys that it has, with the names of its attributes."""
        return {field.alias or name: name for name, field in cls.model_fields.items()}

    @classmethod
    def key_problems(cls, keys: dict[str, Any]) -> tuple[list[tuple[Path, str]], set[str | None]]:
        """Return the problems with the set of keys that are there, and the keys meant by those that do not belong."""
        problems, meant = cls._unknown_keys(keys, {*cls.known_keys()})
        missing = [(path, text) for path, text in cls.missing_keys(keys) if not meant & {*path}]
        return [*problems, *missing], meant

    @classmethod
    def _unknown_keys(
        cls, keys: Iterable[str], known: set[str]
    ) -> tuple[list[tuple[Path, str]], set[str | None]]:
        """Return the problems with keys that do not belong here, and the keys meant by them."""
        problems: list[tuple[Path, str]] = []
        meant: set[str | None] = set()
        for key in keys:
            if key in cls.MOVED_KEYS:
                instead, text = cls.MOVED_KEYS[key]
                problems.append(((key,), text))
                meant.add(instead)
            elif key not in known:
                problems.append(((key,), f"unknown key{cls.hint(key, known)}"))
                meant.add(meant_name(key, known, KEYS))
        return problems, meant


M = TypeVar("M", bound=Model)


class Family(Mapping[str, type[M]]):
    """The models of one kind by the value of their `type` key: the registry of that kind."""

    def __init__(self, noun: str, example: str | None = None) -> None:
        self.noun, self._example = noun, example
        self._modules: Mapping[str, str] = {}
        self._models: dict[str, type[M]] = {}

    def locate(self, modules: Mapping[str, str]) -> None:
        """Name the modules that register models, by `type`: each is imported once its model is wanted.

        Messages list the types in this order.
        """
        self._modules = modules

    def register(self, model: type[M]) -> type[M]:
        """Add a model under the default of its `type` field; usable as a decorator."""
        self._models[model.model_fields["type"].default] = model
        return model

    def __getitem__(self, kind: str) -> type[M]:
        if kind not in self._models and kind in self._modules:
            import_module(self._modules[kind])
        return self._models[kind]

    def __contains__(self, kind: object) -> bool:
        return kind in self._modules or kind in self._models

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._modules, *self._models)))

    def __len__(self) -> int:
        return len({*self._modules, *self._models})

    def parse(self, data: Any) -> M:
        """Return the checked model that `data["type"]` chooses. Raises ValidationError."""
        if not isinstance(data, dict):
            example = f'{{"type": {quoted(self._example or next(iter(self)))}, ...}}'
            raise invalid_value(f"expected an object such as {example}, not {quoted(data)}")
        if "type" not in data:
            raise invalid_values([(("type",), f"missing{did_you_mean(None, self)}")])
        kind = data["type"]
        if not isinstance(kind, str) or kind not in self:
            text = f"no {self.noun} {quoted(kind)}{did_you_mean(kind, self, TYPES)}"
            raise invalid_values([(("type",), text)])
        return self[kind].model_validate(data)


def _without_missing(problems: Iterable[tuple[Path, str]], meant: set[str | None]) -> Problems:
    """Yield the problems without those of keys that are missing only because they are misspelt."""
    for path, text in problems:
        if text != "missing" or len(path) > 1 or path[0] not in meant:
            yield path, text


def is_comment(key: str) -> bool:
    """Return whether a key of a specification is a comment."""
    return key.startswith(("_", "$"))


def without_comments(value: Any) -> Any:
    """Return a raw object without its comments."""
    if not isinstance(value, dict):
        return value
    return {key: each for key, each in value.items() if not is_comment(key)}


def invalid_value(text: str) -> PydanticCustomError:
    """Return the error that a validator raises for the value it was given."""
    return PydanticCustomError("invalid_value", "{text}", {"text": text})


def invalid_values(problems: Iterable[tuple[Path, str]]) -> ValidationError:
    """Return the error that a validator raises for several places inside its value."""
    details = [
        InitErrorDetails(type=invalid_value(text), loc=path, input=None) for path, text in problems
    ]
    return ValidationError.from_exception_data("invalid values", details)


def messages_of(error: ValidationError) -> list[tuple[Path, str]]:
    """Return what a model's validation found: paths, and a sentence for each."""
    return [(tuple(each["loc"]), _message(each)) for each in error.errors()]


def problems_of(error: ValidationError, file: str) -> list[Problem]:
    """Return what a model's validation found as problems of a file."""
    return [Problem(path, text, file) for path, text in messages_of(error)]


def in_document_order(problems: Iterable[Problem], raw: Any) -> list[Problem]:
    """Return problems sorted by their places in a JSON document, missing keys last, none twice."""

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
    """Return the value at a path inside raw JSON, or None where there is none."""
    for step in steps:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def objects_at(node: Any, *steps: str | int) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield (path, object) for each object in the list at a path inside raw JSON."""
    values = value_at(node, *steps)
    for place, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, dict):
            yield (*steps, place), value


def quoted(value: Any) -> str:
    """Return a value the way it is written in a specification, at most 60 characters of it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = f'"{value}"' if isinstance(value, str) else _digits(value)
    return printable(text, 60)


def did_you_mean(word: Any, known: Iterable[str], meanings: Meanings = NONE) -> str:
    """Return `; did you mean "search"?` for the closest known name, else `; one of` all of them.

    `meanings` are words that mean one of them.
    """
    names = [name for name in dict.fromkeys(known) if name]
    closest = meant_name(word, names, meanings)
    if closest is not None:
        return f"; did you mean {quoted(closest)}?"
    some = [quoted(name)[1:-1] for name in names[: _MAX_NAMES + 1]]
    return f"; one of {listed(some, _MAX_NAMES)}" if names else ""


def _digits(value: Any) -> str:
    try:
        return str(value)
    except ValueError:  # an integer of thousands of digits
        return "a number of thousands of digits"


def _message(error: Any) -> str:
    """Return what pydantic found, in the tone of this project."""
    kind = error["type"]
    if kind == "missing":
        return "missing"
    if kind == "literal_error":
        allowed = error["ctx"]["expected"].replace("'", '"')
        return f"expected {allowed}, not {quoted(error['input'])}"
    expected = {
        "list_type": "a list",
        "dict_type": "an object",
        "string_type": "a text",
        "bool_type": "true or false",
    }.get(kind)
    return f"expected {expected}, not {quoted(error['input'])}" if expected else str(error["msg"])


def number(value: Any) -> int | float:
    """Return a finite JSON number. Raises the error of a validator for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid_value(f"expected a number, not {quoted(value)}")
    if not abs(value) <= sys.float_info.max:
        raise invalid_value(f"{quoted(value)} is out of range")
    return value


def integer(value: Any) -> int:
    """Return a whole number; `3.0` is one. Raises the error of a validator for anything else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid_value(f"expected a whole number, not {quoted(value)}")
    return value


def at_least_one(what: str) -> AfterValidator:
    """Return the check that a list or a text is not empty; `what` is the noun of its parts in the message."""

    def check(values: Sized) -> Sized:
        if not values:
            raise invalid_value(f"expected at least one {what}")
        return values

    return AfterValidator(check)


def unicode_text(value: str) -> str:
    """Return a text of characters only. Raises the error of a validator for a lone surrogate."""
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise invalid_value("a lone surrogate is not a character")
    return value


def _name(value: str) -> str:
    if not value:
        raise invalid_value('expected a name, not ""')
    return value


def _above_zero(value: float) -> float:
    if value <= 0:
        raise invalid_value(f"expected a number above 0, not {quoted(value)}")
    return value


def _non_negative(value: float) -> float:
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
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid or not value.isprintable() or " " in value:
        raise invalid_value('expected an address such as "https://host:8088/path"')
    return secret


def _delimiter(value: str) -> str:
    if len(value) != 1 or not value.isascii() or value in '"\r\n\0':
        raise invalid_value(
            f"expected one ASCII character that is not a quote, not {quoted(value)}"
        )
    return value


def _probability(value: float) -> float:
    if not 0 <= value <= 1:
        raise invalid_value(f"expected a probability from 0 to 1, not {quoted(value)}")
    return value


def _positive_probability(value: float) -> float:
    if not 0 < value <= 1:
        raise invalid_value(f"expected a probability above 0 and at most 1, not {quoted(value)}")
    return value


Name = Annotated[str, AfterValidator(_name)]
UnicodeText = Annotated[str, AfterValidator(unicode_text)]
Delimiter = Annotated[UnicodeText, AfterValidator(_delimiter)]  # of the cells of CSV
Number = Annotated[float, PlainValidator(number)]
Positive = Annotated[Number, AfterValidator(_above_zero)]
NonNegative = Annotated[Number, AfterValidator(_non_negative)]
Percent = Annotated[Number, AfterValidator(_percent)]
Probability = Annotated[Number, AfterValidator(_probability)]
PositiveProbability = Annotated[Number, AfterValidator(_positive_probability)]
Integer = Annotated[int, PlainValidator(integer)]
Count = Annotated[Integer, AfterValidator(_non_negative)]
Secret = Annotated[SecretStr, PlainValidator(_secret)]
WebAddress = Annotated[SecretStr, PlainValidator(_web_address)]


def names_of(value: Any, what: str) -> tuple[str, ...]:
    """Return the names of a text, or of a list of them, each `what` is. Raises ValidationError."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(each, str) for each in names):
        raise invalid_value(f"expected {what} or a list of them, not {quoted(value)}")
    return tuple(names)
