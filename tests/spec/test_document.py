"""The keys that every form shares."""

from typing import Any

import pytest
from pydantic import ValidationError

from datagen.spec.document import Document
from datagen.validation import messages_of


def test_comments_among_templates_are_no_templates() -> None:
    """Their names begin with _ or $, as everywhere."""
    document = Document.model_validate({"templates": {"t": {"body": "x"}, "_note": "about them"}})
    assert list(document.templates) == ["t"]


@pytest.mark.parametrize("value", [None, "csv", {"type": "csv"}])
def test_a_format_is_a_name_or_an_object(value: Any) -> None:
    """What it is called is checked elsewhere."""
    assert Document.model_validate({"format": value}).format == value


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("format", 3, 'expected a format such as "csv" or {"type": "csv", ...}, not 3'),
        ("target", "file", 'expected an object, not "file"'),
        ("templates", {"t": 1}, "expected an object, not 1"),
    ],
)
def test_other_values_are_refused(key: str, value: Any, text: str) -> None:
    """With what was expected."""
    with pytest.raises(ValidationError) as caught:
        Document.model_validate({key: value})
    assert [message for _, message in messages_of(caught.value)] == [text]
