"""Tells what `-t` says in short from the names of files: by its form alone, before anything else is loaded."""

import re

_DATA = ("jsonl", "ndjson", "csv", "tsv", "parquet", "arrow", "avro", "log")
_FILE = re.compile(rf".+\.(?:{'|'.join(_DATA)})(?:\.(?:gz|zst))?", re.DOTALL)
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PASSWORD = re.compile(r"(://[^/?#@]*?:)[^/?#@]*(?=@)")


def is_short(text: str) -> bool:
    """Return whether a text says what a target is, whatever files there are."""
    return scheme_of(text) is not None or bool(_FILE.fullmatch(text))


def scheme_of(text: str) -> str | None:
    """Return the scheme of a text that has the form of an address, `scheme://...`."""
    found = _ADDRESS.match(text)
    return found[1].lower() if found else None


def shown(text: str) -> str:
    """Return the text with `***` in place of a password, unless that is a variable."""
    return _PASSWORD.sub(lambda found: found[0] if "${" in found[0] else f"{found[1]}***", text)
