"""How often something is measured."""

from benchmarks.measure import measured_well


def test_what_is_not_well_is_measured_twice_more() -> None:
    """One busy moment is no miss; whoever looks at the median sees three."""
    asked: list[int] = []

    def measure(count: int) -> list[int]:
        asked.append(count)
        return [7] * count

    assert measured_well(measure, 1, lambda found: found == [7]) == [7]
    assert measured_well(measure, 1, lambda _: False) == [7, 7, 7]
    assert asked == [1, 1, 2]
