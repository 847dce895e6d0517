"""What records of a sample take."""

import pytest

from datagen.inspection.record_sizes import SAMPLE, record_sizes
from tests.support.explanations import NOW, plan_of
from tests.support.helpers import invoke
from tests.support.machines import constant, exponential, spec_of

SPEC = spec_of(
    {"a": (constant(1), {"b": 1}), "b": (constant(1), {"stop": 1})},
    exponential(1),
    [{"name": "n", "type": "string", "chars": "x", "length_distribution": constant(20)}],
)


@pytest.mark.parametrize("kind", [None, "csv"])
def test_sizes_are_those_of_the_format(kind: str | None) -> None:
    """Without a header; as many records as are enough."""
    plan = plan_of(SPEC, kind=kind)
    found = record_sizes(plan, plan.start_at(NOW), ())
    flags = () if kind is None else ("--csv",)
    lines = invoke("-n", "1000", "-s", "2027-03-12", *flags, spec=SPEC).out.splitlines(
        keepends=True
    )
    assert found.mean == found.size("e") == pytest.approx(len(lines[-1]))
    assert SAMPLE <= found.records["e"] <= 2 * SAMPLE
    assert found.size("none") is None
