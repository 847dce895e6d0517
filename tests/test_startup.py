"""A short run loads only what it needs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_short_run_does_not_import_scipy() -> None:
    """It takes 0.3 s and only gamma and beta need it."""
    code = "import sys, generator; generator.main(sys.argv[1:]); assert 'scipy' not in sys.modules"
    arguments = ["-c", "clickstream", "-n", "10", "-s", "2027-03-12"]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, check=True
    )
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
