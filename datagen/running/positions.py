"""Gives problems their lines and columns, in the documents that they come from."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from datagen.errors import Problem
from datagen.input_files import MAX_BYTES
from datagen.running.document_name import DocumentName, origin
from datagen.running.documents import MAX_DEPTH
from datagen.running.places import Place, line_and_column, place_at, places_of_json
from datagen.validation import Model

_OF_KEYS = ("unknown key", "appears twice")  # how sentences about a key begin, not about its value


def located(problems: Iterable[Problem], *, minor: bool = True) -> list[Problem]:
    """Return problems with the documents, paths and positions that they come from; `minor` ones only if asked for.

    A wrong value is where it begins, an unknown key where the key does, a missing one where its object does.
    """
    places: dict[int, tuple[str, Place] | None] = {}
    made = []
    for each in problems:
        file, path = origin(each.file, each.path)
        moved = replace(each, path=path, file=file)
        if each.position is None and isinstance(file, DocumentName) and (minor or not each.minor):
            if id(file) not in places:
                places[id(file)] = _places(file)
            known = places[id(file)]
            if known is not None:
                text, whole = known
                place = place_at(whole, path, of_key=_is_about_key(each.text))
                moved = replace(moved, position=line_and_column(text, place))
        made.append(moved)
    return made


def _places(file: DocumentName) -> tuple[str, Place] | None:
    """Return the text of a document, and the places of its parts; None where it has no text that could be read."""
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if not text.strip():
        return ("", Place(0)) if file.data else None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text, _places_of_yaml(text, file)
    return text, places_of_json(text)


def _places_of_yaml(text: str, file: str) -> Place:
    if file.endswith(".json"):
        return Place(0)
    try:
        from datagen.running.yaml_text import read_yaml  # noqa: PLC0415 - for YAML alone

        return read_yaml(text, MAX_DEPTH, MAX_BYTES).place
    except (ImportError, ValueError):
        return Place(0)


def _is_about_key(text: str) -> bool:
    """Return whether a sentence is about a key that does not belong where it is."""
    return text.startswith(_OF_KEYS) or text in _texts_of_moved_keys()


@cache
def _texts_of_moved_keys() -> frozenset[str]:
    """Return the sentences about keys that belong elsewhere."""
    return frozenset(text for model in _models(Model) for _, text in model.MOVED_KEYS.values())


def _models(model: type[Model]) -> Iterator[type[Model]]:
    yield model
    for each in model.__subclasses__():
        yield from _models(each)
