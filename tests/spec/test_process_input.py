"""What the program says about a process that is wrong, in the words of its form.

The table changes one right process in one place and expects the problems word for word.
"""

from functools import partial
from typing import Any

import pytest

from tests.support import bad_input
from tests.support.bad_input import GONE, RUN, lines
from tests.support.helpers import invoke
from tests.support.machines import constant
from tests.support.processes import (
    activity,
    clock,
    end,
    gateway,
    process_of,
    shown,
    start,
    static,
    timer,
)

NEVER = {"type": "uniform", "min": -1, "max": 0}
USER = {"name": "user", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 9}}
WORD = {"name": "word", "type": "string", "length_distribution": constant(5)}
BASE = process_of(
    start("ask"),
    activity("ask", "pick", USER, emitter="page"),
    gateway("pick", look=0.6, leave=0.4),
    timer("look", constant(2), "search"),
    activity("search", "pick", emitter="query"),
    end("leave"),
    page=[clock("time"), shown("user")],
    query=[clock("time"), WORD],
)
TYPES = "event:start:timer, event:intermediate:timer, activity, gateway:exclusive, event:end, subprocess, subprocess:multi:variables, subprocess:multi_instance, event:start:message"


edited = partial(bad_input.edited, base=BASE)


def test_base_of_all_cases_is_right() -> None:
    """What the tables change is itself without a problem or a warning."""
    outcome = invoke("--validate", spec=BASE)
    assert (outcome.status, outcome.err) == (0, "stdin: ok: 6 states, 2 emitters\n")


MISTAKES = [
    # types
    ("states[1].type", "task", f'states[1].type: no state type "task"; one of {TYPES}'),
    ("states[3].type", "event:timer", 'states[3].type: no state type "event:timer"; did you mean "event:start:timer"?'),
    ("states[3].type", "event:intermediate", 'states[3].type: no state type "event:intermediate"; did you mean "event:intermediate:timer"?'),
    ("states[3].type", "event:intermediate:timmer", 'states[3].type: no state type "event:intermediate:timmer"; did you mean "event:intermediate:timer"?'),
    ("states[2].type", "gateway:inclusive", 'states[2].type: no state type "gateway:inclusive"; did you mean "gateway:exclusive"?'),
    ("states[2].type", 5, f"states[2].type: no state type 5; one of {TYPES}"),
    ("states[2].type", GONE, f"states[2].type: missing; most states have one, as in the process form; one of {TYPES}"),
    ("states[1]", "ask", ('states[0].next: no state "ask"; one of pick, look, search, leave\n'
                          'states[1]: expected an object such as {"type": "activity", ...}, not "ask"\n'
                          'emitters[0].dimensions[1].variable: no state sets a variable "user"')),
    ("type", "generatr", 'type: expected "generator", not "generatr"'),
    # the start
    ("states[0].cardinality_distribution", GONE, "states[0].cardinality_distribution: missing"),
    ("states[0].cardinality_distribution.mean", 0, "states[0].cardinality_distribution.mean: expected a number above 0, not 0"),
    ("states[0].next", GONE, "states[0].next: missing"),
    ("states[0].emitter", "page", "states[0].emitter: a start emits nothing; put an activity after it"),
    ("states[0].variables", [], "states[0].variables: a start sets nothing; put an activity after it"),
    ("states[0].interarrival", constant(1), "states[0].interarrival: the time between workers is the cardinality_distribution of a start"),
    ("states[0]", activity("start", "ask"), ("states: no event:start:timer: expected one, where workers begin\n"
                                             'states[0].emitter: no emitter "e"; one of page, query')),
    ("states[6]", start("ask") | {"name": "again", "max": 0}, 'states[6].max: expected a whole number from 1 to 100,000,000 or "none", not 0'),
    ("states[4].next", "start", "states[4].next: is the event:start:timer, to which no state may lead; name a later state"),
    ("states[2].transitions[0].next", "start",
     "states[2].transitions[0].next: is the event:start:timer, to which no state may lead; name a later state"),
    # activities
    ("states[4].delay", constant(1), "states[4].delay: an activity has no delay; put an event:intermediate:timer after it"),
    ("states[4].cardinality_distribution", constant(1),
     "states[4].cardinality_distribution: an activity has no delay; put an event:intermediate:timer after it"),
    ("states[4]", {"name": "search", "type": "activity", "emitter": "query", "transitions": [{"next": "pick", "probability": 1}]},
     "states[4].transitions: an activity has one next; put a gateway:exclusive after it"),
    ("states[4].next", GONE, "states[4].next: missing"),
    ("states[4].next", ["pick"], "states[4].next: expected a text, not a list"),
    ("states[4].next", "pik", 'states[4].next: no state "pik"; did you mean "pick"?'),
    ("states[4].next", "STOP", 'states[4].next: no state "STOP"; name an event:end, such as "leave"'),
    ("states[4].emitter", "qery", 'states[4].emitter: no emitter "qery"; did you mean "query"?'),
    ("states[4].dimensions", [], "states[4].dimensions: an emitter has dimensions; an activity has variables"),
    ("states[1].variables[0]", {"name": "user", "type": "variable", "variable": "usr"},
     'states[1].variables[0].variable: no state sets a variable "usr"; did you mean "user"?'),
    ("states[1].varables", [], 'states[1].varables: unknown key; did you mean "variables"?'),
    # gateways
    ("states[2].next", "look", "states[2].next: a gateway has transitions, each with its next and probability"),
    ("states[2]", {"name": "pick", "type": "gateway:exclusive", "next": "leave"},
     "states[2].next: a gateway has transitions, each with its next and probability"),
    ("states[2].delay", constant(1), "states[2].delay: a gateway has no delay; put an event:intermediate:timer after it"),
    ("states[2].emitter", "page", "states[2].emitter: a gateway emits nothing; put an activity before it"),
    ("states[2].transitions", [], "states[2].transitions: expected at least one transition"),
    ("states[2].transitions", GONE, "states[2].transitions: missing"),
    ("states[2].transitions[0].probability", 0.589, "states[2].transitions: the probabilities add up to 0.989, not 1"),
    ("states[2].transitions[0].probability", 0.62, "states[2].transitions: the probabilities add up to 1.02, not 1"),
    ("states[2].transitions[0].probability", 60,
     "states[2].transitions[0].probability: expected a probability above 0 and at most 1, not 60"),
    ("states[2].transitions[0].probability", GONE, "states[2].transitions[0].probability: missing"),
    ("states[2].transitions[0].next", "lok", 'states[2].transitions[0].next: no state "lok"; did you mean "look"?'),
    # timers
    ("states[3].emitter", "page", "states[3].emitter: a timer emits nothing; put an activity after it"),
    ("states[3].delay", constant(2), "states[3].delay: the time that a timer waits is its cardinality_distribution"),
    ("states[3]", {"name": "look", "type": "event:intermediate:timer", "delay": {"type": "constant"}, "next": "search"},
     "states[3].delay.value: missing"),
    ("states[3].cardinality_distribution", [],
     'states[3].cardinality_distribution: expected an object such as {"type": "constant", ...}, not a list'),
    ("states[3].transitions", [], "states[3].transitions: a timer has one next; put a gateway:exclusive after it"),
    ("states[3].distribution", constant(1), 'states[3].distribution: unknown key; did you mean "cardinality_distribution"?'),
    # ends
    ("states[5].next", "ask", "states[5].next: an end ends the worker: nothing comes after it"),
    ("states[5].transitions", [], "states[5].transitions: an end ends the worker: nothing comes after it"),
    ("states[5].emitter", "page", "states[5].emitter: an end emits nothing; put an activity before it"),
    ("states[5].delay", constant(1), "states[5].delay: an end takes no time; put an event:intermediate:timer before it"),
    ("states[5]", activity("leave", "pick", emitter="page"), "states: no event:end: expected at least one, where workers end"),
    # names
    ("states[4].name", "look", ('states[3].next: no state "search"; one of ask, pick, look, leave\n'
                                'states[4].name: "look" is the name of states[3] already')),
    ("states[5].name", GONE, ('states[2].transitions[1].next: no state "leave"; one of ask, pick, look, search\n'
                              "states[5].name: missing")),
    ("emitters[1].name", "page", ('states[4].emitter: no emitter "query"; one of page\n'
                                  'emitters[1].name: "page" is the name of emitters[0] already')),
    ("emitters[0].dimensions[1].variable", "usr",
     'emitters[0].dimensions[1].variable: no state sets a variable "usr"; did you mean "user"?'),
    # everything else
    ("workers", 5, "workers: unknown key; one of constants, disorder, emitters, entities, format, interarrival, labels, rate, schedule, states, tables, target, templates, time, timeline, truth, type, variable_defaults"),
    ("emitters", GONE, "emitters: missing"),
    ("target", "stdout", 'target: expected an object, not "stdout"'),
    ("templates", [], "templates: expected an object, not a list"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "problems"), MISTAKES)
def test_wrong_process_is_refused(path: str, value: Any, problems: str) -> None:
    """States of each type, their keys and names: the place, the fault, the remedy."""
    outcome = invoke(*RUN, spec=edited((path, value)))
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", lines(problems))


MACHINES = [
    ([("states[1].emitter", GONE), ("states[4].emitter", None)],
     "states: no activity that a worker can reach has an emitter: there would be no records"),
    ([("states[0].next", "leave")],
     "states: no activity that a worker can reach has an emitter: there would be no records"),
    ([("states[0].cardinality_distribution", NEVER), ("states[3].cardinality_distribution", NEVER)],
     ("states[0].cardinality_distribution: is never above 0, and no timer that a worker can reach waits: "
      "the clock would not advance")),
    ([("states[0].cardinality_distribution", constant(4e-7)), ("states[3].cardinality_distribution", NEVER)],
     ("states[0].cardinality_distribution: is rounded from 4e-07 s to 0 microseconds, and no timer that a worker can reach "
      "waits: the clock would not advance")),
    ([("states[2].transitions[1].next", "search"), ("states[3].cardinality_distribution", constant(4e-7))],
     ('states[2]: a worker cannot leave "pick", "look", "search", and every timer there waits for 0 seconds, or its wait is '
      "rounded to 0 microseconds: the clock would not advance")),
    ([("states[2].transitions[1].next", "search"), ("states[3].cardinality_distribution", constant(0))],
     ('states[2]: a worker cannot leave "pick", "look", "search", and no timer there ever waits: '
      "the clock would not advance")),
    ([("states[4].next", "search")],
     'states[4]: a worker cannot leave "search", and no timer there ever waits: the clock would not advance'),
    ([("states[2].transitions", [{"next": "pick", "probability": 1}])],
     'states[2]: a worker cannot leave "pick", and no timer there ever waits: the clock would not advance'),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "problem"), MACHINES)
def test_process_that_cannot_run_is_refused(changes: Any, problem: str) -> None:
    """What can be seen before running: no record would ever come, or time would stand still."""
    outcome = invoke(*RUN, spec=edited(*changes))
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", lines(problem))


WARNINGS = [
    ([("states[6]", timer("nap", constant(1), "ask"))], 'states[6]: no worker can reach "nap"\n'),
    ([("states[6]", end("other"))], 'states[6]: no worker can reach "other"\n'),
    ([("states[4].emitter", None), ("states[2].transitions[1].next", "look")],
     ('states[2]: a worker cannot leave "pick", "look", "search", and nothing is emitted there: '
      "with -n the run might never end\n"
      'states[5]: no worker can reach "leave"\n')),
    ([("states[0].next", "pick"), ("states[4].emitter", "page"), ("states[4].next", "ask")],
     'states[4].emitter: shows the variable "user", which may be unset on some path; its value is null there\n'),
    ([("states[1].variables[1]", USER | {"percent_nulls": 5})],
     'states[1].variables[1].name: states[1].variables[0] sets "user" already; the later one counts\n'),
    ([("emitters[0].dimensions[1].name", "time")],
     ('emitters[0].dimensions[1].name: emitters[0].dimensions[0] is called "time" already; '
      "its place counts, and the value of the later one\n")),
    ([("interarrival", constant(1))],
     "interarrival: has no effect: the event:start:timer says how often workers come\n"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "warnings"), WARNINGS)
def test_what_is_probably_not_meant_is_a_warning(changes: Any, warnings: str) -> None:
    """A warning names the place in the file; the specification counts as right."""
    spec = edited(*changes)
    outcome = invoke("--validate", spec=spec)
    lines = sorted(outcome.err.splitlines())
    expected = [f"warning: stdin: {line}" for line in warnings.splitlines()]
    assert lines == sorted([*expected, f"stdin: ok: {len(spec['states'])} states, 2 emitters"])
    assert outcome.status == 0


def test_all_problems_come_in_one_go_in_the_order_of_the_document() -> None:
    """States of all types, names, sums and the target are told together."""
    spec = edited(
        ("states[0].next", "aks"),
        ("states[1].delay", constant(1)),
        ("states[2].transitions[0].probability", 0.7),
        ("states[3].emitter", "page"),
        ("states[5].next", "ask"),
        ("emitters[0].dimensions[0].fromat", "%H"),
        ("target", {"type": "file", "mode": "w"}),
    )
    assert invoke(*RUN, spec=spec).err == lines(
        'states[0].next: no state "aks"; did you mean "ask"?\n'
        "states[1].delay: an activity has no delay; put an event:intermediate:timer after it\n"
        "states[2].transitions: the probabilities add up to 1.1, not 1\n"
        "states[3].emitter: a timer emits nothing; put an activity after it\n"
        "states[5].next: an end ends the worker: nothing comes after it\n"
        'emitters[0].dimensions[0].fromat: unknown key; did you mean "format"?\n'
        'target.mode: expected "overwrite" or "append", not "w"\n'
        "target.path: missing"
    )


def test_set_of_values_that_cannot_be_made_is_named_where_it_stands() -> None:
    """The place is that in the file, although the start is no visit."""
    three = {"type": "uniform", "min": 1, "max": 3}
    few = {"name": "user", "type": "int", "distribution": three, "cardinality": 4,
           "cardinality_distribution": constant(0)}  # fmt: skip
    outcome = invoke(*RUN, spec=edited(("states[1].variables", [static("x", "y"), few])))
    assert outcome.err == lines(
        "states[1].variables[1].cardinality: only 3 different values are possible, not 4"
    )


def test_stuck_clock_names_activities() -> None:
    """What only chance can do is found while it runs, and told with names of the file."""
    spec = process_of(
        start("turn", constant(1)), activity("turn", "pick", emitter=None),
        gateway("pick", turn=0.9999999, say=0.0000001), activity("say", "end"), end(),
    )  # fmt: skip
    outcome = invoke(*RUN, "-m", "1", spec=spec)
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1].endswith(
        '100000 visits of one worker at one instant; states: "turn"'
    )
