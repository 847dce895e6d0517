"""Turns a path with fields in braces into the names of files: whatever the values are, none is outside its folder."""

import re
from collections.abc import Iterable
from itertools import chain, zip_longest

import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import TextArray
from datagen.batch import Group
from datagen.targets.files.path_pattern import FIELD, PART_SUFFIX
from datagen.targets.message_keys import LabelTemplate

_LONGEST = 120  # bytes of a value in a name
_HARMFUL = re.compile(r"[/\x00-\x1f\x7f-\x9f\ufdd0]")
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")  # what the value of a variable may hold is no field
_BETWEEN = "/"  # the values of a route: no value has one


class RoutePath:
    """A path with fields in braces; `{{` and `}}` are braces. Raises ValueError for a brace that stands alone.

    `pattern` is the path with FIELD in place of each field.
    """

    def __init__(self, path: str) -> None:
        pieces = LabelTemplate(_VARIABLE.sub(r"${{\1}}", path)).pieces
        self.path = path
        self.fields = tuple(text for is_field, text in pieces if is_field)
        self.pattern = "".join(FIELD if is_field else text for is_field, text in pieces)

    def label(self) -> "RouteLabel":
        """Return what makes the routes of records."""
        return RouteLabel(self.fields)


class RouteLabel:
    """Makes the route of each record: its values of some fields as parts of names, with slashes between."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self._values = tuple(LabelTemplate("{" + name + "}") for name in fields)
        self._fields = fields

    def fields(self) -> Iterable[str]:
        """Return the fields that routes are made of."""
        return self._fields

    def texts(self, group: Group) -> TextArray:
        """Return the routes of the records of one emitter: a string array of n."""
        columns = [_harmless(each.texts(group)) for each in self._values]
        return pc.binary_join_element_wise(*columns, _BETWEEN)


def path_of(pattern: str, route: str) -> str:
    """Return the path of a route: a pattern with its values in place of FIELD, and no name that leads elsewhere."""
    constants, values = pattern.split(FIELD), route.split(_BETWEEN)
    text = "".join(chain.from_iterable(zip_longest(constants, values, fillvalue="")))
    names = zip(pattern.split("/"), text.split("/"), strict=True)
    return "/".join(_named(own) if FIELD in part else own for part, own in names)


def _named(name: str) -> str:
    """Return the name of a file or folder: not the folder itself, nor the one above, nor one of an unfinished file."""
    if name in {".", ".."}:
        return "_" * len(name)
    return name.removesuffix(PART_SUFFIX) + "_part" if name.endswith(PART_SUFFIX) else name


def _harmless(texts: TextArray) -> TextArray:
    """Return values as parts of names: what no name may have is `_`, and so is a value that is nothing; long ones are cut."""
    if not len(texts):
        return texts.cast(pa.string())
    encoded = texts.cast(pa.string()).fill_null("").dictionary_encode()
    values = [part_of_name(each) for each in encoded.dictionary.to_pylist()]
    return pa.array(values, pa.string()).take(encoded.indices)


def part_of_name(value: str) -> str:
    """Return a value as a part of a name."""
    text = _HARMFUL.sub("_", value) or "_"
    return text.encode()[:_LONGEST].decode(errors="ignore")
