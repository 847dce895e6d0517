"""Turns boxes and arrows into places on a plane: in layers, from top to bottom, cycles and all.

The method is that of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures", IEEE
Transactions on Systems, Man, and Cybernetics 11 (1981), 109-125: arrows that close a cycle are turned round, a box comes below all that lead
to it, what passes a layer has a place in it, and the order in a layer follows from that of the neighbours. Labels have layers of
their own between those of boxes, so that nothing lies on anything. The same boxes and arrows give the same places.
"""

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Size = tuple[float, float]  # width, height
Point = tuple[float, float]

_GAP, _BESIDE, _BESIDE_LINE = 22.0, 22.0, 10.0  # between layers; between boxes; beside what passes
_SWEEPS, _MOST_PASSING = 10, 800
_STRAIGHT = 8.0  # how much more what passes wants to be straight
_PORT = 16.0  # between arrows at a side of a box, at most


@dataclass(frozen=True)
class Link:
    """An arrow between two boxes, by their numbers, and the size of its label; the least `rank` is drawn first."""

    source: int
    target: int
    label: Size = (0.0, 0.0)
    rank: float = 0.0


@dataclass(frozen=True)
class Route:
    """The way of an arrow: points in pairs, vertical between the two of a pair, and the middle of its label."""

    points: tuple[Point, ...]
    label: Point


@dataclass(frozen=True)
class Layout:
    """The middles of boxes; the route of each arrow, None where it is left out; and the size of it all."""

    middles: tuple[Point, ...]
    routes: tuple[Route | None, ...]
    width: float
    height: float


@dataclass
class _Item:
    """Something in a layer: a box, or where an arrow passes. Neighbours by their numbers."""

    width: float
    height: float
    layer: int
    passes: bool = False
    above: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)
    x: float = 0.0


def layout(boxes: Sequence[Size], links: Sequence[Link], roots: Sequence[int]) -> Layout:
    """Return where boxes and arrows are; roots come first, and arrows from a box to itself are left out."""
    turned = _turned(len(boxes), links, roots)
    depth = _depths(len(boxes), links, turned)
    items = [_Item(*size, 2 * depth[number]) for number, size in enumerate(boxes)]
    chains = _chains(items, links, turned)
    layers = _ordered(items)
    _place(items, layers)
    ys, height = _heights(items, layers)
    left = min((each.x - each.width / 2 for each in items), default=0.0)
    for each in items:
        each.x -= left
    width = max((each.x + each.width / 2 for each in items), default=0.0)
    middles = tuple((each.x, ys[each.layer][1]) for each in items[: len(boxes)])
    return Layout(middles, _routes(items, chains, turned, ys), width, height)


def _turned(count: int, links: Sequence[Link], roots: Sequence[int]) -> list[bool]:
    """Return which arrows close a cycle in a depth-first search: then they lead upwards."""
    leaving: list[list[int]] = [[] for _ in range(count)]
    for number, link in sorted(enumerate(links), key=lambda each: each[1].rank):
        leaving[link.source].append(number)
    turned, state = [False] * len(links), [0] * count  # 1: under way, 2: done
    for root in (*roots, *range(count)):
        if state[root]:
            continue
        state[root], stack = 1, [(root, iter(leaving[root]))]
        while stack:
            for number in stack[-1][1]:
                target = links[number].target
                turned[number] = state[target] == 1
                if not state[target]:
                    state[target] = 1
                    stack.append((target, iter(leaving[target])))
                    break
            else:
                state[stack.pop()[0]] = 2
    return turned


def _ends(link: Link, *, turned: bool) -> tuple[int, int]:
    """Return the upper and the lower box of an arrow."""
    return (link.target, link.source) if turned else (link.source, link.target)


def _depths(count: int, links: Sequence[Link], turned: Sequence[bool]) -> list[int]:
    """Return the layer of each box: one more than that of the lowest that leads to it."""
    pairs = [
        _ends(link, turned=up)
        for link, up in zip(links, turned, strict=True)
        if link.source != link.target
    ]
    below: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for upper, lower in pairs:
        below[upper].append(lower)
        waiting[lower] += 1
    depth, ready = [0] * count, [each for each in range(count) if not waiting[each]]
    for upper in ready:
        for lower in below[upper]:
            depth[lower] = max(depth[lower], depth[upper] + 1)
            waiting[lower] -= 1
            if not waiting[lower]:
                ready.append(lower)
    return depth


def _chains(
    items: list[_Item], links: Sequence[Link], turned: Sequence[bool]
) -> list[tuple[list[int], int] | None]:
    """Add what passes the layers between boxes; return the items of each arrow from the upper end on, and which holds its label.

    None of one that is left out: too much would pass, or it leads from a box to itself.
    """
    chains: list[tuple[list[int], int] | None] = [None] * len(links)
    passing = 0
    for number, link in sorted(enumerate(links), key=lambda each: each[1].rank):
        upper, lower = _ends(link, turned=turned[number])
        between = range(items[upper].layer + 1, items[lower].layer)
        passing += len(between)
        if link.source == link.target or passing > _MOST_PASSING:
            continue
        chain = [upper]
        labelled = between[-1] if turned[number] else between[0]
        for layer in between:
            width, height = link.label if layer == labelled else (2.0, 0.0)
            items.append(_Item(max(width, 2.0), height, layer, passes=True))
            chain.append(len(items) - 1)
        chain.append(lower)
        for one, other in pairwise(chain):
            items[one].below.append(other)
            items[other].above.append(one)
        chains[number] = (chain, chain[between.index(labelled) + 1])
    return chains


def _ordered(items: Sequence[_Item]) -> list[list[int]]:
    """Return the items of each layer from left to right: of several orders the one with the fewest crossings."""
    layers: list[list[int]] = [[] for _ in range(max((e.layer for e in items), default=-1) + 1)]
    for number, each in enumerate(items):
        layers[each.layer].append(number)
    best, fewest = [*map(list, layers)], _crossings(items, layers)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        _sort_by_neighbours(items, layers, down=sweep % 2 == 0)
        crossings = _crossings(items, layers)
        if crossings < fewest:
            best, fewest = [*map(list, layers)], crossings
    return best


def _sort_by_neighbours(items: Sequence[_Item], layers: Sequence[list[int]], *, down: bool) -> None:
    """Sort each layer, one after the other, by the means of the places of neighbours in the layer before it."""
    place = {number: at for layer in layers for at, number in enumerate(layer)}
    for layer in layers if down else reversed(layers):
        middle: dict[int, float] = {}
        for at, number in enumerate(layer):
            near = items[number].above if down else items[number].below
            middle[number] = sum(place[each] for each in near) / len(near) if near else at
        layer.sort(key=middle.__getitem__)
        place.update((number, at) for at, number in enumerate(layer))


def _crossings(items: Sequence[_Item], layers: Sequence[Sequence[int]]) -> int:
    """Return how many arrows cross between neighbouring layers."""
    place = {number: at for layer in layers for at, number in enumerate(layer)}
    total = 0
    for layer in layers:
        seen: list[int] = []
        for number in layer:
            ends = sorted(place[each] for each in items[number].below)
            total += sum(len(seen) - bisect_right(seen, each) for each in ends)
            for each in ends:
                insort(seen, each)
    return total


def _place(items: Sequence[_Item], layers: Sequence[Sequence[int]]) -> None:
    """Give each item its x, in the order of its layer: as near to the mean of its neighbours as it can be."""
    for layer in layers:
        for number, x in zip(layer, _spread(items, layer, [0.0] * len(layer)), strict=True):
            items[number].x = x
    for sweep in range(2 * _SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wished = [_wished(items, number, above_only=sweep == 0) for number in layer]
            for number, x in zip(layer, _spread(items, layer, wished), strict=True):
                items[number].x = x


def _wished(items: Sequence[_Item], number: int, *, above_only: bool) -> float:
    """Return the mean of the places of an item's neighbours; what passes looks most at what passes."""
    own = items[number]
    near = own.above if above_only else [*own.above, *own.below]
    if not near:
        return own.x
    weights = [_STRAIGHT if own.passes and items[each].passes else 1.0 for each in near]
    total = sum(weight * items[each].x for weight, each in zip(weights, near, strict=True))
    return total / sum(weights)


def _spread(items: Sequence[_Item], layer: Sequence[int], wished: Sequence[float]) -> list[float]:
    """Return the places nearest to those wished for, by least squares, with room for all: isotonic regression.

    The algorithm is "pool adjacent violators" (Barlow et al., "Statistical Inference under Order Restrictions", 1972, section 1.2).
    """
    offsets, at = [], 0.0
    for before, number in zip([None, *layer], layer, strict=False):
        if before is not None:
            one, other = items[before], items[number]
            beside = _BESIDE_LINE if one.passes and other.passes else _BESIDE
            at += (one.width + other.width) / 2 + beside
        offsets.append(at)
    blocks: list[tuple[float, int]] = []  # sum, count
    for wish, offset in zip(wished, offsets, strict=True):
        block = (wish - offset, 1)
        while blocks and blocks[-1][0] / blocks[-1][1] >= block[0] / block[1]:
            last = blocks.pop()
            block = (last[0] + block[0], last[1] + block[1])
        blocks.append(block)
    levels = [total / count for total, count in blocks for _ in range(count)]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]


def _heights(
    items: Sequence[_Item], layers: Sequence[Sequence[int]]
) -> tuple[list[tuple[float, float, float]], float]:
    """Return the top, the middle and the bottom of each layer, and where the last one ends."""
    found, y = [], 0.0
    for layer in layers:
        tall = max((items[number].height for number in layer), default=0.0)
        found.append((y, y + tall / 2, y + tall))
        y += tall + _GAP
    return found, max(y - _GAP, 0.0)


def _routes(
    items: Sequence[_Item],
    chains: Sequence[tuple[list[int], int] | None],
    turned: Sequence[bool],
    ys: Sequence[tuple[float, float, float]],
) -> tuple[Route | None, ...]:
    """Return the way of each arrow, from where it begins; those at one side of a box stand beside each other."""
    sides: dict[tuple[int, bool], list[tuple[float, int]]] = {}
    for number, each in enumerate(chains):
        if each is not None:
            chain = each[0]
            sides.setdefault((chain[0], True), []).append((items[chain[1]].x, number))
            sides.setdefault((chain[-1], False), []).append((items[chain[-2]].x, number))
    ports: dict[tuple[int, bool], float] = {}
    for (box, is_source), arrows in sides.items():
        step = min(_PORT, items[box].width * 0.8 / len(arrows))
        for place, (_, number) in enumerate(sorted(arrows)):
            ports[number, is_source] = items[box].x + (place - (len(arrows) - 1) / 2) * step
    routes: list[Route | None] = []
    for number, each in enumerate(chains):
        if each is None:
            routes.append(None)
            continue
        chain, labelled = each
        first, last = items[chain[0]], items[chain[-1]]
        points = [(ports[number, True], ys[first.layer][1] + first.height / 2)]
        for passing in (items[one] for one in chain[1:-1]):
            points += [(passing.x, ys[passing.layer][0]), (passing.x, ys[passing.layer][2])]
        points.append((ports[number, False], ys[last.layer][1] - last.height / 2))
        own = items[labelled]
        way = tuple(reversed(points)) if turned[number] else tuple(points)
        routes.append(Route(way, (own.x, ys[own.layer][1])))
    return tuple(routes)
