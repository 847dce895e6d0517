"""The name that the problems of a document go by, and where its parts come from."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Self

from datagen.errors import Path, Problem

Origins = Mapping[Path, tuple[str, Path]]


class DocumentName(str):  # noqa: SLOT000 - a class of texts may have attributes, or none
    """The name of a document, which has its bytes, and knows which parts come from others.

    `origins` has for the path of each such part the name of another document, and the path there.
    """

    data: bytes
    origins: Origins

    def __new__(cls, name: str, data: bytes = b"", origins: Origins | None = None) -> Self:
        made = super().__new__(cls, name)
        made.data, made.origins = data, origins or {}
        return made

    def with_origins(self, origins: Origins) -> "DocumentName":
        """Return the name of a document in which some more parts come from others."""
        return DocumentName(self, self.data, {**self.origins, **origins})

    @property
    def others(self) -> tuple[str, ...]:
        """Return the names of the documents that parts come from, each once."""
        found: dict[str, None] = {}
        for name, _ in self.origins.values():
            inner = name.others if isinstance(name, DocumentName) else ()
            found |= dict.fromkeys((name, *inner))
        return tuple(map(str, found))


def origin(file: str, path: Path) -> tuple[str, Path]:
    """Return the document that a part of a document comes from, and its path there."""
    if isinstance(file, DocumentName):
        for length in range(len(path), 0, -1):
            found = file.origins.get(path[:length])
            if found is not None:
                name, start = found
                return origin(name, (*start, *path[length:]))
    return file, path


def located(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems with the documents and paths that they come from."""
    made = []
    for each in problems:
        file, path = origin(each.file, each.path)
        made.append(replace(each, path=path, file=file))
    return made
