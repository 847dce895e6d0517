"""Records as they are, and the answers to them; envelopes in all their spellings."""

import pytest

from datagen.targets.envelopes import ENVELOPES, Packing
from datagen.targets.envelopes.answers import DELIVERED, ENDS, Answer, Verdict
from tests.support.records import rendered


def test_body_begins_with_the_header() -> None:
    """Of the format."""
    records = Packing().wrap(rendered([b"a\n", b"b\n"], header=b"h\n"))
    assert Packing().body(records) == b"h\na\nb\n"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(200, ""), DELIVERED),
        (Answer(204, "", body=b'{"errors":true}'), Verdict(failed=range(3))),
        (Answer(503, ""), Verdict(again=range(3))),
        (Answer(413, ""), ENDS),
        (Answer(302, ""), ENDS),
    ],
)
def test_answers_are_read(answer: Answer, expected: Verdict) -> None:
    """All records have the same fate."""
    assert Packing().verdict(answer, 3, resent=False) == expected


@pytest.mark.parametrize("name", sorted(ENVELOPES))
def test_every_envelope_needs_only_its_type(name: str) -> None:
    """And its own name is one."""
    envelope = ENVELOPES.parse({"type": name})
    assert envelope.type == name
    assert list(envelope.validate_keys()) == []
    assert envelope.packing().is_splitting
