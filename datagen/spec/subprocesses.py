"""The states of a process that run another file, its child, and the start of such a file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field as Key
from pydantic import PlainValidator, ValidationError

from datagen.errors import Path
from datagen.fields.base import Field, NamedField, parse_named_field, validate_size
from datagen.spec.constants import literal_as_raw, literal_field
from datagen.spec.merging import VARIABLES, Part
from datagen.spec.old_words import modernized
from datagen.spec.process import STATES, ProcessState
from datagen.spec.transitions import Transition
from datagen.validation import (
    Name,
    Problems,
    invalid_value,
    invalid_values,
    is_comment,
    messages_of,
    objects_at,
    quoted,
)

Item = Sequence[Field]  # the variables that a run of a child begins with


def item_as_raw(item: Any) -> list[Any]:
    """Return the raw field generators of the variables that an item, raw JSON, sets."""
    if isinstance(item, list) and all(map(_is_field, item)):
        return item
    if isinstance(item, dict):
        values = ((key, value) for key, value in item.items() if not is_comment(key))
        return [literal_as_raw(key, value) for key, value in values]
    return [literal_as_raw("item", item)]


def raw_items(state: Mapping[str, Any], lists: Mapping[str, Any]) -> list[Any]:
    """Return the items of a raw state; `lists` are the literal values that it may name."""
    items = state.get("in", state.get("items"))
    if isinstance(items, str):
        items = lists.get(items)
    return items if isinstance(items, list) else []


def unknown_lists(words: Any, lists: Mapping[str, Any]) -> Problems:
    """Yield the lists that states of a raw process name and that are not there."""
    for path, state in objects_at(words, "states"):
        name = state.get("in")
        if isinstance(name, str) and not isinstance(lists.get(name), list):
            yield (*path, "in"), _no_list(name)


def _no_list(name: str) -> str:
    return f"no list {quoted(name)} in constants or variable_defaults"


def _is_field(value: Any) -> bool:
    return isinstance(value, dict) and "name" in value and "type" in value


def _parsed_item(item: Any) -> Item:
    """Return the field generators of an item. Raises ValidationError."""
    if not (isinstance(item, list) and all(map(_is_field, item))):
        return [_literal(key, value) for key, value in _literals(item)]
    fields: list[Field] = []
    problems: list[tuple[Path, str]] = []
    for place, raw in enumerate(item):
        try:
            fields.append(parse_named_field(raw))
        except ValidationError as error:
            problems += [((place, *path), text) for path, text in messages_of(error)]
    problems += validate_size(fields, "")
    if problems:
        raise invalid_values(problems)
    return fields


def _literals(item: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(item, dict):
        yield from ((key, value) for key, value in item.items() if not is_comment(key))
    else:
        yield "item", item


def _literal(key: str, value: Any) -> Field:
    if not key:
        raise invalid_value('expected names of variables, not ""')
    return literal_field(key, value)


def _parsed_items(value: Any) -> Any:
    """Check a list of items, each by itself. Raises ValidationError."""
    if not isinstance(value, list):
        raise invalid_value(f"expected a list of items, not {quoted(value)}")
    items: list[Item] = []
    problems: list[tuple[Path, str]] = []
    for place, raw in enumerate(value):
        try:
            items.append(_parsed_item(raw))
        except ValidationError as error:
            problems += [((place, *path), text) for path, text in messages_of(error)]
    if problems:
        raise invalid_values(problems)
    return items


def _items_or_name(value: Any) -> Any:
    return value if isinstance(value, str) else _parsed_items(value)


Items = Annotated[Any, PlainValidator(_parsed_items)]
ItemsOrName = Annotated[Any, PlainValidator(_items_or_name)]


class ChildState(ProcessState):
    """The base of states that run a child: `states` or `config` is the path to its file."""

    name: Name
    states: str | None = None
    config: str | None = None
    next: str
    has_child = True
    MOVED_KEYS: ClassVar = {
        "emitter": (None, "a subprocess emits nothing itself; its child does"),
        "variables": (None, "a subprocess sets only its items; put an activity before it"),
        "transitions": ("next", "a subprocess has one next; put a gateway:exclusive after it"),
    }

    @classmethod
    def missing_keys(cls, keys: dict[str, Any]) -> Problems:
        given = [key for key in ("states", "config") if key in keys]
        if len(given) != 1:
            text = "both are given; one of them" if given else "missing"
            yield ("states",), f"{text}: the path to the child, in states or config"

    def flows(self) -> list[Transition]:
        return [Transition(next=self.next, probability=1)]


@STATES.register
class Subprocess(ChildState):
    """Runs the child once."""

    type: Literal["subprocess"] = "subprocess"


@STATES.register
class MultiVariables(ChildState):
    """Runs the child once an item."""

    type: Literal["subprocess:multi:variables"] = "subprocess:multi:variables"
    given: Items = Key(alias="items")

    def items(self, lists: Mapping[str, Any]) -> list[Item]:
        del lists
        return list(self.given)


@STATES.register
class MultiInstance(ChildState):
    """Runs the child once an item; `in` may name a list."""

    type: Literal["subprocess:multi_instance"] = "subprocess:multi_instance"
    inside: ItemsOrName = Key(default=None, alias="in")
    given: Items = Key(default=None, alias="items")

    @classmethod
    def missing_keys(cls, keys: dict[str, Any]) -> Problems:
        yield from super().missing_keys(keys)
        given = [key for key in ("in", "items") if key in keys]
        if len(given) != 1:
            text = "both are given; one of them" if given else "missing"
            yield ("in",), f"{text}: the list of items, in in or items"

    def items(self, lists: Mapping[str, Any]) -> list[Item]:
        if not isinstance(self.inside, str):
            return list(self.inside if self.inside is not None else self.given)
        if not isinstance(lists.get(self.inside), list):
            raise invalid_values([(("in",), _no_list(self.inside))])
        words = modernized({"states": [{"items": lists[self.inside]}]}).raw
        return list(_parsed_items(words["states"][0]["items"]))


@STATES.register
class StartMessage(ProcessState):
    """Where a child begins; its variables are drawn at each run of the child."""

    type: Literal["event:start:message"] = "event:start:message"
    variables: list[NamedField] = Key(default_factory=list)
    variables_on_entry: list[NamedField] = Key(default_factory=list)
    next: str
    begins_child = True
    MOVED_KEYS: ClassVar = {
        "emitter": (None, "a start emits nothing; put an activity after it"),
        "transitions": ("next", "a start has one next; put a gateway:exclusive after it"),
        "cardinality_distribution": (None, "a message waits for nothing; put an event:intermediate:timer after it"),
    }  # fmt: skip

    def at_start(self) -> Sequence[Field]:
        return [*self.variables_on_entry, *self.variables]

    def validate_keys(self) -> Problems:
        yield from validate_size([*self.variables_on_entry, *self.variables], VARIABLES)

    def flows(self) -> list[Transition]:
        return [Transition(next=self.next, probability=1)]


class Entry(ProcessState):
    """What a worker does where a run of a child begins: it sets variables, or nothing at all."""

    type: Literal["entry"] = "entry"
    variables: Any = ()
    defaults: Any = ()
    key: str = VARIABLES
    next: str

    def flows(self) -> list[Transition]:
        return [Transition(next=self.next, probability=1)]

    def parts(self) -> list[Part]:
        return [Part(list(self.variables), self.key, list(self.defaults), begins=True)]

    @property
    def is_passed_by(self) -> bool:
        return not self.variables and not self.defaults
