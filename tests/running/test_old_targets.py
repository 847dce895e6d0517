"""A `-t` that is no target: the template of a specification, or wrong usage."""

from dataclasses import replace
from typing import Any

import pytest

from datagen.errors import UsageError
from datagen.running.old_targets import with_template
from datagen.running.options import Request

RAW = {"templates": {"line": {"body": "x"}}}


@pytest.mark.parametrize("raw", [RAW, None, [], {}])
def test_a_request_without_one_stays(raw: Any) -> None:
    """Whatever the specification is."""
    request = Request(target="stdout")
    assert with_template(request, raw, "f.json") == (request, [])


def test_a_template_of_that_name_is_asked_for() -> None:
    """And today's spelling told."""
    request, told = with_template(Request(unknown_target="line", target="stdout"), RAW, "f.json")
    assert request == Request(template="line", target="stdout")
    assert [str(each) for each in told] == ["-t line is the old spelling of --template line"]


@pytest.mark.parametrize("raw", [RAW, None, [], {}, {"templates": 5}, {"templates": ["line"]}])
def test_any_other_name_is_wrong_usage(raw: Any) -> None:
    """Where there are templates, the sentence says that it is none of them."""
    with pytest.raises(UsageError) as raised:
        with_template(Request(unknown_target="lime"), raw, "f.json")
    there = isinstance(raw, dict) and bool(raw.get("templates"))
    assert str(raised.value).endswith(", nor a template of f.json") is there


@pytest.mark.parametrize("keys", [{"kind": "csv"}, {"template": "line"}, {"format": "p.txt"}])
def test_one_format_of_two_is_wrong_usage(keys: dict[str, Any]) -> None:
    """Whichever the other is."""
    with pytest.raises(UsageError, match="gives another format"):
        with_template(replace(Request(unknown_target="line"), **keys), RAW, "f.json")
