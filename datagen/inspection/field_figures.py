"""Turns the texts of a field, in a sample of records, into the figures of a report."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import TextArray
from datagen.inspection.expected_values import MISSING_TEXT, NULL_TEXT, numbers_of
from datagen.inspection.report_figures import FieldFigures

_TOP = 8  # texts of a field
_MOST_FREQUENT = [("counts", "descending"), ("values", "ascending")]
_BARS = 40  # of a histogram
_QUANTILES = {"min": 0.0, "median": 0.5, "p99": 0.99, "max": 1.0}


def field_figures(emitter: str, field: str, texts: TextArray) -> FieldFigures:
    """Return the figures of a field, given its JSON texts in a sample of records."""
    count = len(texts)
    null, missing = (pc.equal(texts, each) for each in (NULL_TEXT, MISSING_TEXT))
    present = texts.filter(pc.invert(pc.or_(null, missing)))
    found = pc.value_counts(present)
    table = pa.RecordBatch.from_struct_array(found)
    top = table.take(pc.select_k_unstable(table, _TOP, _MOST_FREQUENT))
    quantiles, histogram = _of_numbers(present)
    return FieldFigures(
        emitter=emitter,
        field=field,
        records=count,
        nulls=_share(null, count),
        missing=_share(missing, count),
        distinct=len(found),
        quantiles=quantiles,
        top={each["values"]: each["counts"] / count for each in top.to_pylist()},
        histogram=histogram,
    )


def _share(mask: Any, count: int) -> float:
    return int(pc.sum(mask).as_py() or 0) / count if count else 0.0


def _of_numbers(texts: TextArray) -> tuple[dict[str, float], tuple[int, ...]]:
    """Return quantiles and a histogram between the first and the last percent of texts that are all numbers."""
    if not len(texts) or not np.isfinite(numbers_of(texts[:1])[0]):
        return {}, ()
    values = numbers_of(texts)
    if not np.isfinite(values).all():
        return {}, ()
    quantiles = {name: float(np.quantile(values, u)) for name, u in _QUANTILES.items()}
    low, high = np.quantile(values, [0.01, 0.99])
    if low == high:
        return quantiles, ()
    return quantiles, tuple(np.histogram(values, _BARS, (low, high))[0].tolist())
