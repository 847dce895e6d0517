"""What is wrong with records: lists that are none, sequences that lead to themselves."""

from datagen.spec.generator import Generator
from datagen.spec.record_problems import problems_of_records
from tests.support.machines import ENDING


def test_problems_of_lists_and_of_sequences() -> None:
    """Those of a specification that is right otherwise."""
    spec = {**ENDING, "emitters": [
        {"name": "e", "for_each": "n", "dimensions": [{"name": "c", "type": "counter", "per": "c"}]},
    ]}  # fmt: skip
    spec["states"] = [
        {**each, "variables": [{"name": "n", "type": "counter"}]} for each in spec["states"]
    ]
    assert not list(problems_of_records(Generator.model_validate(ENDING)))
    found = dict(problems_of_records(Generator.model_validate(spec)))
    assert list(found) == [("emitters", 0, "for_each")]
