"""Turns the picture of a machine into SVG: boxes for states, arrows between them, in layers."""

from dataclasses import dataclass
from itertools import pairwise

from datagen.inspection.diagram import Arrow, Diagram, StateBox
from datagen.inspection.layers import Layout, Link, Route, layout
from datagen.inspection.svg import clean, folded, number, picture, text, width_of
from datagen.spec.state_graph import STOP

_LINE, _PAD, _MARGIN = 14, 9, 14
_LONGEST, _NAME_LINES = 26, 2  # characters of a line
_LOOP = 26  # how far a loop stands out


@dataclass(frozen=True)
class _Box:
    """What is written in a box: lines of a name and of notes, with their kinds; and beside its loop."""

    lines: tuple[tuple[str, str], ...]
    kind: str
    title: str
    loop: tuple[str, ...] | None = None

    @property
    def width(self) -> float:
        """Return how wide it is, without its loop."""
        return (
            max(width_of(words, 7.2 if kind == "name" else 6.3) for words, kind in self.lines)
            + 2 * _PAD
        )

    @property
    def beside(self) -> float:
        """Return how wide its loop is, with the label."""
        return 0.0 if self.loop is None else _LOOP + 4 + max(map(width_of, self.loop))

    @property
    def height(self) -> float:
        """Return how tall it is."""
        return max(len(self.lines), len(self.loop or ())) * _LINE + 2 * _PAD - 4


def machine_picture(diagram: Diagram, *, alone: bool = False) -> str:
    """Return the machine as SVG; `alone`, as a file of its own.

    What ends is said in the box that it ends in. Where there are too many arrows the least likely ones are not drawn.
    """
    boxes, links, arrows = _boxes(diagram), [], []
    ranks: dict[int, int] = {}
    for arrow in sorted(diagram.arrows, key=lambda each: -each.share):
        if STOP != arrow.target != arrow.source:
            lines = folded(arrow.label, _LONGEST, 3)
            size = (max(map(width_of, lines)) + 4, len(lines) * 13.0)
            rank = ranks[arrow.source] = ranks.get(arrow.source, 0) + 1
            links.append(Link(arrow.source, arrow.target, size, rank + 1 - arrow.share))
            arrows.append((arrow, lines))
    firsts = range(len(diagram.states), len(boxes))
    links += [Link(box, each.first) for box, each in zip(firsts, diagram.beginnings, strict=True)]
    sizes = [(each.width + each.beside, each.height) for each in boxes]
    found = layout(sizes, links, firsts)
    drawn = [*_ways(found, arrows)]
    drawn += [
        _box(each, middle[0] - each.beside / 2, middle[1])
        for each, middle in zip(boxes, found.middles, strict=True)
    ]
    drawn += [
        _label(route, lines)
        for route, (_, lines) in zip(found.routes, arrows, strict=False)
        if route is not None
    ]
    missing = found.routes.count(None)
    if missing:
        words = f"{missing:,} of {len(arrows):,} arrows, the least likely ones, are not drawn"
        drawn.append(text(0, found.height + 20, words))
    size = (
        max(found.width, 320 if missing else 0) + 2 * _MARGIN,
        found.height + 2 * _MARGIN + (20 if missing else 0),
    )
    body = f'<g transform="translate({_MARGIN} {_MARGIN})">{"".join(drawn)}</g>'
    what = (
        f"{len(diagram.states)} states and what leads from one to another; the table says the same"
    )
    return picture(size, what, body, alone=alone)


def _boxes(diagram: Diagram) -> list[_Box]:
    """Return a box for each state, and one for each beginning."""
    ends = {each.source: each for each in diagram.arrows if each.target == STOP}
    loops = {each.source: each for each in diagram.arrows if each.target == each.source}
    boxes = []
    for place, state in enumerate(diagram.states):
        loop = loops.get(place)
        beside = None if loop is None else tuple(folded(loop.label, _LONGEST, 3))
        kind = ("box" if state.emitters else "silent") + ("" if state.reached else " lost")
        boxes.append(_Box(_lines(state, ends.get(place)), kind, state.name, beside))
    for each in diagram.beginnings:
        lines = tuple((line, "") for line in folded(each.text, _LONGEST + 14, 2))
        boxes.append(_Box(lines, "begin", each.text))
    return boxes


def _lines(state: StateBox, end: Arrow | None) -> tuple[tuple[str, str], ...]:
    """Return what is written in the box of a state."""
    lines = [(line, "name") for line in folded(state.name, _LONGEST, _NAME_LINES)]
    lines += [(line, "") for note in state.notes for line in folded(note, _LONGEST + 4, 1)]
    if end is not None:
        words = end.label if end.label[0].isdigit() else f": {end.label}"
        lines += [
            (line, "end")
            for line in folded(f"ends {words}".replace("ends :", "ends:"), _LONGEST + 4, 2)
        ]
    return tuple(lines)


def _box(box: _Box, x: float, y: float) -> str:
    """Return a box around a middle."""
    left, top = x - box.width / 2, y - box.height / 2
    if box.kind == "begin":
        dots = (
            f'<circle class="begin" cx="{number(x)}" cy="{number(top + box.height + 1)}" r="4.5"/>'
        )
        shape = dots
    else:
        shape = (
            f'<rect class="{box.kind}" x="{number(left)}" y="{number(top)}" width="{number(box.width)}" '
            f'height="{number(box.height)}" rx="7"/>'
        )
    base = y - len(box.lines) * _LINE / 2 + 10.5
    lines = "".join(
        text(x, base + place * _LINE, words, kind, "middle")
        for place, (words, kind) in enumerate(box.lines)
    )
    loop = "" if box.loop is None else _loop(box.loop, left + box.width, y)
    return f"<g><title>{clean(box.title)}</title>{shape}{lines}{loop}</g>"


def _loop(lines: tuple[str, ...], right: float, y: float) -> str:
    """Return an arrow from the right side of a box to itself, and its label."""
    out = right + _LOOP
    way = f'<path class="way" d="M{number(right)} {number(y - 9)}C{number(out)} {number(y - 16)} {number(out)} {number(y + 16)} {number(right + 6)} {number(y + 9)}"/>'
    head = f'<path class="head" d="M{number(right)} {number(y + 8)}l8 -2.5l-1.5 7.5z"/>'
    base = y - len(lines) * 6.5 + 10
    return (
        way + head + "".join(text(out, base + place * 13, line) for place, line in enumerate(lines))
    )


def _ways(found: Layout, arrows: list[tuple[Arrow, list[str]]]) -> list[str]:
    """Return the lines of all arrows, the thicker the likelier."""
    drawn = []
    for place, route in enumerate(found.routes):
        if route is None:
            continue
        share = arrows[place][0].share if place < len(arrows) else 0.5
        (x, y), *_ = reversed(route.points)
        up = 1 if route.points[-2][1] > y else -1  # where it comes from
        tip = f'<path class="head" d="M{number(x)} {number(y)}l-4 {8 * up}h8z"/>'
        points = (*route.points[:-1], (x, y + 6 * up))
        drawn.append(
            f'<path class="way" stroke-width="{number(0.8 + 1.7 * share)}" d="{_curve(points)}"/>{tip}'
        )
    return drawn


def _curve(points: tuple[tuple[float, float], ...]) -> str:
    """Return a line through points that is vertical at each of them."""
    (x, y), *_ = points
    steps = [f"M{number(x)} {number(y)}"]
    for (a, b), (c, d) in pairwise(points):
        if abs(a - c) < 0.05:
            steps.append(f"V{number(d)}")
        else:
            middle = number((b + d) / 2)
            steps.append(f"C{number(a)} {middle} {number(c)} {middle} {number(c)} {number(d)}")
    return "".join(steps)


def _label(route: Route, lines: list[str]) -> str:
    """Return the label of an arrow on a ground of its own."""
    x, y = route.label
    wide, tall = max(map(width_of, lines)) + 4, len(lines) * 13
    ground = f'<rect class="ground" x="{number(x - wide / 2)}" y="{number(y - tall / 2)}" width="{number(wide)}" height="{tall}"/>'
    return ground + "".join(
        text(x, y - tall / 2 + 10 + place * 13, line, anchor="middle")
        for place, line in enumerate(lines)
    )
