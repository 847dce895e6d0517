"""What a user asks of a run."""

from datagen.running.options import MODES, Request


def test_a_run_is_what_is_asked_for_unless_something_else_is() -> None:
    """Then by its name."""
    assert Request().mode is None
    assert Request(sample=1).mode == "sample"
    assert all(getattr(Request(), name) is None for name in MODES)
