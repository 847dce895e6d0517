"""What is printed without a specification: the presets, the schemas of files, the completion of a shell."""

import json
from collections.abc import Callable, Mapping
from typing import BinaryIO

from datagen.input_files import read_file
from datagen.lookup import bare_names, find_file
from datagen.running.options import Request


def is_asked_for(request: Request) -> bool:
    """Return whether a request is for one of these texts, and for no run."""
    return any(getattr(request, name) for name in TEXTS)


def print_text(request: Request, stdout: BinaryIO) -> None:
    """Write the text that a request is for. Raises TargetError, ReaderGoneError."""
    import numpy as np  # noqa: PLC0415 - completion and --help stay light

    from datagen.formats.rendered import RecordBytes, Rendered  # noqa: PLC0415
    from datagen.targets.stdout import StdoutTarget  # noqa: PLC0415

    name = next(name for name in TEXTS if getattr(request, name))
    data = TEXTS[name](request).encode()
    with StdoutTarget().open(stdout) as sink:
        sink.write(Rendered((RecordBytes(memoryview(data), np.array([len(data)])),)))


def presets() -> str:
    """Return the bare names of specifications, each with the first sentences of its comment, a line each."""
    names = bare_names("gen")
    width = max(map(len, names), default=0)
    return "".join(f"{name:{width}}  {_comment(name)}".rstrip() + "\n" for name in names)


def _comment(name: str) -> str:
    """Return what a specification says of itself, on one line; nothing where it cannot be read."""
    try:
        raw = json.loads(read_file(find_file(name, "gen") or name))
    except (OSError, ValueError):
        return ""
    text = raw.get("_comment", raw.get("_description", "")) if isinstance(raw, dict) else ""
    return " ".join(text.split()) if isinstance(text, str) else ""


def _schema(request: Request) -> str:
    from datagen.inspection.json_schema import json_schema  # noqa: PLC0415 - it needs all models

    return json.dumps(json_schema(str(request.json_schema)), indent=2, ensure_ascii=False) + "\n"


def _completion(request: Request) -> str:
    from datagen.cli.completion import completion  # noqa: PLC0415 - it needs the parser
    from datagen.cli.parser import parser  # noqa: PLC0415

    return completion(str(request.completion), parser())


TEXTS: Mapping[str, Callable[[Request], str]] = {  # by the name of the request's option
    "presets": lambda _: presets(),
    "json_schema": _schema,
    "completion": _completion,
}
