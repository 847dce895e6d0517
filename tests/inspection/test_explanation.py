"""Figures of several populations together."""

from datagen.inspection.explanation import Level, together

STEADY, CURVED = Level(2, 2, 2), Level(10, 1, 30, 60, 720)


def test_levels_add_up() -> None:
    """With extremes where one of them alone has any."""
    assert together([STEADY, CURVED]) == Level(12, 3, 32, 60, 720)
    assert together([STEADY, STEADY]) == Level(4, 4, 4)
    assert together([CURVED, CURVED]) == Level(20, 20, 20)
