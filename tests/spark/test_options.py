"""The options of the data source are texts; each that is wrong gets one clear line."""

import re

import pytest

from datagen.errors import UsageError
from datagen.part import Part
from datagen.running.options import DEFAULT_MEMORY
from datagen.spark.options import source_options

LEAST = {"spec": "example", "start": "2027-03-12"}


def test_options_are_what_flags_are() -> None:
    """Durations, sizes and numbers are written as on the command line."""
    options = source_options(
        {
            **LEAST,
            "seed": "-3",
            "duration": "1h30m",
            "parts": "64",
            "max_workers": "500",
            "rate": "40GB/D",
            "schedule": "none",
            "timezone": "Europe/Berlin",
            "warm_up": "PT1H",
            "memory": "2G",
            "emitter": "page",
            "state": "/shared/cursors",
            "batch": "10M",
        }
    )
    request = options.request
    assert (request.config, request.start, request.seed) == ("example", "2027-03-12", -3)
    assert (request.duration, request.warm_up) == (5_400_000_000, 3_600_000_000)
    assert (request.max_workers, request.memory) == (500, 2_000_000_000)
    assert request.rate == "40GB/D"
    assert (request.schedule, request.timezone) == ("none", "Europe/Berlin")
    assert request.part == Part(0, 64)
    assert (options.emitter, options.state, options.batch) == (
        "page",
        "/shared/cursors",
        600_000_000,
    )


def test_without_a_cap_and_in_one_part_unless_asked() -> None:
    """So that the number of parts changes no record."""
    request = source_options(LEAST).request
    assert (request.max_workers, request.part, request.memory) == ("none", Part(), DEFAULT_MEMORY)
    assert source_options({**LEAST, "records": "9"}).request.records == 9
    assert source_options({**LEAST, "until": "now"}).request.until == "now"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"strat": "today"}, 'strat: there is no such option; did you mean "start"?'),
        ({"entities": "users"}, "entities: there is no such option; one of spec, seed, start"),
        ({"path": "shop.json"}, "path: there is no such option"),
        ({"spec": ""}, "spec: is empty"),
        ({"seed": "x"}, "seed: expected a whole number, not 'x'"),
        ({"duration": "1"}, "duration 1: a number needs a unit"),
        ({"duration": "1D", "until": "now"}, "duration and until: one of them says when"),
        ({"records": "-1"}, "records: expected a whole number of 0 or more, not '-1'"),
        ({"parts": "0"}, 'parts: expected a whole number from 1 to 100,000, not "0"'),
        ({"parts": "2/3"}, 'parts: expected a whole number from 1 to 100,000, not "2/3"'),
        ({"parts": "²"}, 'parts: expected a whole number from 1 to 100,000, not "²"'),
        ({"max_workers": "some"}, "max_workers: expected a whole number from 1 to 100,000,000"),
        ({"memory": "much"}, "memory: expected a size such as 500M or 2G, not 'much'"),
        ({"rate": "5000"}, "rate 5000: a number needs a unit: 5000/s or 5000/D (records)"),
        ({"warm_up": "-1D"}, "warm_up -1D: a duration cannot be negative"),
        ({"batch": "0S"}, "batch 0S: expected a duration above 0"),
        ({"state": "s3://bucket/x"}, "state: expected a folder that all executors see"),
        ({"state": ""}, "state: is empty"),
    ],
)
def test_wrong_option_is_told(given: dict[str, str], text: str) -> None:
    """By its name, with what to do."""
    with pytest.raises(UsageError, match=re.escape(text)) as caught:
        source_options({**LEAST, **given})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", LEAST)
def test_what_is_needed_is_asked_for(name: str) -> None:
    """A stream is that of a specification from a start."""
    with pytest.raises(UsageError, match=f"^{name}: this option is needed"):
        source_options({key: value for key, value in LEAST.items() if key != name})
