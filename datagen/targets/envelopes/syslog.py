"""Wraps records in syslog messages, as RFC 5424 has them, or as the older RFC 3164 describes them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field as Key
from pydantic import PlainValidator

from datagen.arrays import Ints
from datagen.errors import Path
from datagen.formats.encoding import Encoding
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.spec.record_schema import Specification
from datagen.targets.message_keys import Label, LabelTemplate, unknown_fields
from datagen.validation import Model, UnicodeText, did_you_mean, invalid_value, quoted

FACILITIES = (
    *("kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron"),
    *("authpriv", "ftp", "ntp", "audit", "alert", "clock"),
    *(f"local{number}" for number in range(8)),
)
SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_OTHER_WORDS = {
    "emergency": "emerg",
    "panic": "emerg",
    "critical": "crit",
    "fatal": "crit",
    "error": "err",
    "warn": "warning",
    "informational": "info",
    "trace": "debug",
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAME = re.compile(r"[!#-<>-\\^-~]{1,32}")  # RFC 5424: SD-NAME
_LONGEST_HOST, _LONGEST_APP, _LONGEST_TAG = 255, 48, 32  # characters
_LINES = Encoding(is_json=False, media_type="text/plain")
Known = Mapping[str, int]


def _numbers(names: Sequence[str]) -> dict[str, int]:
    found = {name: number for number, name in enumerate(names)}
    found |= {word: found[name] for word, name in _OTHER_WORDS.items() if name in found}
    return found | {str(number): number for number in range(len(names))}


_FACILITY_NUMBERS, _SEVERITY_NUMBERS = _numbers(FACILITIES), _numbers(SEVERITIES)


def _code(value: Any, names: Sequence[str], known: Known) -> str:
    """Return the text of a name, a number, or a text with fields in braces."""
    if isinstance(value, int) and not isinstance(value, bool) and str(value) in known:
        return str(value)
    if isinstance(value, str) and ("{" in value or value.lower() in known):
        return value
    raise invalid_value(
        f"no name or number of syslog's: {quoted(value)}{did_you_mean(value, names)}"
    )


def _facility(value: Any) -> str:
    return _code(value, FACILITIES, _FACILITY_NUMBERS)


def _severity(value: Any) -> str:
    return _code(value, SEVERITIES, _SEVERITY_NUMBERS)


class Syslog(Model):
    """Makes a syslog message of each record, whose text is the record."""

    type: Literal["syslog"]
    rfc: Literal[5424, 3164] = 5424
    facility: Annotated[str, PlainValidator(_facility)] = "user"
    severity: Annotated[str, PlainValidator(_severity)] = "notice"
    app: UnicodeText = "datagen"
    host: UnicodeText = "localhost"
    structured: dict[str, dict[str, UnicodeText]] = Key(default_factory=dict)

    def texts(self) -> Mapping[Path, str]:
        """Return the texts that may hold fields, by their paths."""
        keys = ("facility", "severity", "app", "host")
        found: dict[Path, str] = {(key,): getattr(self, key) for key in keys}
        for element, parameters in self.structured.items():
            for name, text in parameters.items():
                found["structured", element, name] = text
        return found

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        for path, text in self.texts().items():
            try:
                LabelTemplate(text)
            except ValueError as error:
                yield path, str(error)
        if self.structured and self.rfc == 3164:
            yield ("structured",), 'needs "rfc": 5424'
        for element, parameters in self.structured.items():
            for path in ((element,), *((element, name) for name in parameters)):
                if not _NAME.fullmatch(path[-1]):
                    wanted = (
                        'expected 1 to 32 printable characters of ASCII without space, =, ] and "'
                    )
                    yield ("structured", *path), f"is not a name: {wanted}"

    def labels(self) -> dict[str, Label]:
        """Return the texts that go with each record."""
        made = {_label(path): LabelTemplate(text) for path, text in self.texts().items()}
        return {name: label for name, label in made.items() if label.constant is None}

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        """Yield what is wrong between the texts and the records of a specification."""
        for path, text in self.texts().items():
            for problem in unknown_fields(LabelTemplate(text), spec):
                yield path, problem


class SyslogMessages:
    """Makes messages of records."""

    def __init__(self, envelope: Syslog) -> None:
        self._envelope = envelope
        self._constants = {
            path: LabelTemplate(text).constant for path, text in envelope.texts().items()
        }

    def wrap(self, records: Rendered) -> RecordBytes:
        """Return a message for each record, a line; what a field has no value for is left out."""
        content, rows = records.as_bytes(), len(records)
        make = self._older if self._envelope.rfc == 3164 else self._newer
        starts = [0, *content.ends.tolist()]
        messages = []
        for row, head in enumerate(make(records) if rows else ()):
            text = bytes(content.data[starts[row] : starts[row + 1]]).removesuffix(b"\n")
            messages.append(b"%b%b\n" % (head.encode(), text.replace(b"\n", b" ")))
        ends = np.cumsum([len(each) for each in messages], dtype=np.int64)
        return RecordBytes(memoryview(b"".join(messages)), ends, _LINES)

    def _newer(self, records: Rendered) -> Iterator[str]:
        """Yield what stands before the text of each record, as RFC 5424 has it."""
        instants = np.datetime_as_string(records.told_times.astype("datetime64[us]"))
        hosts, apps = (self._column(records, (key,)) for key in ("host", "app"))
        structured = self._structured(records)
        for row, (priority, instant) in enumerate(
            zip(self._priorities(records), instants, strict=True)
        ):
            host = _word(hosts[row], _LONGEST_HOST) or "-"
            app = _word(apps[row], _LONGEST_APP) or "-"
            yield f"<{priority}>1 {instant}Z {host} {app} - - {next(structured)} "

    def _older(self, records: Rendered) -> Iterator[str]:
        """Yield what stands before the text of each record, as RFC 3164 has it: with a local time."""
        hosts, apps = (self._column(records, (key,)) for key in ("host", "app"))
        times = _local_times(records)
        for row, (priority, micros) in enumerate(
            zip(self._priorities(records), times, strict=True)
        ):
            at = _EPOCH + timedelta(microseconds=micros)
            instant = f"{_MONTHS[at.month - 1]} {at.day:2} {at:%H:%M:%S}"
            tag = re.sub("[^A-Za-z0-9_./-]", "_", _word(apps[row], _LONGEST_TAG)) or "-"
            yield f"<{priority}>{instant} {_word(hosts[row], _LONGEST_HOST) or '-'} {tag}: "

    def _priorities(self, records: Rendered) -> Iterator[int]:
        facilities, severities = (self._column(records, (key,)) for key in ("facility", "severity"))
        for facility, severity in zip(facilities, severities, strict=True):
            number = _FACILITY_NUMBERS.get((facility or "").lower(), 1)
            yield 8 * number + _SEVERITY_NUMBERS.get((severity or "").lower(), 5)

    def _structured(self, records: Rendered) -> Iterator[str]:
        columns = {
            element: {name: self._column(records, ("structured", element, name)) for name in names}
            for element, names in self._envelope.structured.items()
        }
        for row in range(len(records)):
            elements = []
            for element, parameters in columns.items():
                texts = {name: column[row] for name, column in parameters.items()}
                pairs = [
                    f' {name}="{_escaped(text)}"'
                    for name, text in texts.items()
                    if text is not None
                ]
                elements.append(f"[{element}{''.join(pairs)}]")
            yield "".join(elements) or "-"

    def _column(self, records: Rendered, path: Path) -> Sequence[str | None]:
        constant = self._constants[path]
        return records.labels[_label(path)] if constant is None else [constant] * len(records)


def _label(path: Path) -> str:
    return "syslog " + " ".join(map(str, path))


def _local_times(records: Rendered) -> list[int]:
    """Return what local clocks show when records are told of, microseconds since 1970 in local time."""
    times: Ints = records.told_times
    found: list[int] = records.style.local_times(times).tolist()
    return found


@lru_cache(maxsize=10_000)
def _word(text: str | None, longest: int) -> str:
    """Return a text as a word of printable characters of ASCII, no longer than that."""
    return re.sub("[^!-~]", "_", text or "")[:longest]


@lru_cache(maxsize=10_000)
def _escaped(text: str) -> str:
    r"""Return the value of a parameter with `\`, `"` and `]` escaped (RFC 5424, 6.3.3), on one line."""
    return re.sub(r'([\\"\]])', r"\\\1", re.sub(r"[\r\n\0]", " ", text))
