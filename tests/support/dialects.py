"""Specifications in the words of older programs, all of which are used; right, some with warnings."""

from tests.support.shapes import Spec, after, constant, enum, uniform

ENTERING: Spec = {
    "_comment": "the classic form of a program that waits first; it places the time, and names repeat",
    "interarrival": {"type": "exponential", "mean": 1},
    "constants": {"shop": {"name": "Kiel", "tills": [1, 2]}, "_why": "one shop"},
    "variable_defaults": {"till": 7, "shop": None},
    "templates": {"line": {"body": "{{ time }} {{ till }}"}},
    "states": [
        {"name": "come", "delay": uniform(0, 2), "transitions": after(buy=0.9, stop=0.1),
         "variables_on_entry": [{"name": "came", "type": "generator:clock"}]},
        {"name": "buy", "emitter": "sale", "delay": {"type": "exponential", "mean": 2},
         "variables_on_entry": [{"name": "till", "type": "generator:counter"}],
         "variables": [
             {"name": "what", "type": "generator:string", "length_distribution": constant(3), "chars": ["a", "ü"]},
             {"name": "what", "type": "generator:enum", "values": ["cup", None], "cardinality_distribution": uniform(0, 1)},
         ],
         "transitions": after(buy=0.5, come=0.1, stop=0.4)},
        {"name": "never", "emitter": "sale", "variables_on_entry": [], "transitions": after(buy=1)},
    ],
    "emitters": [{"name": "sale", "dimensions": [
        {"name": "what", "type": "variable", "variable": "what"},
        {"name": "time", "type": "clock"},
        {"name": "what", "type": "static", "value": 1.5},
        {"name": "came", "type": "generator:variable", "variable": "came"},
        {"name": "till", "type": "variable", "variable": "till"},
        {"name": "shop", "type": "variable", "variable": "shop", "field": "tills"},
        {"name": "open", "type": "static", "value": True},
        {"name": "bag", "type": "generator:object", "dimensions": [
            {"name": "n", "type": "generator:int", "distribution": uniform(0, 9)},
            {"name": "n", "type": "static", "value": "n"},
        ]},
    ]}],
}  # fmt: skip
PLACED: Spec = {
    "_comment": "the classic form of a program that emits first, with the time in its place, and not everywhere",
    "interarrival": constant(1),
    "states": [
        {"name": "a", "emitter": "one", "delay": uniform(0, 2), "transitions": after(b=1)},
        {"name": "b", "emitter": "other", "delay": constant(1), "transitions": after(a=0.5, stop=0.5)},
    ],
    "emitters": [
        {"name": "one", "dimensions": [enum("x", [1, 2]), {"name": "time", "type": "generator:clock"}]},
        {"name": "other", "dimensions": [{"name": "y", "type": "static", "value": "ü"}]},
    ],
}  # fmt: skip
TIMERS: Spec = {
    "_comment": "the process form with the keys of its first days, and sets everywhere",
    "interarrival": {"type": "exponential", "mean": 1},
    "constants": {"kind": "none"},
    "states": [
        {"name": "come", "type": "event:start:timer", "timer": {"type": "exponential", "mean": 1}, "next": "nap",
         "variables_on_entry": [{"name": "n", "type": "generator:counter"}]},
        {"name": "nap", "type": "event:intermediate:timer", "delay": uniform(0, 1), "next": "do",
         "variables_on_entry": [{"name": "since", "type": "clock"}],
         "variables": [{"name": "until", "type": "clock"}]},
        {"name": "do", "type": "activity", "emitter": "e", "next": "pick",
         "variables_on_entry": [{"name": "n", "type": "generator:uuid"}],
         "variables": [{"name": "done", "type": "static", "value": True}]},
        {"name": "pick", "type": "gateway:exclusive", "transitions": after(nap=0.5, out=0.5),
         "variables_on_entry": [{"name": "kind", "type": "static", "value": "again"}],
         "variables": [{"name": "kind", "type": "static", "value": 3}]},
        {"name": "out", "type": "event:end"},
    ],
    "emitters": [{"name": "e", "dimensions": [
        {"name": name, "type": "variable", "variable": name}
        for name in ("n", "since", "until", "done", "kind")
    ]}],
}  # fmt: skip
OLD_SPECS = {"entering": ENTERING, "placed": PLACED, "timers": TIMERS}
