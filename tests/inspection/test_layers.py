"""Places of boxes and arrows."""

import random
from itertools import combinations, pairwise

import pytest

from datagen.inspection.layers import Layout, Link, layout
from tests.support.quickness import at_most

BOX = (80.0, 40.0)
LABEL = (30.0, 13.0)


def random_links(seed: int, boxes: int, count: int) -> list[Link]:
    """Return arrows between boxes, loops and cycles among them."""
    made = random.Random(seed)
    return [
        Link(made.randrange(boxes), made.randrange(boxes), LABEL, made.random())
        for _ in range(count)
    ]


def rectangles(found: Layout, links: list[Link]) -> list[tuple[float, float, float, float]]:
    """Return what boxes and labels cover: left, top, right, bottom."""
    middles = [(each, BOX) for each in found.middles]
    middles += [
        (route.label, link.label)
        for route, link in zip(found.routes, links, strict=True)
        if route is not None
    ]
    return [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for (x, y), (w, h) in middles]


@pytest.mark.parametrize("seed", range(12))
def test_nothing_lies_on_anything(seed: int) -> None:
    """Boxes and labels are apart, and all within the picture, however the arrows lead."""
    links = random_links(seed, 14, 30)
    found = layout([BOX] * 14, links, [0])
    covered = rectangles(found, links)
    for (a, b, c, d), (e, f, g, h) in combinations(covered, 2):
        assert c <= e + 1e-6 or g <= a + 1e-6 or d <= f + 1e-6 or h <= b + 1e-6
    assert min(each[0] for each in covered) >= -1e-6
    assert max(each[2] for each in covered) <= found.width + 1e-6
    assert max(each[3] for each in covered) <= found.height + 1e-6


@pytest.mark.parametrize("seed", range(12))
def test_arrows_go_from_box_to_box_around_the_others(seed: int) -> None:
    """They begin and end at a side of their boxes, and pass no other one."""
    links = random_links(seed, 14, 30)
    found = layout([BOX] * 14, links, [0])
    for link, route in zip(links, found.routes, strict=True):
        assert (route is None) == (link.source == link.target)
        if route is None:
            continue
        for (x, y), box in ((route.points[0], link.source), (route.points[-1], link.target)):
            middle = found.middles[box]
            assert abs(x - middle[0]) <= BOX[0] / 2
            assert abs(y - middle[1]) == BOX[1] / 2
        for place, (x, y) in enumerate(found.middles):
            for (a, b), (c, d) in pairwise(route.points):
                if a == c and place not in (link.source, link.target) and abs(a - x) < BOX[0] / 2:
                    assert max(b, d) <= y - BOX[1] / 2 + 1e-6 or min(b, d) >= y + BOX[1] / 2 - 1e-6


def test_what_follows_is_below() -> None:
    """Arrows that close a cycle lead upwards."""
    links = [Link(0, 1), Link(1, 2), Link(2, 0), Link(0, 2)]
    found = layout([BOX] * 3, links, [0])
    ys = [y for _, y in found.middles]
    assert ys == sorted(ys)
    back = found.routes[2]
    assert back is not None
    assert back.points[0][1] > back.points[-1][1]


def test_tree_has_no_crossings() -> None:
    """Neighbours decide the order in a layer."""
    links = [Link(0, 2), Link(0, 1), Link(1, 3), Link(2, 4), Link(1, 5), Link(2, 6)]
    found = layout([BOX] * 7, links, [0])
    xs = [x for x, _ in found.middles]
    left = xs[1] < xs[2]
    assert (max(xs[3], xs[5]) < min(xs[4], xs[6])) == left


def test_chain_is_straight() -> None:
    """Boxes are as near to their neighbours as they can be."""
    found = layout([BOX] * 4, [Link(0, 1), Link(1, 2), Link(2, 3)], [0])
    assert [x for x, _ in found.middles] == [40.0] * 4


def test_it_is_the_same_each_time() -> None:
    """No order hangs on a hash."""
    links = random_links(3, 30, 90)
    assert layout([BOX] * 30, links, [0]) == layout([BOX] * 30, links, [0])


def test_nothing_is_laid_out() -> None:
    """No box, no size."""
    assert layout([], [], []) == Layout((), (), 0.0, 0.0)


def test_many_arrows_take_no_time_and_the_last_are_left_out() -> None:
    """Those of the highest ranks."""
    links = random_links(1, 100, 1000)
    with at_most(1):
        found = layout([BOX] * 100, links, [0])
    drawn = [
        link.rank for link, route in zip(links, found.routes, strict=True) if route is not None
    ]
    assert 20 < len(drawn) < 900
    assert min(link.rank for link in links) == min(drawn)
