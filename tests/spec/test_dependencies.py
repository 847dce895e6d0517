"""What is made of each other is put in an order."""

from random import Random

from datagen.spec.dependencies import in_order


def ordered(**reads: str) -> list[str]:
    """Return the names that come together, and a star where they form a circle."""
    found = in_order({name: set(each) for name, each in reads.items()})
    return ["".join(each.names) + ("*" if each.circle else "") for each in found]


def test_each_comes_after_what_it_reads() -> None:
    """Names that are no names of the order do not matter."""
    assert ordered(a="bx", b="c", c="") == ["c", "b", "a"]
    assert ordered() == []


def test_circles_come_together() -> None:
    """One that reads itself is a circle of its own; what only reads from one is none."""
    assert ordered(a="a") == ["a*"]
    assert ordered(a="bc", b="c", c="bd", d="d", e="a") == ["d*", "bc*", "a", "e"]


def test_random_orders() -> None:
    """Nothing is read before it comes, but within a circle."""
    random = Random(1)
    for _ in range(200):
        names = "abcdefg"[: random.randint(1, 7)]
        reads = {name: {each for each in names if random.random() < 0.2} for name in names}
        seen: set[str] = set()
        for together in in_order(reads):
            assert together.circle == any(
                reads[name] & set(together.names) for name in together.names
            )
            seen |= set(together.names)
            assert all(reads[name] <= seen for name in together.names)
        assert seen == set(names)
