"""What the program says about a specification that is wrong: the whole of stderr, and the exit status.

Each table changes one right specification in one place and expects the problems word for word.
"""

import json
from typing import Any

import pytest

from tests.support.bad_input import (
    BASE,
    DISTRIBUTIONS,
    FIELD_TYPES,
    GONE,
    RUN,
    edited,
    from_stdin,
    lines,
)
from tests.support.helpers import invoke
from tests.support.machines import constant


def test_base_of_all_cases_is_right() -> None:
    """What the tables change is itself without a problem or a warning."""
    outcome = invoke(*RUN, spec=BASE)
    assert (outcome.status, outcome.err, len(outcome.records)) == (0, "", 3)


STRUCTURE = [
    # keys
    ("emiters", [], 'emiters: unknown key; did you mean "emitters"?'),
    ("states[0].variable", [], 'states[0].variable: unknown key; did you mean "variables"?'),
    ("workers", 5, "workers: unknown key; one of constants, disorder, emitters, entities, format, interarrival, labels, populations, rate, schedule, states, tables, target, templates, time, timeline, truth, type, variable_defaults"),
    ("states[1].a\nb", 5, "states[1].a\\nb: unknown key; one of delay, emitter, name, transitions, variables, variables_on_entry"),
    ("states", GONE, "states: missing"),
    ("emitters", GONE, "emitters: missing"),
    ("interarrival", GONE, "interarrival: missing"),
    ("states[0].transitions", GONE, "states[0].transitions: missing"),
    ("states[0].transitions[1].probability", GONE, "states[0].transitions[1].probability: missing"),
    ("emitters[1].dimensions", GONE, "emitters[1].dimensions: missing"),
    ("emitters[1].dimensions[0].name", GONE, "emitters[1].dimensions[0].name: missing"),
    # types
    ("states", {}, "states: expected a list, not an object"),
    ("states", [], "states: expected at least one state"),
    ("states[0]", 7, ('states[0]: expected an object, not 7\n'
                     'states[1].transitions[0].next: no state "home"; one of search, stop\n'
                     'emitters[0].dimensions[0].variable: no state sets a variable "user"\n'
                     'emitters[0].dimensions[1].variable: no state sets a variable "shop"')),
    ("emitters", "page", 'emitters: expected a list, not "page"'),
    ("emitters[1].name", 5, ('states[1].emitter: no emitter "query"; one of page\n'
                            "emitters[1].name: expected a text, not 5")),
    ("states[0].emitter", 7, "states[0].emitter: expected the name of an emitter, or a list of names, not 7"),
    ("states[0].transitions[0].next", None, "states[0].transitions[0].next: expected a text, not null"),
    ("interarrival", [], 'interarrival: expected an object such as {"type": "constant", ...}, not a list'),
    ("states[0].delay", None,
     'states[0].delay: expected an object such as {"type": "constant", ...}, not null'),
    ("emitters[0].dimensions[2]", "id",
     'emitters[0].dimensions[2]: expected an object such as {"type": "int", ...}, not "id"'),
    ("interarrival", {"type": "exponental", "mean": 1},
     'interarrival.type: no distribution "exponental"; did you mean "exponential"?'),
    ("interarrival", {"type": "bell"}, f'interarrival.type: no distribution "bell"; one of {DISTRIBUTIONS}'),
    ("interarrival", {"mean": 1}, f"interarrival.type: missing; one of {DISTRIBUTIONS}"),
    ("emitters[0].dimensions[2].type", "UUID",
     'emitters[0].dimensions[2].type: no field type "UUID"; did you mean "uuid"?'),
    ("emitters[0].dimensions[2].type", "word",
     f'emitters[0].dimensions[2].type: no field type "word"; one of {FIELD_TYPES}'),
    # names
    ("states[1].name", "", ('states[0].transitions[0].next: no state "search"; one of home, stop\n'
                           'states[1].name: expected a name, not ""')),
    ("emitters[0].dimensions[2].name", None, "emitters[0].dimensions[2].name: expected a text, not null"),
    ("states[2]", {"name": "home", "transitions": [{"next": "stop", "probability": 1}]},
     'states[2].name: "home" is the name of states[0] already'),
    ("emitters[2]", {"name": "page", "dimensions": []}, 'emitters[2].name: "page" is the name of emitters[0] already'),
    ("emitters[0].dimensions[2].name", "time",
     ('emitters[0].dimensions[2].name: "time" is the clock, the first field of every record; '
      "only a field of the type clock can place it")),
    ("constants", [], "constants: expected an object, not a list"),
    ("variable_defaults", {"": 1}, 'variable_defaults: expected names of variables, not ""'),
    # transitions
    ("states[0].transitions[0].next", "serach",
     'states[0].transitions[0].next: no state "serach"; did you mean "search"?'),
    ("states[0].transitions[0].next", "end", 'states[0].transitions[0].next: no state "end"; one of home, search, stop'),
    ("states[0].transitions[1].next", "halt", 'states[0].transitions[1].next: no state "halt"; one of home, search, stop'),
    ("states[0].transitions", [], 'states[0].transitions: expected at least one transition; to "stop" ends the worker'),
    ("states[0].transitions[0].probability", 0.5, "states[0].transitions: the probabilities add up to 0.9, not 1"),
    ("states[0].transitions[0].probability", 0.6011, "states[0].transitions: the probabilities add up to 1.0011, not 1"),
    ("states[1].transitions[0].probability", 0,
     "states[1].transitions[0].probability: expected a probability above 0 and at most 1, not 0"),
    ("states[1].transitions[0].probability", 100,
     "states[1].transitions[0].probability: expected a probability above 0 and at most 1, not 100"),
    ("states[1].transitions[0].probability", "1",
     'states[1].transitions[0].probability: expected a number, not "1"'),
    ("states[1].transitions[0].probability", True,
     "states[1].transitions[0].probability: expected a number, not true"),
    # emitters and variables
    ("states[0].emitter", "pge", 'states[0].emitter: no emitter "pge"; did you mean "page"?'),
    ("states[0].emitter", "log", 'states[0].emitter: no emitter "log"; one of page, query'),
    ("states[0].emitter", "", 'states[0].emitter: no emitter ""; one of page, query'),
    ("emitters[0].dimensions[0].variable", "usr",
     'emitters[0].dimensions[0].variable: no state sets a variable "usr"; did you mean "user"?'),
    ("emitters[0].dimensions[0].variable", "cart",
     'emitters[0].dimensions[0].variable: no state sets a variable "cart"; one of user, shop'),
    ("emitters[0].dimensions[0].variable", GONE, "emitters[0].dimensions[0].variable: missing"),
    ("emitters[0].dimensions[1].field", "ctiy",
     'emitters[0].dimensions[1].field: no value of the variable "shop" has a part "ctiy"; did you mean "city"?'),
    ("emitters[0].dimensions[1].field", "place.lot",
     ('emitters[0].dimensions[1].field: no value of the variable "shop" has a part "place.lot"; '
     'did you mean "place.lat"?')),
    ("emitters[0].dimensions[1].field", "name",
     'emitters[0].dimensions[1].field: no value of the variable "shop" has a part "name"; one of city, place, zip'),
    ("emitters[0].dimensions[1].field", "city.name",
     'emitters[0].dimensions[1].field: no value of the variable "shop" has a part "city.name"'),
    ("emitters[0].dimensions[0].field", "id",
     'emitters[0].dimensions[0].field: no value of the variable "user" has a part "id"'),
    ("states[0].variables[2]", {"name": "old", "type": "variable", "variable": "usr"},
     'states[0].variables[2].variable: no state sets a variable "usr"; did you mean "user"?'),
    ("type", "generatr", 'type: expected "generator", not "generatr"'),
    ("states[0].type", "event:start:timer",
     "states[0].type: belongs to the process form, where each state has one; most states here have none"),
    ("states[1].next", "home",
     "states[1].next: belongs to the process form; here it is a key of the transitions, with a probability"),
    # the target within the specification
    ("target", "stdout", 'target: expected an object, not "stdout"'),
    ("target", [], "target: expected an object, not a list"),
    ("target", {"type": "stdot"}, 'target.type: no target type "stdot"; did you mean "stdout"?'),
    ("target", {"type": "file"}, "target.path: missing"),
    ("target", {"type": "file", "path": ""}, "target.path: expected the path of a file"),
    ("target", {"type": "file", "path": "x", "mode": "apend"}, 'target.mode: expected "overwrite" or "append", not "apend"'),
    ("target", {"type": "file", "path": "${NO_SUCH_FOLDER}/x"},
     'target.path: the environment variable "NO_SUCH_FOLDER" is not set'),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "problems"), STRUCTURE)
def test_wrong_structure_is_refused(path: str, value: Any, problems: str) -> None:
    """States, transitions, emitters, names and the target: the place, the fault, the remedy."""
    outcome = invoke(*RUN, spec=edited((path, value)))
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", lines(problems))


NO_TIME = {"type": "uniform", "min": -1, "max": 0}
MACHINES = [
    ([("states[0].emitter", GONE), ("states[1].emitter", GONE)],
     "states: no state that a worker can reach has an emitter: there would be no records"),
    ([("interarrival", NO_TIME), ("states[0].delay", NO_TIME), ("states[1].delay", NO_TIME)],
     "interarrival: is never above 0, and no state that a worker can reach waits: the clock would not advance"),
    ([("states[0].delay", NO_TIME), ("states[1].delay", NO_TIME),
      ("states[0].transitions", [{"next": "search", "probability": 1}])],
     'states[0]: a worker cannot leave "home", "search", and no delay there is ever above 0: the clock would not advance'),
    ([("interarrival", constant(4.9e-7)), ("states[0].delay", NO_TIME), ("states[1].delay", NO_TIME)],
     "interarrival: is rounded from 4.9e-07 s to 0 microseconds, and no state that a worker can reach waits: the clock would not advance"),
    ([("states[0].delay", NO_TIME), ("states[1].delay", constant(4e-7)),
      ("states[0].transitions", [{"next": "search", "probability": 1}])],
     'states[0]: a worker cannot leave "home", "search", and every delay there is 0 or rounded to 0 microseconds: the clock would not advance'),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "problem"), MACHINES)
def test_machine_that_cannot_run_is_refused(changes: Any, problem: str) -> None:
    """What can be seen before running: no record would ever come, or time would stand still."""
    outcome = invoke(*RUN, spec=edited(*changes))
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", lines(problem))


STOP = [{"next": "stop", "probability": 1}]
WARNINGS = [
    ([("states[2]", {"name": "help", "emitter": "page", "transitions": STOP})],
     'states[2]: no worker can reach "help"\n'),
    ([("states[1].emitter", GONE), ("states[1].transitions[0].next", "search")],
     'states[1]: a worker cannot leave "search", and nothing is emitted there: with -n the run might never end\n'),
    ([("states[1].emitter", "page"), ("states[1].variables", BASE["states"][0]["variables"][1:]),
      ("states[0].variables", GONE), ("states[1].variables[1]", BASE["states"][0]["variables"][0])],
     ('states[0].emitter: shows the variable "shop", which may be unset on some path; its value is null there\n'
     'states[0].emitter: shows the variable "user", which may be unset on some path; its value is null there\n')),
    ([("states[0].variables[2]", {"name": "user", "type": "uuid"})],
     'states[0].variables[2].name: states[0].variables[0] sets "user" already; the later one counts\n'),
    ([("emitters[0].dimensions[2].name", "user")],
     ('emitters[0].dimensions[2].name: emitters[0].dimensions[0] is called "user" already; '
      "its place counts, and the value of the later one\n")),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "warnings"), WARNINGS)
def test_what_is_probably_not_meant_is_a_warning(changes: Any, warnings: str) -> None:
    """A warning names the place; the specification counts as right."""
    outcome = invoke("--validate", spec=edited(*changes))
    told = "".join(f"warning: stdin: {line}\n" for line in warnings.splitlines())
    states = len(edited(*changes)["states"])
    assert (outcome.status, outcome.err) == (0, f"{told}stdin: ok: {states} states, 2 emitters\n")


def test_all_problems_come_in_one_go_in_the_order_of_the_document() -> None:
    """Shapes, names, sums, nested fields and the target are told together; what is missing last."""
    spec = edited(
        ("states[0].delay", {"type": "exponential", "mean": 0}),
        ("states[0].transitions[0].next", "serach"),
        ("states[0].transitions[0].probability", 0.7),
        ("states[1].emitter", GONE),
        ("states[1].emiter", "query"),
        ("emitters[0].dimensions[1].field", "town"),
        ("emitters[0].dimensions[2].percent_nulls", 101),
        ("emitters[1].dimensions[0].length_distribution.value", "5"),
        ("interarrival.mean", GONE),
        ("target", {"type": "file", "mode": "w"}),
    )
    outcome = invoke(*RUN, spec=spec)
    assert outcome.status == 1
    assert outcome.err == lines(
        "states[0].delay.mean: expected a number above 0, not 0\n"
        "states[0].transitions: the probabilities add up to 1.1, not 1\n"
        'states[0].transitions[0].next: no state "serach"; did you mean "search"?\n'
        'states[1].emiter: unknown key; did you mean "emitter"?\n'
        'emitters[0].dimensions[1].field: no value of the variable "shop" has a part "town"; '
        "one of city, place, zip\n"
        "emitters[0].dimensions[2].percent_nulls: expected a percentage from 0 to 100, not 101\n"
        'emitters[1].dimensions[0].length_distribution.value: expected a number, not "5"\n'
        'interarrival: expected "mean" or "rate"\n'
        'target.mode: expected "overwrite" or "append", not "w"\n'
        "target.path: missing"
    )


TEXTS = [
    (b"", "is empty"),
    (b"\xef\xbb\xbf \n", "is empty"),
    (b"[1, 2]", "expected an object, not a list"),
    (b"5", "expected an object, not 5"),
    (b'"states"', 'expected an object, not "states"'),
    (b"null", "expected an object, not null"),
    (b"{}", "interarrival: missing\nstates: missing\nemitters: missing"),
    (b'{"states": }', "is not JSON: Expecting value"),
    (b'{\n "states": [] "emitters": []}', "is not JSON: Expecting ',' delimiter"),
    (b'{"states": ["\xe4"]}', "is not UTF-8 text (byte 13)"),
    (b'{"states": NaN}', "is not JSON: NaN is not a number"),
    (b'{"states": -Infinity}', "is not JSON: -Infinity is not a number"),
    (b'{"states": 1' + b"0" * 5000 + b"}", "is not JSON: a number of 5001 digits is too long"),
    (b'{"states": [{"name": "a", "name": "b"}], "type": "x", "type": "y"}',
     "type: appears twice\nstates[0].name: appears twice"),
    (b"[" * 300 + b"]" * 300, "is nested too deeply"),
    (b"[" * 100_000, "is nested too deeply"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "problems"), TEXTS, ids=lambda each: str(each[:30]))
def test_text_that_holds_no_specification_is_refused(data: bytes, problems: str) -> None:
    """Bytes that are not UTF-8, not JSON, or not an object."""
    outcome = from_stdin(data)
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", lines(problems))


def test_comments_are_no_problem_anywhere() -> None:
    """Keys with `_` or `$` may hold anything, stand twice, and name what is not in the environment."""
    spec = edited(
        ("$schema", 5),
        ("states[0]._why", None),
        ("states[0].delay._unit", "s"),
        ("target", {"type": "stdout", "_note": "${NO_SUCH_VARIABLE}"}),
    )
    text = json.dumps(spec).replace('"$schema"', '"_": 1, "_": 2, "$schema"')
    assert from_stdin(text.encode()).status == 0
