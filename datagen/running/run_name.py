"""Names runs: the same for every part, process and resumed run of a stream, another for any other stream."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from datagen.part import Part

_DIGITS = 16  # hexadecimal
_NOT_OF_THE_RECORDS = "the truth"  # its file may have another name in each part


@dataclass(frozen=True)
class RunName:
    """What a run is called by: hashes of all that its stream depends on, its seed, and of how many parts it is one."""

    fingerprint: Mapping[str, str]
    seed: int
    part: Part

    def of(self, start: int) -> str:
        """Return the name of a stream that begins at an instant, microseconds since 1970: 16 hexadecimal digits."""
        depends = {
            name: text for name, text in self.fingerprint.items() if name != _NOT_OF_THE_RECORDS
        }
        text = json.dumps([depends, self.seed, self.part.count, start], sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
