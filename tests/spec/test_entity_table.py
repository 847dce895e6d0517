"""What is known of the records of `--entities` before they are made."""

import pytest

from datagen.columns.column_type import INSTANT, INT
from datagen.errors import SpecError
from datagen.spec.entity_table import entity_table
from datagen.spec.parsing import parse_spec
from tests.support.entities import picked, shop
from tests.support.fields import integers, uniform

GROWING = {
    "count": {"initial": 5, "per_day": 24},
    "attributes": [{"name": "n", **integers(uniform(1, 9))}],
}
FIELD = {"name": "x", **picked("made", new=True)}
SPEC, _ = parse_spec(shop([FIELD], growing=GROWING, made={**GROWING, "count": 0}), "spec.json")


def test_columns_are_those_of_members() -> None:
    """With the instant of birth where there is one."""
    table = entity_table(SPEC, "growing", "spec.json", limited=False, records=False)
    assert table.fields == ("id", "born", "n")
    assert table.record_schema.columns == {"id": INT, "born": INSTANT, "n": INT}
    assert table.record_schema.emitters == {"growing": table.record_schema.columns}
    assert table.at_start


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("growin", 'no entities "growin"; did you mean "growing"?'),
        ("made", '"made" come into being at visits, however many there are: say how many with -n'),
    ],
)
def test_a_wrong_name_is_refused(name: str, text: str) -> None:
    """With the remedy."""
    with pytest.raises(SpecError) as caught:
        entity_table(SPEC, name, "spec.json", limited=True, records=False)
    assert [str(each) for each in caught.value.problems] == [
        f"spec.json: entities: --entities {name}: {text}"
    ]
