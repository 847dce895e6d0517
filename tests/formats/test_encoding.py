"""What is the same for all records of a formatter says whether something comes before the first of them."""

import pytest

from datagen.columns.column_type import INT
from datagen.formats.encoding import Encoding, FileEncoder


@pytest.mark.parametrize(
    ("encoding", "has_one"),
    [
        (Encoding(), False),
        (Encoding(header=b"a,b\n"), True),
        (Encoding(file_encoder=lambda _: FileEncoder()), True),
        (Encoding(columns={"e": {"n": INT}}), True),
        (Encoding(footer=b"]"), False),
    ],
)
def test_preambles_are_written_before_records(encoding: Encoding, has_one: bool) -> None:
    """A header, an encoder or tables: a target has something to do before the first record, or without any."""
    assert encoding.has_preamble == has_one
