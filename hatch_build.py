"""Gives the wheel the dependencies that `requirements.txt` names: one list for both."""

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Requirements(MetadataHookInterface):
    """Reads `requirements.txt`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Put each line that is no comment among the dependencies."""
        lines = Path(self.root, "requirements.txt").read_text(encoding="utf-8").splitlines()
        metadata["dependencies"] = [line for line in lines if line and not line.startswith("#")]
