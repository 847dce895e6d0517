"""The specification of a replay: its defaults, and how the source is to be read."""

from typing import Any

import pytest
from pydantic import ValidationError

from datagen.replay.spec import ReplaySpec
from datagen.validation import messages_of
from tests.support.replays import Spec, spec_of


def checked(file: str = "x.csv", **keys: Any) -> ReplaySpec:
    """Return a checked specification."""
    return ReplaySpec.model_validate(spec_of(file, **keys))


def mistakes(**keys: Any) -> list[str]:
    """Return what is wrong with a specification."""
    with pytest.raises(ValidationError) as raised:
        checked(**keys)
    return [message for _, message in messages_of(raised.value)]


@pytest.mark.parametrize(
    ("file", "keys", "kind"),
    [
        ("x.csv", {}, "csv"),
        ("x.ndjson.gz", {}, "ndjson"),
        ("x.csv", {"source_format": "tsv"}, "tsv"),
        ("-", {"source_format": "parquet"}, "parquet"),
    ],
)
def test_format_of_the_source_is_that_of_its_name(file: str, keys: Spec, kind: str) -> None:
    """Unless the specification says another one."""
    assert checked(file, **keys).resolved_format == kind


def test_a_replay_loops_and_neither_sorts_nor_skips_unless_asked() -> None:
    """What happens without a key is documented, so it stays."""
    spec = checked()
    assert (spec.loop, spec.sort, spec.time_format, spec.null_injection) == (True, False, "iso", [])
    assert spec.time_skipping is None


def test_source_is_read_as_the_keys_say() -> None:
    """The field of the time, how it is written, and the types of other columns."""
    options = checked(time_format="nanos", types={"n": "int"}).read_options
    assert (options.clock.name, dict(options.types)) == ("t", {"n": "int"})
    assert not options.clock.parser.only_texts


def test_time_cannot_be_a_number_where_it_is_a_text() -> None:
    """A layout of strftime reads texts only."""
    assert mistakes(time_format="%H", types={"t": "int"}) == [
        "the time cannot be of the type int in this time_format"
    ]
    assert checked(time_format="nanos", types={"t": "int"}).read_options.types == {"t": "int"}
