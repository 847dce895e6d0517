"""What all tests share."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# the programs that tests start, and the tests, keep their bytecode: compiled each time, they take a third longer
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# the same examples each time, however busy the machine is
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files without long tests where only these are asked for: to collect the others takes longer than many of them."""
    asked = config.option.markexpr == "long" and collection_path.suffix == ".py"
    return True if asked and not _has_long_tests(collection_path) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse long tests in a file that does not say so: `-m long` would not find them."""
    files = {each.path for each in items if each.get_closest_marker("long")}
    if hidden := sorted(str(each) for each in files if not _has_long_tests(each)):
        raise pytest.UsageError(f"pytest.mark.long has to stand in {', '.join(hidden)}")


def _has_long_tests(file: Path) -> bool:
    return "mark.long" in file.read_text(encoding="utf-8")
