"""Positions of targets: what of a checkpoint can be one."""

import pytest

from datagen.targets.delivered import Position, impossible_position


@pytest.mark.parametrize("value", [-1, None, "5", 2.0, True, [], 1 << 63])
def test_number_of_a_state_is_whole_and_not_below_0(value: object) -> None:
    """What is not there is the default; what is something else is no position."""
    assert Position(1, {"length": 7}).number("length", -1) == 7
    assert Position(1, {}).number("length", -1) == -1
    with pytest.raises(ValueError, match="expected a whole number from 0 to"):
        Position(1, {"length": value}).number("length", -1)


def test_impossible_position_says_what_to_do() -> None:
    """As a damaged checkpoint does."""
    assert str(impossible_position("out")) == (
        "out: the checkpoint is damaged. To start over, move it and the output of the target away; 0 records were "
        "delivered"
    )
