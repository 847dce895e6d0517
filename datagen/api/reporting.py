"""Turns what goes wrong below into the one exception that programs get."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from datagen.errors import DatagenError, Error, Problem, SpecError


@contextmanager
def reported(redact: Callable[[str], str] = str) -> Iterator[None]:
    """Raise datagen.Error in place of errors of ours, with all of their problems; `redact` hides secrets in them."""
    try:
        yield
    except DatagenError as error:
        raise Error(_problems(error, redact)) from None


def _problems(error: DatagenError, redact: Callable[[str], str]) -> list[Problem]:
    if isinstance(error, SpecError):
        return [*error.problems]
    notes: list[str] = getattr(error, "__notes__", [])
    return [Problem((), redact(text)) for text in (*error.texts, *notes)]
