"""Makes records that are rendered, without a run."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from datagen.formats.encoding import Encoding
from datagen.formats.rendered import RecordBytes, Rendered


def rendered(
    texts: Sequence[bytes],
    times: Sequence[int] | None = None,
    labels: Any = None,
    targets: int = 1,
    **encoding: Any,
) -> Rendered:
    """Return one record for each text, newline included, for so many targets of one format.

    `times` are microseconds since 1970.
    """
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    content = RecordBytes(memoryview(b"".join(texts)), ends, Encoding(**encoding))
    instants = np.zeros(len(texts)) if times is None else np.array(times)
    return Rendered(
        (content,), instants.astype(np.int64), labels or {}, payload_indices=(0,) * targets
    )
