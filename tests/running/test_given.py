"""What a request is read from."""

import io
from typing import Any

import pytest

from datagen.running.document_name import DocumentName
from datagen.running.given import Given
from datagen.running.options import Request


def given(raw: Any, file: str = "s.json", **keys: Any) -> Given:
    """Return what a document gives."""
    return Given(Request(**keys), io.BytesIO(), raw, file)


@pytest.mark.parametrize(
    ("raw", "paths"), [({"source_file": "a"}, ("a",)), ({"source_file": 1}, ()), ([], ())]
)
def test_source_is_a_file_if_it_is_named(raw: Any, paths: tuple[str, ...]) -> None:
    """Whatever else the document is."""
    assert given(raw).source.paths == paths


def test_keys_of_events_are_nothing_to_entities() -> None:
    """Nor has a document keys that is no object."""
    assert given({"target": {}}).key("target") == {}
    assert given({"target": {}}, entities="users").key("target") is None
    assert given([1]).key("target") is None


def test_included_files_are_those_that_parts_come_from() -> None:
    """A plain name includes none."""
    name = DocumentName("s.json").with_origins({("x",): ("a.json", ("x",))})
    assert given({}, name).included == ("a.json",)
    assert given({}).included == ()
