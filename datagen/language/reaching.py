"""Parts of parts: members of objects, elements of lists, slices."""

from collections.abc import Sequence

from datagen.columns.column_type import JSON, NOTHING, TEXT, ColumnType, list_type, union
from datagen.language.list_functions import LIST_FUNCTIONS, sliced
from datagen.language.maker import Maker
from datagen.language.problems import MistakeError, described
from datagen.language.signatures import WHOLE
from datagen.language.tree import Constant, Node
from datagen.validation import did_you_mean, quoted


def member(maker: Maker, whole: Node, name: str, at: int) -> Node:
    """Return `whole.name`: the member of an object, or of each object of a list. Raises MistakeError."""
    column_type = whole.column_type
    key = Constant(TEXT, at, name)
    elements = column_type.elements or NOTHING
    if column_type.kind == "list" and elements.kind == "object":
        found = list_type(_member_type(elements, name, at))
        return maker.call(LIST_FUNCTIONS["member_of_each"], found, at, whole, key)
    if column_type.kind == "object":
        return maker.call(
            LIST_FUNCTIONS["member"], _member_type(column_type, name, at), at, whole, key
        )
    if column_type.kind in ("json", "nothing"):
        return maker.call(LIST_FUNCTIONS["member_mixed"], JSON, at, whole, key)
    if column_type.kind == "list" and elements.kind in ("json", "nothing"):
        return maker.call(LIST_FUNCTIONS["member_mixed"], list_type(JSON), at, whole, key)
    raise MistakeError(at, f"{described(column_type)} has no part {quoted(name)}")


def _member_type(column_type: ColumnType, name: str, at: int) -> ColumnType:
    known = dict(column_type.members)
    if name not in known:
        raise MistakeError(at, f"the object has no {quoted(name)}{did_you_mean(name, known)}")
    return known[name]


def part_of(maker: Maker, whole: Node, place: Node, at: int) -> Node:
    """Return `whole[place]`: an element, a character, or a member by its name. Raises MistakeError."""
    if isinstance(place, Constant) and isinstance(place.value, str):
        return member(maker, whole, place.value, at)
    column_type = whole.column_type
    if column_type.kind == "object":
        return _computed_member(maker, whole, place, at)
    if column_type.kind in ("json", "nothing") or place.column_type.kind == "json":
        return maker.call(LIST_FUNCTIONS["element_mixed"], JSON, at, whole, place)
    if column_type.kind not in ("list", "text"):
        raise MistakeError(at, f"{described(column_type)} has no elements")
    number = WHOLE.fit(maker, place, "a place in a list or a text")
    elements = TEXT if column_type == TEXT else column_type.elements or NOTHING
    return maker.call(LIST_FUNCTIONS["element"], elements, at, whole, number)


def _computed_member(maker: Maker, whole: Node, name: Node, at: int) -> Node:
    """Return the member of an object whose name is computed."""
    if name.column_type.kind not in ("text", "json", "nothing"):
        raise MistakeError(
            name.at, f"the name of a part is a text, not {described(name.column_type)}"
        )
    whole = maker.settled(whole)
    found = union(each for _, each in whole.column_type.members)
    kinds = {each.kind for _, each in whole.column_type.members} - {"nothing"}
    exact = len(kinds) == 1 and not kinds & {"list", "object"}
    return maker.call(LIST_FUNCTIONS["element_mixed"], found if exact else JSON, at, whole, name)


def sliced_part(maker: Maker, whole: Node, bounds: Sequence[Node | None], at: int) -> Node:
    """Return `whole[start:stop:step]` of a text or a list. Raises MistakeError."""
    column_type = whole.column_type
    if column_type.kind not in ("text", "list", "json", "nothing"):
        raise MistakeError(at, f"{described(column_type)} has no slices")
    step = bounds[2]
    if isinstance(step, Constant) and step.value == 0:
        raise MistakeError(step.at, "the step of a slice is not 0")
    given = [each for each in bounds if each is not None]
    numbers = [WHOLE.fit(maker, each, "a slice") for each in given]
    start, stop, step_is_given = (each is not None for each in bounds)
    return maker.call(sliced((start, stop, step_is_given)), column_type, at, whole, *numbers)
