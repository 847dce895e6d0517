"""Turns raw JSON into frozen, checked models, and what is wrong with it into problems with paths.

Every model of a specification derives from `Model`; every family of models that is chosen by its
`type` key (distributions, fields, targets) is a `Family`. All messages are made here, in one tone:
what stands there, what was expected, what was probably meant.
"""

import difflib
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainValidator,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from datagen.errors import Path, Problem

INT64 = range(-(1 << 63), 1 << 63)


class Model(BaseModel):
    """A part of a specification: immutable, without unknown keys, its comments left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def mistakes(self) -> Iterator[tuple[Path, str]]:
        """Yield what is wrong between keys that are each right: a path below here, a sentence."""
        yield from ()

    @model_validator(mode="wrap")
    @classmethod
    def _in_one_go(cls, data: Any, build: Callable[[Any], Any]) -> Any:
        if not isinstance(data, dict):
            raise mistake(f"expected an object, not {shown(data)}")
        keys = {key: value for key, value in data.items() if not is_comment(key)}
        known = {field.alias or name for name, field in cls.model_fields.items()}
        found: list[tuple[Path, str]] = [
            ((key,), f"unknown key{did_you_mean(key, known) or _one_of(sorted(known))}")
            for key in keys
            if key not in known
        ]
        try:
            model = build({key: value for key, value in keys.items() if key in known})
        except ValidationError as error:
            raise mistakes(
                found + [(tuple(e["loc"]), _sentence(e)) for e in error.errors()]
            ) from None
        found += model.mistakes()
        if found:
            raise mistakes(found)
        return model


M = TypeVar("M", bound=Model)


class Family(dict[str, type[M]]):
    """The models of one kind, by the text of their `type` key: the one place that knows them."""

    def __init__(self, noun: str) -> None:
        super().__init__()
        self.noun = noun

    def register(self, model: type[M]) -> type[M]:
        """Enter a model under the name that its `type` field has as its default."""
        self[model.model_fields["type"].default] = model
        return model

    def parse(self, data: Any) -> M:
        """Give the checked model that `data["type"]` chooses."""
        if not isinstance(data, dict):
            raise mistake(f"expected {self._article} {self.noun} object, not {shown(data)}")
        if "type" not in data:
            raise mistakes([(("type",), f"missing{_one_of(self)}")])
        kind = data["type"]
        if not isinstance(kind, str) or kind not in self:
            hint = did_you_mean(kind, self) or _one_of(self)
            raise mistakes([(("type",), f"no {self.noun} {shown(kind)}{hint}")])
        return self[kind].model_validate(data)

    @property
    def _article(self) -> str:
        return "an" if self.noun[0] in "aeiou" else "a"


def is_comment(key: str) -> bool:
    """Tell whether a key of a specification is a comment."""
    return key.startswith(("_", "$"))


def mistake(text: str) -> PydanticCustomError:
    """Make the error that a validator raises for the value it was given."""
    return PydanticCustomError("mistake", "{text}", {"text": text})


def mistakes(found: Iterable[tuple[Path, str]]) -> ValidationError:
    """Make the error that a validator raises for several places inside its value."""
    return ValidationError.from_exception_data(
        "mistakes",
        [InitErrorDetails(type=mistake(text), loc=path, input=None) for path, text in found],
    )


def problems_of(error: ValidationError, file: str) -> list[Problem]:
    """Give what a model's validation found as problems of a file."""
    return [Problem(tuple(each["loc"]), _sentence(each), file) for each in error.errors()]


def in_document_order(problems: Iterable[Problem], raw: Any) -> list[Problem]:
    """Sort problems by where they stand in the document, what is missing last."""

    def place(problem: Problem) -> tuple[int, ...]:
        node, ranks = raw, []
        for step in problem.path:
            keys = list(node) if isinstance(node, dict) else []
            rank = step if isinstance(step, int) else keys.index(step) if step in keys else 1 << 30
            ranks.append(rank)
            node = at(node, step)
        return tuple(ranks)

    return sorted(dict.fromkeys(problems), key=place)


def at(node: Any, *steps: str | int) -> Any:
    """Give what stands at a path inside raw JSON, or None."""
    for step in steps:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def items(node: Any, *steps: str | int) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Walk the objects of the list at a path inside raw JSON: their paths and themselves."""
    found = at(node, *steps)
    for place, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, dict):
            yield (*steps, place), item


def shown(value: Any) -> str:
    """Write a value from a specification the way it stands there, shortened."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = f'"{value}"' if isinstance(value, str) else _digits(value)
    text = text.encode("unicode_escape").decode() if not text.isprintable() else text
    return text if len(text) <= 60 else text[:57] + "..."


def did_you_mean(word: Any, known: Iterable[str]) -> str:
    """Give `; did you mean "search"?` for the nearest known name, or an empty text."""
    if not isinstance(word, str):
        return ""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    if not near:
        folded = {name.casefold(): name for name in known}
        near = [folded[word.casefold()]] if word.casefold() in folded else []
    return f"; did you mean {shown(near[0])}?" if near else ""


def _digits(value: Any) -> str:
    try:
        return str(value)
    except ValueError:  # an integer of thousands of digits
        return "a number of thousands of digits"


def _one_of(names: Iterable[str]) -> str:
    return f"; one of {', '.join(names)}"


def _sentence(error: Any) -> str:
    """Say what pydantic found in the tone of this project."""
    kind = error["type"]
    if kind == "missing":
        return "missing"
    wanted = {
        "list_type": "a list",
        "tuple_type": "a list",
        "string_type": "a text",
        "bool_type": "true or false",
    }.get(kind)
    return f"expected {wanted}, not {shown(error['input'])}" if wanted else str(error["msg"])


def number(value: Any) -> int | float:
    """Check that a value is a finite JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise mistake(f"expected a number, not {shown(value)}")
    if not abs(value) <= sys.float_info.max:
        raise mistake(f"{shown(value)} is out of range")
    return value


def whole(value: Any) -> int:
    """Check that a value is a whole number; `3.0` is one."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise mistake(f"expected a whole number, not {shown(value)}")
    return value


def _above_zero(value: float) -> float:
    if value <= 0:
        raise mistake(f"expected a number above 0, not {shown(value)}")
    return value


def _not_negative(value: float) -> float:
    if value < 0:
        raise mistake(f"expected 0 or more, not {shown(value)}")
    return value


def _percent(value: float) -> float:
    if not 0 <= value <= 100:
        raise mistake(f"expected a percentage from 0 to 100, not {shown(value)}")
    return value


Number = Annotated[float, PlainValidator(number)]
Positive = Annotated[Number, AfterValidator(_above_zero)]
NotNegative = Annotated[Number, AfterValidator(_not_negative)]
Percent = Annotated[Number, AfterValidator(_percent)]
Whole = Annotated[int, PlainValidator(whole)]
Count = Annotated[Whole, AfterValidator(_not_negative)]
