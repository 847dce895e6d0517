"""What all tests share."""

import os

from hypothesis import settings

# the programs that tests start keep their bytecode: compiled each time, they take a third longer
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# the same examples each time, however busy the machine is
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable")
