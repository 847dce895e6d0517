"""The parts of pictures in SVG: escaped texts, their estimated widths, and a style for light and dark."""

import unicodedata
from html import escape

from datagen.one_line import shortened

# text and lines have a contrast of 4.5 and 3 or more to what is behind them; blue and orange differ for colour-blind eyes
# as Okabe and Ito recommend in "Color Universal Design", 2008
_STYLE = """
.drawn{--ground:#fff;--ink:#1c2430;--faint:#56616f;--box:#e3eefb;--edge:#0a6ebd;--end:#a8480a;--rule:#d5dae1}
@media(prefers-color-scheme:dark){.drawn{--ground:#1b212a;--ink:#e6eaf0;--faint:#a3afbd;--box:#1d3550;--edge:#6cb8f5;--end:#f2a65a;--rule:#3a4451}}
.drawn text{font:11px system-ui,sans-serif;fill:var(--faint)}.drawn .name{font-weight:600;font-size:12px;fill:var(--ink)}
.drawn .ground{fill:var(--ground)}.drawn .box{fill:var(--box);stroke:var(--edge)}.drawn .silent{fill:var(--ground);stroke:var(--faint)}
.drawn .lost{stroke-dasharray:4 3}.drawn .way{fill:none;stroke:var(--faint)}.drawn .head,.drawn .begin{fill:var(--faint)}
.drawn .end{fill:var(--end)}.drawn .area{fill:var(--box)}.drawn .line{fill:none;stroke:var(--edge);stroke-width:1.5}
.drawn .bar{fill:var(--edge)}.drawn .mean{stroke:var(--end);stroke-width:1.5;stroke-dasharray:4 3}.drawn .rule{stroke:var(--rule)}
"""


def style() -> str:
    """Return the style of all pictures of a page."""
    return f"<style>{_STYLE}</style>"


def picture(size: tuple[float, float], what: str, body: str, *, alone: bool = False) -> str:
    """Return a picture of so many pixels, no larger than there is room for; `alone` it is a file of its own, with a style.

    `what` is said in its place to those who do not see it.
    """
    width, height = (round(each) for each in size)
    head = ' xmlns="http://www.w3.org/2000/svg"' if alone else ""
    ground = f'<rect class="ground" width="{width}" height="{height}" rx="6"/>' if alone else ""
    return (
        f'<svg{head} class="drawn" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{clean(what, quote=True)}">{style() if alone else ""}{ground}{body}</svg>'
    )


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "") -> str:
    """Return a text at a place; `anchor` is "middle" or "end" where that is not its beginning."""
    attributes = f' class="{kind}"' if kind else ""
    attributes += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{number(x)}" y="{number(y)}"{attributes}>{clean(words)}</text>'


def clean(words: str, *, quote: bool = False) -> str:
    """Return a text as HTML and XML: escaped, without characters that do not print; of an attribute, with `quote`."""
    shown = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in words)
    return escape(shown, quote=quote)


def number(value: float) -> str:
    """Return a coordinate in few characters."""
    return f"{value:.1f}".removesuffix(".0")


def width_of(words: str, size: float = 6.3) -> float:
    """Return about how wide a text is, by how wide most of its characters are: pixels."""
    return sum(1.8 * size if unicodedata.east_asian_width(e) in "WF" else size for e in words)


def folded(words: str, longest: int, lines: int) -> list[str]:
    """Return a text in at most so many lines of so many characters, at blanks where there are some."""
    found: list[str] = []
    rest = words.strip()
    while len(rest) > longest and len(found) < lines - 1:
        cut = rest.rfind(" ", 1, longest + 1)
        cut = longest if cut < 0 else cut
        found.append(rest[:cut])
        rest = rest[cut:].strip()
    return [*found, shortened(rest, longest)]
