"""What all targets share: which format the records have, and what a sink counts and warns of."""

import pytest

from datagen.formats.base import Format, any_format
from datagen.targets.null import NullTarget
from datagen.targets.stdout import StdoutTarget

CSV, JSON = any_format("csv"), any_format("json")


@pytest.mark.parametrize(
    ("own", "default", "chosen", "found"),
    [
        (None, None, None, JSON),
        (None, CSV, None, CSV),
        ("tsv", CSV, None, any_format("tsv")),
        ("tsv", CSV, JSON, JSON),
    ],
)
def test_nearest_wish_decides_the_format(
    own: str | None, default: Format | None, chosen: Format | None, found: Format
) -> None:
    """The command line's, then the target's, then the specification's; else JSON."""
    assert NullTarget.model_validate({"format": own}).formats(default, chosen) == (found,)


def test_format_that_a_target_cannot_take_is_named_with_its_key() -> None:
    """Without a path where it is not the target's own."""
    target = StdoutTarget.model_validate({"format": "parquet"})
    [(path, form, text)] = target.incompatibilities(None, None)
    assert (path, form.type) == (("format",), "parquet")
    assert "parquet" in text
    [(path, _, _)] = StdoutTarget().incompatibilities(any_format("arrow"), None)
    assert path == ()


def test_only_one_target_writes_to_stdout() -> None:
    """Two of a tee that both do are refused by this name."""
    assert list(StdoutTarget().exclusive_outputs()) == [("stdout", "stdout")]
    assert list(NullTarget().exclusive_outputs()) == []
