"""The forms of what is said."""

import json

import pytest

from datagen.inspection.display import Display
from datagen.inspection.forms import FORMS
from tests.support.explanations import explanation
from tests.support.machines import NEVER_ENDING


def test_json_has_null_for_what_is_infinite() -> None:
    """It is JSON that any reader takes."""
    text = "\n".join(FORMS["json"](explanation(NEVER_ENDING), Display()))
    found = json.loads(text, parse_constant=pytest.fail)
    assert found["populations"][0]["life"] == {"mean": None, "sd": None}
    assert [each["name"] for each in found["states"]] == ["a", "b"]
