"""Python looks for garbage only once a process has started, and never in what lasts until its end."""

import subprocess
import sys

CODE = """
import gc
from datagen.cli.collector import pause_collector, resume_collector
pause_collector()
assert not gc.isenabled()
built = [[]]
resume_collector()
assert gc.isenabled()
assert not any(each is built for each in gc.get_objects())
"""
RUNS = """
import gc, io, sys, generator
spec = "-c", "example", "-n", "3", "-s", "2027-03-12", "-q"
generator.main(spec, None, io.BytesIO())
assert gc.isenabled() and not gc.get_freeze_count()
sys.argv[1:] = spec
generator.main(None, None, io.BytesIO())
assert gc.isenabled() and gc.get_freeze_count()
"""


def test_collector_pauses_and_resumes() -> None:
    """What is built in between is looked at no more."""
    subprocess.run([sys.executable, "-c", CODE], check=True)


def test_runs_of_another_process_leave_its_collector_alone() -> None:
    """Only a run that is the process itself knows that nothing else wants it."""
    subprocess.run([sys.executable, "-c", RUNS], check=True)
