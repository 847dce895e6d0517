"""A real rsyslog, on a free port of 127.0.0.1, that writes what it understands of each message as JSON."""

import json
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any, Self

import pytest

from tests.support.servers import DEADLINE, free_port

_COMMAND = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin")
NEEDED = pytest.mark.skipif(
    _COMMAND is None and "CI" not in os.environ, reason="rsyslog is not installed"
)
_CONFIGURATION = """
global(workDirectory="{folder}" parser.escapeControlCharactersOnReceive="on")
module(load="{module}" {of_module})
module(load="mmpstrucdata")
template(name="json" type="list" option.jsonf="on") {{
  property(outname="facility" name="syslogfacility-text" format="jsonf")
  property(outname="severity" name="syslogseverity-text" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="local" name="timereported" dateFormat="rfc3164" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="version" name="protocol-version" format="jsonf")
  property(outname="text" name="msg" format="jsonf")
  property(outname="structured" name="$!rfc5424-sd" format="jsonf")
}}
ruleset(name="ours") {{
  action(type="mmpstrucdata" sd_name.lowercase="off")
  action(type="omfile" file="/dev/stdout" template="json")
}}
input(type="{module}" address="127.0.0.1" port="{port}" ruleset="ours")
"""


class Rsyslog:
    """Runs while it is entered; `kind` is "tcp" or "udp"."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._file = folder / "rsyslog.conf"
        of_module = 'MaxSessions="9"' if kind == "tcp" else ""
        self._file.write_text(
            _CONFIGURATION.format(
                folder=folder, module=f"im{kind}", of_module=of_module, port=self.port
            )
        )

    def __enter__(self) -> Self:
        assert _COMMAND is not None, "rsyslog is not installed"
        command = [_COMMAND, "-n", "-f", str(self._file), "-i", str(self._folder / "pid")]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._timer = threading.Timer(DEADLINE, self._process.kill)
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._process.terminate()
        self._process.communicate()

    def messages(self, count: int) -> list[dict[str, Any]]:
        """Return the next messages, once so many have come."""
        assert self._process.stdout is not None
        return [json.loads(self._process.stdout.readline()) for _ in range(count)]
