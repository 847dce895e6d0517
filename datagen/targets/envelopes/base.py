"""What every envelope shares: its keys, how records become the body of a request, and how an answer is read.

To add an envelope, write one file here and list it in `__init__.py`.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import PlainValidator

from datagen.errors import Path
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.targets.envelopes.answers import DELIVERED, ENDS, Answer, Verdict, halves
from datagen.targets.json_answer import top_level_value
from datagen.targets.message_keys import Label, LabelTemplate
from datagen.validation import Family, Model

ENVELOPES: "Family[Envelope]" = Family("envelope", "elastic_bulk")
_MOST_READ = 4 << 20  # bytes of an answer that are read


class Packing:
    """Makes bodies of records as they are, and reads the answers: the base of what envelopes do.

    An answer of success delivers all records, unless it says that there were errors: then all of them failed.
    """

    note = "a batch with errors counts as failed"  # about the first refusal
    service = ""  # whose answers are read
    is_splitting = False  # a request that is too large is cut into several

    def wrap(self, records: Rendered) -> RecordBytes:
        """Return what stands for each record in a body."""
        return records.as_bytes()

    def body(self, records: RecordBytes) -> bytes:
        """Return the body of a request with records that are wrapped."""
        encoding = records.encoding
        return b"".join([encoding.header, records.begun().data, encoding.footer])

    def most_read(self, count: int) -> int:
        """Return how many bytes of the answer to a request with so many records are read."""
        del count
        return _MOST_READ

    def verdict(self, answer: Answer, count: int, *, resent: bool) -> Verdict:
        """Return what an answer says of the `count` records of its request, which may have been sent before."""
        if answer.is_success:
            return self.of_success(answer, count, resent=resent)
        if answer.is_temporary:
            return Verdict(again=range(count))
        if answer.status == 413 and self.is_splitting:
            return halves(count)
        return self.of_refusal(answer, count)

    def of_success(self, answer: Answer, count: int, *, resent: bool) -> Verdict:
        """Return what an answer of success says."""
        del resent
        has_errors = top_level_value(answer.body, "errors") == b"true"
        return Verdict(failed=range(count)) if has_errors else DELIVERED

    def undocumented(self, answer: Answer, count: int) -> Verdict:
        """Return what an answer of success says that is none of the service: it may have been lost on its way."""
        text = f"this is no answer of {self.service}: {answer.text}"
        return Verdict(again=range(count), again_text=text)

    def of_refusal(self, answer: Answer, count: int) -> Verdict:
        """Return what an answer says that refuses a request for good."""
        del answer, count
        return ENDS


class Envelope(Model):
    """The base of all envelopes: the keys of one, checked."""

    type: str

    def texts(self) -> Mapping[str, str]:
        """Return the texts that may hold fields, by their keys."""
        return {}

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        for key, text in self.texts().items():
            try:
                LabelTemplate(text)
            except ValueError as error:
                yield (key,), str(error)

    def labels(self) -> Mapping[str, Label]:
        """Return the texts that go with each record, by their keys."""
        return {key: LabelTemplate(text) for key, text in self.texts().items()}

    def packing(self) -> Packing:
        """Return what makes bodies and reads answers."""
        raise NotImplementedError


def _parse_envelope(value: Any) -> Envelope:
    """Return the checked envelope of an object, or of the name of one without further keys."""
    return ENVELOPES.parse({"type": value} if isinstance(value, str) else value)


AnyEnvelope = Annotated[Envelope | None, PlainValidator(_parse_envelope)]  # None: absent
