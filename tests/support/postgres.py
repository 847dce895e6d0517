"""A server of PostgreSQL of the tests' own: a program of Debian's.

Without it its tests are skipped, but not in CI.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import pytest

USER = "tests"


def program(name: str) -> str:
    """Return the path of a program of PostgreSQL's; without it, skip the test, or fail it in CI."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = str(found[-1]) if found else shutil.which(name)
    if path is None and os.environ.get("CI"):
        pytest.fail("CI needs PostgreSQL's server: apt-get install postgresql")
    if path is None:
        pytest.skip("needs PostgreSQL's server: apt-get install postgresql")
    return path


class PostgresServer:
    """A server that refuses to run as root, in a folder of its own: it can be killed, and started again."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._user = "postgres" if os.getuid() == 0 else None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        if self._user:
            shutil.chown(folder, self._user)
        self._data = str(Path(folder) / "data")
        made = [program("initdb"), "-D", self._data, "-U", USER, "-A", "trust", "-N", "-E", "UTF8"]
        self._run([*made, "--locale=C"])
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Return the address of its database."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"

    def start(self) -> Self:
        """Start it, and wait until it answers."""
        flags = ["-h", "127.0.0.1", "-p", str(self.port), "-k", "", "-F"]
        self._process = subprocess.Popen(
            [program("postgres"), "-D", self._data, *flags],
            user=self._user, cwd=self._folder, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        ready = [program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode:
            assert self._process.poll() is None, "PostgreSQL's server has ended"
            time.sleep(0.02)
        return self

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """End it by a signal: SIGINT ends the sessions in order, SIGQUIT as a crash would."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)
            self._process.wait()

    def sql(self, text: str, folder: Path | None = None) -> str:
        """Return what psql prints for statements: a line a row."""
        asking = [program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
        done = subprocess.run(
            [*asking, "-p", str(self.port), "-U", USER, "postgres"],
            input=text, cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _run(self, command: list[str]) -> None:
        subprocess.run(command, user=self._user, cwd=self._folder, capture_output=True, check=True)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server for as long as it is wanted."""
    with tempfile.TemporaryDirectory() as folder:
        server = PostgresServer(folder)
        try:
            yield server
        finally:
            server.stop()
