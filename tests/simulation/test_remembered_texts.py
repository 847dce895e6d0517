"""The texts of templates that workers carry from window to window."""

import numpy as np

from datagen.fields import Context, Draw
from datagen.simulation.remembered_texts import RecordedTexts, RememberedTexts


def test_last_text_of_each_worker_is_kept() -> None:
    """Until the worker ends; a worker without one has an empty text."""
    texts = RememberedTexts()
    texts.record("v", np.array([3, 1, 3]), ["a", "b", "c"])
    texts.record("v", np.array([5, 1]), ["d", None])
    assert texts.of("v", np.array([1, 2, 3, 5])).to_pylist() == ["", "", "c", "d"]
    assert texts.of("w", np.array([1])).to_pylist() == [""]
    texts.prune(np.array([5]), started=4)
    assert texts.of("v", np.array([3, 5])).to_pylist() == ["", "d"]
    again = RememberedTexts()
    again.resume(texts.snapshot())
    assert again.of("v", np.array([5])).to_pylist() == ["d"]


def test_recorded_texts_follow_the_rows_of_a_draw() -> None:
    """As some visits may have none: null or missing."""
    recorded = RecordedTexts(RememberedTexts().of("v", np.array([1, 2])))
    draw = Draw(
        np.zeros(1, dtype=np.uint64),
        np.zeros(1, dtype=np.int64),
        np.array([1]),
        (),
        Context(np.uint64(0)),
    )
    assert recorded.texts("", (), draw).to_pylist() == [""]
