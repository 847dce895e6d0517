"""What the truth says of events, whatever becomes of them."""

import json

from datagen.instants import NAIVE, UTC_STYLE
from datagen.spec.parsing import parse_spec
from datagen.truth.labels import EventTexts, compiled_labels
from tests.support.disorder import batches_of
from tests.support.machines import ENDING, Spec

SPEC: Spec = {
    **ENDING,
    "labels": {"odd": "worker % 2 == 1", 'a "name"': "state ~ '-' ~ population"},
}


def test_each_event_has_a_text() -> None:
    """JSON, but for its braces; expressions see the record and its visit."""
    spec, _ = parse_spec(SPEC, "x.json")
    texts = EventTexts(compiled_labels(spec.labels, spec, UTC_STYLE), NAIVE)
    found = [
        json.loads("{" + text + "}")
        for batch in batches_of(spec, 50)
        for text in texts.of(batch).to_pylist()
    ]
    assert len(found) > 50
    for each in found:
        assert list(each) == ["time", "population", "worker", "visit", "state", "emitter", "labels"]
        labels = {"odd": each["worker"] % 2 == 1, 'a "name"': f"{each['state']}-"}
        assert (each["labels"], each["emitter"]) == (labels, "e")
    assert [each["time"] for each in found] == sorted(each["time"] for each in found)


def test_wrong_labels_are_told_by_their_names() -> None:
    """All of them."""
    wrong = {"x": "nothing > 1", "y": "worker"}
    spec, _ = parse_spec({**SPEC, "labels": wrong}, "x.json")
    assert [path for path, _ in compiled_labels(spec.labels, spec).problems] == [("x",)]
    assert compiled_labels({}, spec).by_name == {}
