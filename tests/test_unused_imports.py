"""What a process of ours has no use for is not imported, also where it is installed."""

import subprocess
import sys

PROGRAM = """
import sys
from datagen.unused_imports import leave_out_pandas
leave_out_pandas()
import pyarrow as pa
pa.array([{"a": 1}, None])
print("pandas" in sys.modules)
"""


def test_arrow_does_without_pandas() -> None:
    """It looks for it when it gets Python's objects."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
