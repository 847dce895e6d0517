"""What a request has to be read from."""

from dataclasses import dataclass
from typing import Any, BinaryIO

from datagen.errors import Problem
from datagen.file_set import FileSet
from datagen.running.document_name import DocumentName
from datagen.running.options import Request
from datagen.running.params import NO_PARAMS, Params
from datagen.targets import Target
from datagen.validation import value_at


@dataclass(frozen=True)
class Given:
    """What a request has to be read from: the document of its specification, and stdin.

    With a `target`, none is read, nor what can be read only once: the records are for somebody else.
    """

    request: Request
    stdin: BinaryIO
    raw: Any
    file: str
    target: Target | None = None
    problems: tuple[Problem, ...] = ()  # that were found on the way
    params: Params = NO_PARAMS  # of the document

    @property
    def source(self) -> FileSet:
        """Return the file that a replay is of, if the specification is that of one."""
        name = value_at(self.raw, "source_file")
        return FileSet("source", (name,) if isinstance(name, str) else ())

    @property
    def included(self) -> tuple[str, ...]:
        """Return the files that the document includes parts of."""
        return self.file.others if isinstance(self.file, DocumentName) else ()

    def key(self, name: str) -> Any:
        """Return what the document has under a key, or None; what it says of events is nothing to entities."""
        if self.request.entities is not None:
            return None
        return self.raw.get(name) if isinstance(self.raw, dict) else None
