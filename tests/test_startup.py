"""A short run loads only what it needs."""

import json
import subprocess
import sys
from pathlib import Path

from tests.support.machines import spec_of

ROOT = Path(__file__).parent.parent


def test_no_run_imports_scipy() -> None:
    """It is no dependency: gamma and beta have tables of their own."""
    code = "import sys, generator; generator.main(sys.argv[1:]); assert 'scipy' not in sys.modules"
    arguments = ["-n", "10", "-s", "2027-03-12"]
    for shape in (
        {"type": "gamma", "shape": 2, "scale": 1},
        {"type": "beta", "alpha": 2, "beta": 5},
    ):
        spec = spec_of({"a": (shape, {"a": 1})}, shape)
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=ROOT, input=json.dumps(spec).encode(), capture_output=True, check=True,
        )  # fmt: skip
        assert done.stdout.count(b"\n") == 10


def test_json_run_imports_no_other_format() -> None:
    """What Parquet, Avro and their registries need is for those who use them."""
    code = (
        "import sys, generator; generator.main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    )
    arguments = ["-c", "clickstream", "-n", "10", "-s", "2027-03-12", "-q"]
    loaded = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stderr.split()
    assert not {"fastavro", "pyarrow.parquet", "httpx", "confluent_kafka", "kafka"} & set(loaded)
