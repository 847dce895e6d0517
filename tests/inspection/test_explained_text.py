"""What is said, as lines."""

from datagen.inspection.display import Display
from datagen.inspection.explained_text import explained_lines
from tests.support.explanations import explanation
from tests.support.machines import NEVER_ENDING, constant, exponential, spec_of


def test_lines_of_a_machine() -> None:
    """Workers, arrivals, those alive, bytes, the run; then states, and where they lead."""
    spec = spec_of({"a": (constant(90), {"a": 0.5, "stop": 0.5})}, exponential(0.5))
    lines = list(explained_lines(explanation(spec, records=500), Display()))
    assert lines[1].startswith(
        "a worker: 2.00 records in 3 min on average (sd 1.41 records, 2 min 7 s)"
    )
    assert lines[2:4] == ["arrivals 2.00/s: 4.00 records/s on average", "alive: 360 on average"]
    assert any(each.startswith("this run: 500 records, ") for each in lines)
    assert lines[-1].split("  ")[-1] == "a 50 %, the end 50 %"


def test_what_has_no_end_is_said_to() -> None:
    """In words, not as a number."""
    text = "\n".join(explained_lines(explanation(NEVER_ENDING), Display()))
    assert "a worker: its visits have no end" in text
    assert "alive: ever more" in text
    assert "this run: no end; give -n, -r or --until" in text
