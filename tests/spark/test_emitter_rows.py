"""Rows of one emitter, told apart after they have left."""

from pathlib import Path

import pyarrow as pa

from tests.guarantees.test_disorder import spec_with
from tests.guarantees.test_truth import TOLD
from tests.spark.sources import part
from tests.spark.test_disorder import ALL, of
from tests.spark.test_records import file_of


def test_emitter_has_its_own_records(tmp_path: Path) -> None:
    """In order, with its own columns, also where another emitter has a column of that name and another type."""
    spec = {**spec_with(ALL), **TOLD}
    spec["labels"] = {"even": "worker % 2 == 0"}
    other = {"name": "f", "dimensions": [{"name": "user", "type": "expression", "expr": "'u'"}]}
    spec["emitters"] = [*spec["emitters"], other]
    spec["disorder"] = [each for each in ALL if "per" not in each and "when" not in each]
    first = spec["states"][0]
    spec["states"] = [
        {**first, "transitions": [{"next": "b", "probability": 1}]},
        {"name": "b", "emitter": "f", "delay": {"type": "constant", "value": 1}, "transitions": [{"next": "stop", "probability": 1}]},
    ]  # fmt: skip
    path = file_of(spec, tmp_path)
    whole = part(of(path, duration="2M"), 0)
    sizes = []
    for emitter, columns in (("e", ["time", "n", "user", "seen"]), ("f", ["time", "user"])):
        own = part(of(path, duration="2M", emitter=emitter), 0)
        assert own.schema.names == columns
        mine = pa.compute.equal(whole["user"], '"u"')
        mine = mine if emitter == "f" else pa.compute.invert(mine)
        assert own["time"].equals(whole.filter(mine)["time"])
        sizes.append(len(own))
    assert sum(sizes) == len(whole)
    assert min(sizes) > 500
