"""The timestamps of messages: the instants that records tell of, at which they leave, or that a field holds."""

from collections.abc import Iterator

import numpy as np

from datagen.arrays import Ints
from datagen.errors import Path
from datagen.formats.rendered import Rendered
from datagen.spec.record_schema import Specification
from datagen.validation import did_you_mean, quoted

EVENT_TIME, ARRIVAL, TIMESTAMP = "event", "arrival", "timestamp"
TIMESTAMPS = (EVENT_TIME, ARRIVAL)
_YEAR_10000 = 253_402_300_800_000_000  # microseconds since 1970


def instants_of(records: Rendered, timestamp: str) -> Ints:
    """Return the instants of messages, microseconds since 1970: int64[n]. Where a field has none, it is that of the record."""
    if timestamp == ARRIVAL:
        return records.times
    texts = records.labels.get(TIMESTAMP)
    if texts is None:
        return records.told_times
    pairs = zip(texts, records.told_times.tolist(), strict=True)
    return np.array([told if text is None else int(text) for text, told in pairs], dtype=np.int64)


def problem_of(instants: Ints) -> str | None:
    """Return why messages cannot have these instants, if they cannot."""
    if len(instants) and instants.min() < 1000:
        return "message times must be after the start of 1970"
    if len(instants) and instants.max() >= _YEAR_10000:
        return "message times must be before the year 10000; numbers are milliseconds since 1970"
    return None


def timestamp_problems(name: str, spec: Specification) -> Iterator[tuple[Path, str]]:
    """Yield why a field cannot say when messages are: it has to hold instants, or milliseconds since 1970."""
    if name in TIMESTAMPS:
        return
    if name not in spec.fields:
        hint = did_you_mean(name, [*TIMESTAMPS, *spec.fields])
        text = f'expected "{EVENT_TIME}", "{ARRIVAL}" or a field that holds instants or numbers'
        yield (TIMESTAMP,), f"{text}; no emitter has a field {quoted(name)}{hint}"
        return
    if not spec.schema_known:
        yield (
            (TIMESTAMP,),
            f'expected "{EVENT_TIME}" or "{ARRIVAL}": what the fields hold is not known before',
        )
        return
    types = [each[name] for each in spec.record_schema.emitters.values() if name in each]
    if {each.kind for each in types} - {"instant", "int", "float", "nothing"}:
        yield (
            (TIMESTAMP,),
            f"expected a field that holds instants or numbers; {quoted(name)} holds other values",
        )
