"""The style of pages for people: one HTML file each, without network or script, light and dark; cards, tables and pictures in SVG."""

from collections.abc import Iterable, Sequence
from html import escape

_WIDTH = 600  # of a picture, in its own units: it is as wide as its card
_LEFT, _BOTTOM, _TOP = 46, 18, 6  # of these, for numbers beside and below, and above
_STYLE = """
:root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--text:#1c2430;--soft:#5c6776;--line:#dfe3e9;
--one:#2f6fde;--two:#d9822b;--good:#1a7f4b;--bad:#c0362c;--none:#6b7686}
@media(prefers-color-scheme:dark){:root{--back:#12161c;--card:#1b212a;--text:#e6eaf0;--soft:#9aa6b5;--line:#303946;
--one:#6ea3ff;--two:#f0a860;--good:#54c98a;--bad:#ff8078;--none:#98a3b3}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:15px/1.45 system-ui,sans-serif}
main{max-width:1240px;margin:0 auto;padding:16px}
h1{font-size:22px;margin:4px 0 2px;overflow-wrap:anywhere}h2{font-size:16px;margin:0 0 8px}
p{margin:4px 0}.soft{color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));gap:14px;margin:14px 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px;min-width:0;overflow-wrap:anywhere}
.wide{grid-column:1/-1}.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{text-align:left;padding:4px 8px 4px 0;vertical-align:top;border-top:1px solid var(--line);overflow-wrap:normal}
th{color:var(--soft);font-weight:600;border-top:0}td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.mark{display:inline-block;padding:1px 8px;border-radius:9px;color:var(--card);font-size:12px;font-weight:600;white-space:nowrap}
.good{background:var(--good)}.bad{background:var(--bad)}.none{background:var(--none)}
svg{display:block;width:100%;height:auto}svg text{fill:var(--soft);font:11px system-ui,sans-serif}
.one{fill:var(--one)}.two{fill:none;stroke:var(--two);stroke-width:2}.first{fill:none;stroke:var(--one);stroke-width:2}.grid{stroke:var(--line)}
details summary{cursor:pointer;font-weight:600}code{font-size:12.5px;overflow-wrap:anywhere}
"""


def page(title: str, *parts: str) -> str:
    """Return a page: what comes first, and then cards or groups of them, as HTML."""
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def heading(title: str, *lines: str) -> str:
    """Return the title of a page, and lines of text below it."""
    return f"<h1>{escape(title)}</h1>" + "".join(
        f'<p class="soft">{escape(line)}</p>' for line in lines
    )


def cards(*several: str) -> str:
    """Return cards beside each other, as many as there is room for."""
    return f'<div class="cards">{"".join(several)}</div>'


def card(title: str, *parts: str, wide: bool = False) -> str:
    """Return a card with a title; `wide` over the whole page."""
    return (
        f'<section class="card{" wide" if wide else ""}"><h2>{escape(title)}</h2>'
        f"{''.join(parts)}</section>"
    )


def paragraph(text: str, *, soft: bool = False) -> str:
    """Return a paragraph of text."""
    kind = ' class="soft"' if soft else ""
    return f"<p{kind}>{escape(text)}</p>"


def mark(text: str, kind: str) -> str:
    """Return a short text on a colour: of the kind `good`, `bad` or `none`."""
    return f'<span class="mark {kind}">{escape(text)}</span>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """Return a table of HTML cells; the columns with these places are numbers."""
    kinds = [' class="n"' if place in numbers else "" for place in range(len(head))]
    first = "".join(
        f"<th{kind}>{escape(cell)}</th>" for kind, cell in zip(kinds, head, strict=True)
    )
    others = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, row, strict=True))
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{first}</tr></thead><tbody>{others}</tbody></table></div>'


def folded(title: str, *parts: str) -> str:
    """Return what is shown once its title is clicked."""
    return f"<details><summary>{escape(title)}</summary>{''.join(parts)}</details>"


def bars(
    values: Sequence[float], first: str = "", last: str = "", *, height: int = 120, what: str = ""
) -> str:
    """Return a picture of bars beside each other; `first` and `last` are written below the ends."""
    most = max(values, default=0.0)
    width = (_WIDTH - _LEFT) / max(len(values), 1)
    tall = height - _BOTTOM - _TOP
    path = "".join(
        f"M{_LEFT + place * width:.1f} {height - _BOTTOM}v{-value / most * tall:.1f}h{max(width - 1, width * 0.8):.1f}"
        f"V{height - _BOTTOM}z"
        for place, value in enumerate(values)
        if value > 0
    )
    return _picture(height, most, f'<path class="one" d="{path}"/>', first, last, what)


def lines(
    series: Sequence[Sequence[float]],
    first: str = "",
    last: str = "",
    *,
    height: int = 160,
    what: str = "",
) -> str:
    """Return a picture of one line, or two, over the same steps; the second has another colour."""
    most = max((value for each in series for value in each), default=0.0)
    drawn = "".join(
        f'<path class="{kind}" d="{_line(values, most, height)}"/>'
        for kind, values in zip(("first", "two"), series, strict=False)
        if len(values)
    )
    return _picture(height, most, drawn, first, last, what)


def number_text(value: float) -> str:
    """Return a number in few characters."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if unit == 'k' else size):.3g}{unit}"
    return f"{value:.4g}"


def _line(values: Sequence[float], most: float, height: int) -> str:
    width, tall = (_WIDTH - _LEFT) / max(len(values) - 1, 1), height - _BOTTOM - _TOP
    points = (
        f"{_LEFT + place * width:.1f} {height - _BOTTOM - (value / most if most else 0) * tall:.1f}"
        for place, value in enumerate(values)
    )
    return "M" + "L".join(points)


def _picture(height: int, most: float, drawn: str, first: str, last: str, what: str) -> str:
    """Return a picture with a line at the top and at 0."""
    low = height - _BOTTOM
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(what)}">'
        f'<path class="grid" d="M{_LEFT} {_TOP}H{_WIDTH}M{_LEFT} {low}H{_WIDTH}"/>{drawn}'
        f'<text x="{_LEFT - 6}" y="{_TOP + 8}" text-anchor="end">{escape(number_text(most))}</text>'
        f'<text x="{_LEFT - 6}" y="{low}" text-anchor="end">0</text>'
        f'<text x="{_LEFT}" y="{height - 4}">{escape(first)}</text>'
        f'<text x="{_WIDTH}" y="{height - 4}" text-anchor="end">{escape(last)}</text></svg>'
    )
