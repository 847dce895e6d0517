"""Writes a page, or another text, in place of a file, in one step."""

import os
import secrets

from datagen.durable import replace_file
from datagen.errors import OperationError

PAGE_ENDING = ".html"


def write_page(path: str, text: str, flag: str) -> None:
    """Write a text; `flag` is what asked for it. Raises OperationError."""
    real = os.path.realpath(path)
    beside = os.path.join(os.path.dirname(real), f".page.{secrets.token_hex(4)}.part")
    try:
        replace_file(real, text.encode("utf-8", "replace"), beside=beside, sync=False)
    except OSError as error:
        raise OperationError(f"{flag} {path}: {error.strerror or error}") from error
