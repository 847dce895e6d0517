"""What all tests share."""

import os

# the programs that tests start keep their bytecode: compiled each time, they take a third longer
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
