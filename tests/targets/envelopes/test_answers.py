"""What a server answers, and verdicts."""

import pytest

from datagen.targets.envelopes.answers import Answer, Verdict, halves


@pytest.mark.parametrize(
    ("status", "temporary", "success"),
    [(0, True, False), (200, False, True), (299, False, True), (301, False, False), (400, False, False),
     (409, False, False), (429, True, False), (500, True, False), (599, True, False)],
)  # fmt: skip
def test_statuses(status: int, temporary: bool, success: bool) -> None:
    """What may be tried again, and what was accepted."""
    answer = Answer(status, "")
    assert (answer.is_temporary, answer.is_success) == (temporary, success)


def test_document_is_an_object_that_is_complete() -> None:
    """Anything else is none."""
    assert Answer(200, "", body=b'{"a":1}').document() == {"a": 1}
    assert Answer(200, "", body=b'{"a":1}', complete=False).document() is None
    for body in (b"", b"[]", b"1", b"{", b"\xff", b"[" * 100_000):
        assert Answer(200, "", body=body).document() is None


def test_single_record_cannot_be_cut() -> None:
    """It is refused."""
    assert halves(5).cuts == [2]
    assert halves(1, "why") == Verdict(failed=[0], text="why")
