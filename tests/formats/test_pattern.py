"""Patterns: what stands in braces, escapes, formats, patterns of emitters, and their mistakes."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.formats.test_delimited import enum, two_emitters
from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec, constant
from tests.support.quickness import at_most

SECONDS = 5.0  # of one pattern; nearly all take a tenth
repeatable = settings(deadline=None, derandomize=True)
SPEC = two_emitters(
    [enum("word", "héllo"), enum("n", 42), enum("x", 2.5), enum("no", None), enum("yes", True),
     enum("o", {"k": [1]}), {"name": "at", "type": "clock"}],
    [enum("word", 'say "hi", ok'), enum("n", -7), enum("x", 1e22)],
)  # fmt: skip


def written(pattern: str, tmp_path: Path, *flags: str, n: int = 1, spec: Spec = SPEC) -> str:
    """Return the records that a pattern file makes."""
    outcome = tried(pattern, tmp_path, *flags, n=n, spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome.out.decode()


def tried(
    pattern: str | bytes, tmp_path: Path, *flags: str, n: int = 1, spec: Spec = SPEC
) -> Outcome:
    """Run with a pattern file."""
    file = tmp_path / "p.txt"
    file.write_bytes(pattern if isinstance(pattern, bytes) else pattern.encode())
    given = ("-s", "2027-03-12T04:05:06.789012+01:00", "--seed", "1", "-m", "1", "-q", "-n", str(n))
    return invoke("-f", str(file), *given, *flags, spec=spec)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("{word}", "héllo"),
        ("{n} {x} {yes} {o}", '42 2.5 true {"k":[1]}'),
        ("[{no}]", "[]"),
        ("[{no|-}]", "[-]"),
        ("[{no|}]", "[]"),
        ("{{{n}}}", "{42}"),
        (r"a\tb\\c\x41\u00e9", "a\tb\\cAé"),
        ("é😀", "é😀"),
        ("{time}", "2027-03-12T04:05:06.789+01:00"),
        ("{time:%d/%b/%Y:%H:%M:%S %z}", "12/Mar/2027:04:05:06 +0100"),
        ("{time:%s}", "1804820706"),
        ("{time:%f %3f %Z}", "789012 789 +01:00"),
        ("{at:%H}", "04"),
        ("{word:>8}|{word:<8}|{word:^8}|{word:.2}|{word:*^9}", "   héllo|héllo   | héllo  |hé|**héllo**"),
        ("{n:05d} {n:>5} {n:<5}| {n:x} {n:+} {n:,}", "00042    42 42   | 2a +42 42"),
        ("{n:.1f} {x:.3f} {x:8.2f} {x:e}", "42.0 2.500     2.50 2.500000e+00"),
        ("{yes:>6} {o:>9}", '  true {"k":[1]}'),
        ("[{no:>4}]", "[]"),
        ("[{no|-:>4}]", "[-]"),
        ("{word!csv} {word!json} {o!csv} {no!json|null}", 'héllo "héllo" "{""k"":[1]}" null'),
        ("{emitter}", "one"),
        (" {n} ", " 42 "),
        ("{n}\n{x}", "42\n2.5"),
        ("{time|?:%H:%M}", "04:05"),
        (r"{no|\x3a}", ":"),
        ("{n * x} {n * x:.2f} {n // 4 + 1:>5} {-n}", "105.0 105.00    11 -42"),
        ("{word ~ '!':>8} {upper(word)} { n } {'a' if yes else 'b'}", "  héllo! HÉLLO 42 a"),
        ("{o.k[0]} {o['k']} {o.k}", "1 [1] [1]"),
        ("{word[0:2]} {'a:b' ~ ':'} {n * (2 if yes else 1):05d}", "hé a:b: 00084"),
        ("[{no + 1}] [{no + 1:>4}] [{default(no, '-')}]", "[] [] [-]"),
        ("{time + 3600} {time + hours(1):%H} {at - time}", "2027-03-12T05:05:06.789+01:00 05 0.0"),
        ("{word ~ ', ' ~ n!csv} {word ~ '\\t'!json} {n != 41}", '"héllo, 42" "héllo\\t" true'),
        (r"{'\x7b' ~ n ~ '\x7d'}", "{42}"),
        ("{emitter ~ '/' ~ word} {1 + 1}", "one/héllo 2"),
        ("{(n|string)[0]}{n / 0}{log10(n - 142)}", "4"),
    ],
)  # fmt: skip
def test_pattern(pattern: str, text: str, tmp_path: Path) -> None:
    """Each thing that can stand in a pattern gives this text."""
    assert written(pattern, tmp_path) == f"{text}\n"


def test_trailing_newline_is_dropped_and_other_white_space_kept(tmp_path: Path) -> None:
    """Editors end files with a newline."""
    assert written("{n} \n", tmp_path) == "42 \n"
    assert written("{n}\r\n", tmp_path) == "42\n"
    assert written("{n}\n\n", tmp_path) == "42\n\n"
    assert written("\ufeff{n}", tmp_path) == "42\n"


def test_field_of_another_emitter_is_empty(tmp_path: Path) -> None:
    """Its default stands there, if it has one."""
    assert written("{n},{o},{o|none}", tmp_path, n=2) == '42,{"k":[1]},{"k":[1]}\n-7,,none\n'


def test_expression_over_a_field_of_another_emitter_is_empty(tmp_path: Path) -> None:
    """The field is null there, and so is what is computed of it."""
    assert written("{n * 2},{o ~ 1},{yes or 5}", tmp_path, n=2) == '84,{"k":[1]}1,true\n-14,1,5\n'


def test_field_comes_before_an_expression() -> None:
    """Whatever its name; and what was a default stays one, with a note where it names a function."""
    spec = two_emitters([enum("a*b", "both"), enum("a", 2), enum("b", None)], [enum("a", 3)])
    given = ("-n", "1", "-s", "2027-03-12", "--seed", "1")
    form = {"type": "pattern", "pattern": "{a*b} {a * 2} {b|string} {b|lower(x)} {b|none}"}
    outcome = invoke(*given, spec={**spec, "format": form})
    assert outcome.out == b"both 4 string lower(x) none\n"
    assert (
        'line 1: "string" stands where {b} has no value; the function is {string(b, ...)}'
        in outcome.err
    )
    assert 'line 1: "lower(x)" stands where {b} has no value' in outcome.err
    assert "none" not in outcome.err.replace("none of", "")


def test_tables_are_looked_up() -> None:
    """An unknown key gives null, an unknown table a problem."""
    tables = {"t": {"rows": [{"k": "a", "v": 3}], "key": "k"}}
    spec = {**two_emitters([enum("a", "a")], [enum("a", "b")]), "tables": tables}
    form = {"type": "pattern", "pattern": "<{lookup('t', a, 'v') + 1}>"}
    given = ("-n", "2", "-s", "2027-03-12", "--seed", "1", "-q")
    assert invoke(*given, spec={**spec, "format": form}).out == b"<4>\n<>\n"
    form = {"type": "pattern", "pattern": "{lookup('s', a, 'v')}"}
    assert 'column 8: no table "s"' in invoke(*given, spec={**spec, "format": form}).err


def test_expressions_warn(tmp_path: Path) -> None:
    """As elsewhere in the program, with the line."""
    file = tmp_path / "p.txt"
    file.write_text("{n}\n{x * n|float}")
    err = invoke("-f", str(file), "-n", "1", "-s", "2027-03-12", spec=SPEC).err
    assert f"{file}: line 2: {{x * n|float}}: column " in err


def test_instants_of_expressions_are_in_the_zone_of_the_start(tmp_path: Path) -> None:
    """As the functions of instants are."""
    assert (
        written("{hour(time)} {date(time)} {strftime(time, '%H:%M %z')}", tmp_path)
        == "4 2027-03-12 04:05 +0100\n"
    )


def test_emitters_can_have_patterns_of_their_own(tmp_path: Path) -> None:
    """A section for one, and one for all others."""
    pattern = "@emitter two\n2 {n}\n@emitter *\n1 {word}\n"
    assert written(pattern, tmp_path, n=2) == "1 héllo\n2 -7\n"


def test_fields_quote_themselves(tmp_path: Path) -> None:
    """For CSV and JSON by hand."""
    assert written("{word!csv}|{word!json}", tmp_path, n=2).splitlines()[1] == (
        '"say ""hi"", ok"|"say \\"hi\\", ok"'
    )


def test_pattern_may_stand_in_the_target_or_the_specification(tmp_path: Path) -> None:
    """As a text, or as the file of one."""
    (tmp_path / "p.txt").write_text("{n}\n")
    (tmp_path / "q.txt").write_text("{m}\n")
    for keys in ({"pattern": "{n}"}, {"file": str(tmp_path / "p.txt")}):
        spec = {**SPEC, "target": {"type": "stdout", "format": {"type": "pattern", **keys}}}
        assert invoke("-n", "1", "-s", "2027-03-12", "-q", spec=spec).out == b"42\n"
    spec = {**SPEC, "format": {"type": "pattern", "file": str(tmp_path / "q.txt")}}
    err = invoke("-n", "1", "-s", "2027-03-12", "-q", spec=spec).err
    assert 'format.file: line 1: no emitter has a field "m"' in err
    spec = {**SPEC, "format": {"type": "pattern", "file": "no_such_pattern"}}
    assert (
        "format.file: no_such_pattern: there is no such file" in invoke("--validate", spec=spec).err
    )


def test_variables_are_joined_once_an_assignment() -> None:
    """Fields set at the same visit, other fields and constants between them: all in their places."""
    spec: Spec = {
        "interarrival": constant(1),
        "states": [
            {"name": "a", "variables": [enum("u", "x", "y"), enum("v", 1, 2)],
             "transitions": [{"next": "b", "probability": 1}]},
            {"name": "b", "emitter": "e", "delay": constant(1), "transitions": [
                {"next": "b", "probability": 0.9}, {"next": "stop", "probability": 0.1}]},
        ],
        "emitters": [{"name": "e", "dimensions": [
            {"name": "u", "type": "variable", "variable": "u"},
            {"name": "v", "type": "variable", "variable": "v"},
            {"name": "n", "type": "counter"},
        ]}],
        "format": {"type": "pattern", "pattern": "<{u}-{v}:{n}={v}+{u}>"},
    }  # fmt: skip
    given = ("-n", "500", "-s", "2027-03-12", "--seed", "3", "-q")
    records = invoke(*given, spec={**spec, "format": "json"}).records
    expected = [f"<{r['u']}-{r['v']}:{r['n']}={r['v']}+{r['u']}>" for r in records]
    assert invoke(*given, spec=spec).out.decode().splitlines() == expected


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", "line 1: the pattern is empty"),
        ("{wrd}", 'line 1: no emitter has a field "wrd"; did you mean "word"?'),
        ("{n}\n {wrd}", 'line 2: no emitter has a field "wrd"; did you mean "word"?'),
        ("{o[k]}", 'line 1: {o[k]}: column 3: no value "k"; one of '),
        ("{n}\n{n * wrd}", 'line 2: {n * wrd}: column 5: no value "wrd"; did you mean "word"?\n'),
        ("{n + word}", "line 1: {n + word}: column 3: "),
        ("{n * }", "line 1: {n * }: column 5: ends too early"),
        ("{n * 2:%Y}", 'line 1: {n * 2}: "%Y" is not a format spec'),
        ("{o ~ 1:d}", 'line 1: {o ~ 1}: "d" is not a format spec for a text\n'),
        ("{o + 1}", "line 1: {o + 1}: column 3: "),
        ("{o + 1}", ' (emitter "one")\n'),
        ("{sqrtt(n)}", 'line 1: {sqrtt(n)}: column 1: no function "sqrtt"; did you mean "sqrt"?'),
        ("{}", 'line 1: "{}" names no field; a brace is written "{{"'),
        ("{n", 'line 1: "{" is unmatched; write "{{"'),
        ("n}", 'line 1: "}" is unmatched; write "}}"'),
        ("a\\q", r'line 1: "\q" is not an escape; expected \t, \n, \\, \xNN or \uNNNN'),
        ("a\\", r'line 1: "\" is not an escape'),
        (r"\x4", r'line 1: "\x" is not an escape'),
        (r"\ud800", r'line 1: "\ud800" is a lone surrogate, not a character'),
        ("{time:%Q}", 'line 1: {time}: "%Q" is not a strftime directive'),
        ("{n:%Y}", 'line 1: {n}: "%Y" is not a format spec'),
        ("{word:d}", 'line 1: {word}: "d" is not a format spec for a text'),
        ("{x:d}", 'line 1: {x}: "d" is not a format spec for a float'),
        ("{n:s}", 'line 1: {n}: "s" is not a format spec for an int'),
        ("{n:c}", 'the type "c" is not supported'),
        ("{n:>99999999}", '">99999999" is wider than 1000 characters'),
        ("{n!xml}", 'line 1: {n!xml}: there is no conversion "xml"; one of csv, json'),
        ("{n!json:>5}", '"!json" and a format contradict each other'),
        ("{n}\n@emitter two\nx", 'line 1: expected "@emitter ...", as in line 2'),
        ("@emitter three\nx", "@emitter three: there is no such emitter; one of one, two"),
        (
            "@emitter two\nx",
            'there is no pattern for the emitter "one"; "@emitter *" is for all others',
        ),
        ("@emitter two\n@emitter two\n", "line 2: @emitter two appears twice"),
        ("@emitter  \nx", "line 1: @emitter names no emitter"),
        (b"\xff", "is not UTF-8 text (byte 0)"),
    ],
)
def test_wrong_pattern_is_refused(pattern: str | bytes, message: str, tmp_path: Path) -> None:
    """With the file, the line and a remedy, and nothing is generated."""
    outcome = tried(pattern, tmp_path)
    assert outcome.status == 1
    assert outcome.out == b""
    assert f"{tmp_path}/p.txt: " in outcome.err
    assert message in outcome.err
    assert "Traceback" not in outcome.err


def test_all_mistakes_of_names_are_told_in_one_go(tmp_path: Path) -> None:
    """In the order of the lines."""
    err = tried("{a1} {n}\n{b1}\n{time:%Q}", tmp_path).err
    assert [line.split(": ")[1] for line in err.splitlines()] == ["line 1", "line 2", "line 3"]


def test_specification_has_to_say_which_pattern() -> None:
    """Either a text or a file."""
    for keys in ({}, {"pattern": "{n}", "file": "x"}):
        spec = {**SPEC, "format": {"type": "pattern", **keys}}
        err = invoke("--validate", spec=spec).err
        assert 'format: expected either "pattern" or "file"' in err


@settings(repeatable, max_examples=40)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=6, unique=True))
@example(["a,b", 'say "hi"', "two\nlines", "\r\n", "\0", "\t", "", "😀", "\x85\u2028"])
def test_quoted_fields_parse_back(values: list[str]) -> None:
    """`!csv` and `!json` write what Python's csv and json read as the same values, in one record."""
    spec = two_emitters([enum("a", *values)], [enum("a", *values)])
    given = ("-n", "20", "-s", "2027-03-12", "--seed", "1", "-q")
    told = [record["a"] for record in invoke(*given, spec=spec).records]
    for conversion, read in (("csv", _cells), ("json", _texts)):
        form = {"type": "pattern", "pattern": f"x,{{a!{conversion}}}"}
        assert read(invoke(*given, spec={**spec, "format": form}).out.decode()) == told


def _cells(text: str) -> list[str]:
    return [row[1] for row in csv.reader(io.StringIO(text, newline=""), strict=True)]


def _texts(text: str) -> list[str]:
    return [json.loads(line.removeprefix("x,")) for line in text.split("\n")[:-1]]


def test_mistakes_of_a_line_are_in_its_order(tmp_path: Path) -> None:
    """As they are in the pattern, each once, whatever the order of emitters or of a set."""
    pattern = "{zz} {n:%Y} {a!csv} {q} {zz} {c}\n{word:d}{b}"
    err = tried(pattern, tmp_path).err
    fields = [
        re.findall(r'"(\w+)"|\{(\w+)\}', line.split(": ", 1)[1])[0] for line in err.splitlines()
    ]
    assert ["".join(each) for each in fields] == ["zz", "n", "a", "q", "c", "word", "b"]


HOSTILE = {
    "{" + "(" * 2_000 + "n" + ")" * 2_000 + "}": "is nested too deeply",
    "{n" + " + n" * 4_000 + "}": "is nested too deeply",
    "{" + "sqrt(" * 300 + "n" + ")" * 300 + "}": "is nested too deeply",
    "{n + " + "9" * 5_000 + "}": "a number is too large",
    "{'" + "x" * 200_000 + "'}": "is longer than 100,000 characters",
    "{n:>99999999}": "is wider than 1000 characters",
    "{n * 2:>99999999}": "is wider than 1000 characters",
    "{format('%99999999d', n)}": "a width of more than 1,000 characters",
    "{[n] * 999999999}": "column 5: ",
    "{word * 999999999}": "column 6: ",
    "{(n ** 999999) ** 999999}": "",
    "{n ** n ** n}": "a chain of ** needs parentheses",
    "{replace(replace(replace('aaaaaaaaaa', 'a', '" + "a" * 3_000 + "'), 'a', '" + "a" * 3_000 + "'), 'a', word)}": "makes a text of more than",
    "{" + "(" * 40 + "word" + " ~ word)" * 40 + "}": "",
    "{[[" + "n," * 3_000 + "]]}": "has more than 1,000 parts",
    "{n}{n * 1}" * 1_000: "",
}  # fmt: skip


@pytest.mark.parametrize("pattern", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_expressions_are_refused_or_bounded(pattern: str) -> None:
    """On load with a line, or they are null where they grow too large."""
    spec = {**SPEC, "format": {"type": "pattern", "pattern": pattern}}
    with at_most(SECONDS):
        outcome = invoke("-n", "200", "-s", "2027-03-12", "-q", spec=spec)
    message = HOSTILE[pattern]
    assert outcome.status == (1 if message else 0), outcome.err
    assert message in outcome.err
    assert len(outcome.err) < 10_000
