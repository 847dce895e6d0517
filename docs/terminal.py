"""Draws what `--sample` shows at a terminal into `docs/pictures/sample.svg`: the output itself, as text."""

import io
import re
import shlex
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from unittest import mock

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # run as a script, this file sees only its own folder

import generator  # noqa: E402
from datagen.cli import modes  # noqa: E402
from datagen.inspection.display import Display  # noqa: E402

PICTURE = HERE / "pictures" / "sample.svg"
COMMAND = "-c shop --sample 2 -s 2027-03-12 --seed 1"
_CHARACTER, _LINE, _MARGIN, _SIZE = 7.8, 18, 16, 13  # pixels
_SGR = re.compile(r"\033\[([\d;]+)m(.*?)\033\[0m")
_COLORS = {"": "#d4d4d4", "1;36": "#4ec9d4", "34": "#79b8ff", "32": "#9ecb72", "33": "#e5b567", "35": "#c792ea", "2": "#8a8a8a", "31": "#f47067"}  # fmt: skip


def shown() -> list[str]:
    """Return the lines that a wide terminal with colours gets, the command first."""
    out = io.BytesIO()
    with mock.patch.object(modes, "display_of", return_value=Display(color=True)):
        status = generator.main([*shlex.split(COMMAND), "-q"], io.BytesIO(), out, io.StringIO())
    assert status == 0
    return [f"$ python generator.py {COMMAND}", *out.getvalue().decode().splitlines()]


def picture() -> str:
    """Return the picture."""
    lines = [list(_runs(line)) for line in shown()]
    longest = max(sum(len(text) for _, text in runs) for runs in lines)
    width, height = 2 * _MARGIN + longest * _CHARACTER, 2 * _MARGIN + len(lines) * _LINE
    texts = "\n".join(text for row, runs in enumerate(lines) for text in _texts(row, runs))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" role="img" '
        f'aria-label="A terminal with records of each emitter">\n'
        f'<rect width="100%" height="100%" rx="8" fill="#1e1e1e"/>\n'
        f'<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="{_SIZE}" style="white-space:pre">\n'
        f"{texts}\n</g>\n</svg>\n"
    )


def _runs(line: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a line that have one colour, and the code of that."""
    end = 0
    for found in _SGR.finditer(line):
        yield "", line[end : found.start()]
        yield found[1], found[2]
        end = found.end()
    yield "", line[end:]


def _texts(row: int, runs: list[tuple[str, str]]) -> Iterator[str]:
    """Yield an element for each part that is not blank, as wide as its characters are in any font."""
    place, y = 0, _MARGIN + (row + 0.75) * _LINE
    for code, text in runs:
        if text.strip():
            lead = len(text) - len(text.lstrip())
            inner = text.strip()
            x, width = _MARGIN + (place + lead) * _CHARACTER, len(inner) * _CHARACTER
            weight = ' font-weight="bold"' if code.startswith("1") else ""
            yield (
                f'<text x="{x:.1f}" y="{y:g}" textLength="{width:.1f}" fill="{_COLORS[code]}"{weight}>'
                f"{escape(inner, quote=False)}</text>"
            )
        place += len(text)


def main() -> None:
    """Draw the picture."""
    PICTURE.write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
