"""Replays whose times, patterns and keys are changed at random."""

import json
from typing import Any

from hypothesis import strategies as st

DIRECTIVES = [
    *(f"%{letter}" for letter in "YymdHIMSfbBaApzZjeklPGVuUWwcxXDFTRrhnt%sCgQ"),
    *("%-d", "%-I", "%:z", "%3f", "%", "%-", "T", " ", "  ", ":", "-", "/", ".", ",", "é", "\t", "(", "[", "\\"),
]  # fmt: skip
PATTERNS = [
    "iso", "nanos", "micros", "millis", "seconds", "%b %d %H:%M:%S", "%d/%b/%Y:%H:%M:%S %z", "%H:%M:%S", "%a %e %B %I:%M %p",
    "%Y-%m-%d %H:%M:%S.%f", "%H:%M %Z", "%d %H:%M", "%A %H:%M", "%c", "%G-W%V-%u",
]  # fmt: skip
TEXTS = [
    "2026-10-25T02:59:59", "2026-10-25 02:00:00", "2026-03-29T02:30:00.5+01:00", "2024-02-29", "0001-01-01", "0001-01-03",
    "9999-12-31T23:59:59", "20260101T000000Z", "2026-01-01T00:00:60", "2026-01-01T00:00:00+14:00", "2026-01-01T00:00:00-12:00",
    "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00.1234567891", "0", "-1", "1.5", "-0.5", "1.5945120943859746E+09",
    "1e9", "1E-9", "-1e+999", "9" * 19, "9" * 400, "1594512094", "1594512094000", "1594512094000000000", "NaN", "inf", "",
    "Mar  9 01:02:03", "Mar 09 01:02:03", "MAR 31 23:59:59", "Feb 29 00:00:00", "Feb 30 00:00:00", "Dec 31 23:59:59",
    "Jan  1 00:00:00", "Oct 25 02:30:00", "Oct 25 02:00:00", "12/Mar/2027:00:00:00 +0000", "12/mar/2027:00:00:00 Z",
    "23:59:59", "00:00:00", "02:30:00", "24:00:00", "Fri  9 March 9:05 am", "Fri 13 MAY 12:05 PM", "10:00 IST", "10:00 gmt",
    "31 10:00", "30 10:00", "Monday 10:00", "sunday 10:00", "Fri Mar 12 00:00:00 2027", "2026-W53-5", "2026-W54-1", "\x00", "é",
    "\uff12\uff10\uff12\uff16-01-01", " ", "x" * 3000,
]  # fmt: skip
JSON_TIMES: list[Any] = [
    None, True, 0, -1, 1.5, -1e-9, 1594512094.5, 1.5945120943859746e09, 1e308, 5e-324, 10**18, 10**30, -(10**19), {}, [],
    {"ts": 5}, {"ts": None}, {"ts": "2026-01-01"}, {"ts": {"ts": 1}}, "\ud800",
]  # fmt: skip
KEYS: dict[str, list[Any]] = {
    "timezone": ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC", "X"],
    "stretch": [2, 0.5, 1e-6, 1e6, 1.1, 0, -1, 1e300],
    "sort": [True, True, False],
    "loop": [True, False, False],
    "types": [{"t": "text"}, {"t": "int"}, {"u": "text"}, {"u": "float"}],
    "time_skipping": [
        {"skip_probability": chance, "min_skip_duration": shortest, "max_skip_duration": longest}
        for chance in (0, 0.5, 1)
        for shortest, longest in ((0, 0), (0, 86_400), (1e9, 1e10), (0, 1e15), (1e15, 1e300))
    ],
    "time_field": ["t", "t.ts", ["t", "u"], ["t.ts", "u"], ["u", "t.ts"], ["t", "u.ts"], ["t", "t"]],
    "null_injection": [[{"field": field, "null_probability": 0.5}] for field in ("t", "u", "n")],
    "format": ["json", "csv", {"type": "pattern", "pattern": "{n} {t:%s%3f %Y %Z} {u}"}],
}  # fmt: skip


@st.composite
def replays(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """Return a specification of a replay, and what its source holds."""
    texts, kind = st.sampled_from(TEXTS), draw(st.sampled_from(["csv", "ndjson"]))
    values = texts if kind == "csv" else st.one_of(texts, texts, st.sampled_from(JSON_TIMES))
    few = draw(st.lists(values, min_size=1, max_size=4))  # so that many files are in some order
    rows = draw(st.lists(st.tuples(st.sampled_from(few), values), max_size=8))
    made = st.lists(st.sampled_from(DIRECTIVES), max_size=6).map("".join)
    patterns = st.one_of(st.sampled_from(PATTERNS), st.sampled_from(PATTERNS), made)
    spec = {
        "type": "replay",
        "source_file": f"x.{kind}",
        "time_field": "t",
        "time_format": draw(patterns),
    }
    for key in draw(st.lists(st.sampled_from(list(KEYS)), max_size=4, unique=True)):
        spec[key] = draw(st.sampled_from(KEYS[key]))
    if isinstance(spec["time_field"], list) and draw(st.booleans()):
        spec["time_format"] = [spec["time_format"], draw(patterns)]
    return spec, _source(kind, rows)


def _source(kind: str, rows: list[tuple[Any, Any]]) -> str:
    """Return the text of a file with two times and a number in each record."""
    if kind == "ndjson":
        records = ({"t": first, "u": second, "n": n} for n, (first, second) in enumerate(rows))
        return "".join(f"{json.dumps(each)}\n" for each in records)
    lines = (f'"{first}","{second}",{n}\n' for n, (first, second) in enumerate(rows))
    return "".join(["t,u,n\n", *lines])
