"""Random machines of everything at once: memory, conditions, parameters by expression, tables, pools, lists, counters."""

import random
from typing import Any

Spec = dict[str, Any]
EVEN: Spec = {"type": "uniform", "min": 0, "max": 2.99}


class RandomMachine:
    """A specification of random states; with `numbered` some values are numbered in the order of the output."""

    def __init__(self, chance: random.Random, *, numbered: bool) -> None:
        self._chance, self._numbered = chance, numbered
        setters = {**_SETTERS, **(_NUMBERING if numbered else {})}
        names = [f"s{place}" for place in range(chance.randint(1, 4))]
        self._leaves = chance.random() < 0.5
        self._lists = ("cart", "lines")
        emitters = [self._emitter(f"e{place}", setters) for place in range(chance.randint(1, 3))]
        shown = [each["name"] for each in emitters]
        states = [self._state(name, names, shown, setters) for name in names]
        known = {each["name"] for state in states for each in state["variables"]}
        states[0]["variables"] += [
            made(chance) for name, made in setters.items() if name not in known
        ]
        self.spec: Spec = {
            "tables": {"cities": {"rows": _CITIES, "key": "city", "weight": "people"}},
            "entities": {
                name: made for name, made in self._pools().items() if name != "orders" or numbered
            },
            "states": states,
            "emitters": emitters,
            "interarrival": {"type": "exponential", "mean": chance.choice([0.2, 0.6])},
        }

    def _pools(self) -> Spec:
        chance = self._chance
        picks = [
            {},
            {"pick": {"type": "zipf", "exponent": 1.2}},
            {"pick": {"type": "exponential", "mean": 5}},
        ]
        life = {
            "life": chance.choice(
                [{"type": "exponential", "mean": 4}, {"type": "constant", "value": 3}]
            )
        }
        growth = {"initial": chance.choice([0, 1, 20]), "per_day": chance.choice([30_000, 200_000])}
        return {
            "products": {"count": chance.choice([1, 7, 90]), **chance.choice(picks), **_order(chance), "attributes": [
                {"name": "sku", "type": "expression", "expr": "'P%03d'|format(id)"},
                {"name": "price", **_real(), "percent_nulls": 10},
                {"name": "city", "type": "row", "table": "cities", "field": "city"}]},
            "users": {"count": growth, **chance.choice(picks), **_order(chance), **(life if self._leaves else {}),
                      "attributes": [
                {"name": "age", "type": "int", "distribution": {"type": "uniform", "min": 0, "max": 99}},
                {"name": "favourite", "type": "entity", "entity": "products"},
                {"name": "double", "type": "expression", "expr": "age * 2 + epoch(born) % 7"}]},
            "orders": {"count": chance.choice([0, 3]), **chance.choice(picks), **_order(chance), "attributes": [
                {"name": "product", "type": "entity", "entity": "products"},
                {"name": "amount", **_real()}]},
        }  # fmt: skip

    def _state(self, name: str, names: list[str], shown: list[str], setters: Spec) -> Spec:
        chance = self._chance
        emitter = chance.choice([None, *shown, chance.sample(shown, chance.randint(1, len(shown)))])
        own = [made for made in setters.values() if chance.random() < 0.4]
        if chance.random() < 0.3:
            chance.shuffle(own)
        state = {
            "name": name,
            "variables": [made(chance) for made in own],
            "delay": chance.choice(_DELAYS),
            "transitions": self._transitions([*names, "stop"]),
        }
        if name == "s0" and emitter is None:
            emitter = shown[0]
        return state if emitter is None else {**state, "emitter": emitter}

    def _transitions(self, targets: list[str]) -> list[Spec]:
        chance = self._chance
        if chance.random() < 0.3:
            return [{"next": "stop", "probability": 0.4}, {"next": targets[0], "probability": 0.6}]
        some = chance.choice([_WHENS, _WHENS, [*_WHENS, *_TIMED]])
        ways: list[Spec] = [
            {"next": chance.choice(targets), "probability": chance.choice([0.1, 1]), "when": when}
            for when in chance.sample(some, chance.randint(1, 3))
        ]
        last: Spec = chance.choice([{"when": "else"}, {"probability": 0.4}])
        return [*ways, {"next": "stop", **last}]

    def _emitter(self, name: str, setters: Spec) -> Spec:
        chance = self._chance
        elements = chance.choice([None, None, *self._lists])
        fields = chance.sample(_FIELDS, 5)
        if self._numbered:
            fields += chance.sample(_NUMBERED_FIELDS, 2)
        if elements:
            fields += _OF_ITEMS
        if not self._leaves and chance.random() < 0.3:
            fields = [*fields, {"name": "own", "type": "entity", "entity": "users", "pick": "each"}]
        shown = [
            {"name": each, "type": "variable", "variable": each}
            for each in chance.sample(sorted(setters), 4)
        ]
        return {
            "name": name, **({"for_each": elements} if elements else {}), "dimensions": [*shown, *fields],
        }  # fmt: skip


def with_timeline(chance: random.Random, spec: Spec) -> Spec:
    """Return a machine whose paths, variables and records look at periods, too."""
    for state in spec["states"]:
        if chance.random() < 0.4:
            state["variables"] = [*state["variables"], _hits(chance)]
        if chance.random() < 0.5:
            state["delay"] = chance.choice(_DELAYS_OF_PERIODS)
        if chance.random() < 0.8:
            when = chance.sample(_WHENS_OF_PERIODS, chance.randint(1, 2))
            way = {"next": chance.choice(spec["states"])["name"], "probability": 1}
            state["transitions"] = [
                *({**way, "when": each} for each in when),
                *state["transitions"],
            ]
    spec["states"][0]["variables"] += [_hits(chance)]
    fields = chance.sample(_FIELDS_OF_PERIODS, 2)
    emitters = [{**each, "dimensions": [*each["dimensions"], *fields]} for each in spec["emitters"]]
    return {**spec, "timeline": chance.choice(_TIMELINES), "emitters": emitters}


def _hits(chance: random.Random) -> Spec:
    return {"name": "hits", "type": "expression", "initial": 0, "expr": chance.choice([
        "hits + 1 if during('often') else hits", "hits + ramp('outage')", "(hits + during('outage')) % 5"])}  # fmt: skip


def process_form(spec: Spec) -> Spec:
    """Return a machine in the process form: of each state an activity, a timer and a gateway."""
    states: list[Spec] = [
        {"name": "begin", "type": "event:start:timer", "next": spec["states"][0]["name"],
         "cardinality_distribution": spec["interarrival"]},
        {"name": "stop", "type": "event:end"},
    ]  # fmt: skip
    for state in spec["states"]:
        name = state["name"]
        states += [
            {"name": name, "type": "activity", "emitter": state.get("emitter"),
             "variables": state["variables"], "next": f"{name} waits"},
            {"name": f"{name} waits", "type": "event:intermediate:timer", "next": f"{name} chooses",
             "cardinality_distribution": state["delay"]},
            {"name": f"{name} chooses", "type": "gateway:exclusive", "transitions": state["transitions"]},
        ]  # fmt: skip
    clock = {"name": "time", "type": "clock"}
    emitters = [{**each, "dimensions": [clock, *each["dimensions"]]} for each in spec["emitters"]]
    return {
        "tables": spec["tables"], "entities": spec["entities"], "states": states, "emitters": emitters,
        "timeline": spec.get("timeline", {}),
    }  # fmt: skip


def _order(chance: random.Random) -> Spec:
    return chance.choice([{}, {}, {"order": "id"}])


def _real() -> Spec:
    return {
        "type": "float",
        "precision": 2,
        "distribution": {"type": "normal", "mean": 3, "stddev": 3},
    }


def _absences(chance: random.Random) -> Spec:
    return chance.choice([{}, {}, {"percent_nulls": 20}, {"percent_missing": 20}])


def _number(chance: random.Random) -> Spec:
    kind = chance.choice(["int", "float"])
    return {
        "name": "n",
        "type": kind,
        "distribution": {"type": "uniform", "min": 0, "max": 10},
        **_absences(chance),
    }


def _kind(chance: random.Random) -> Spec:
    return {
        "name": "kind",
        "type": "enum",
        "values": ["x", "y", chance.choice([None, "z"])],
        **_absences(chance),
    }


def _count(chance: random.Random) -> Spec:
    return {"name": "count", "type": "expression", "initial": 0,
            "expr": chance.choice(["count + 1", "0 if count > 3 else count + 1", "count + (n or 0)"])}  # fmt: skip


def _user(chance: random.Random) -> Spec:
    where: Spec = chance.choice(
        [{}, {}, {"where": "age % 3 != count % 3"}, {"where": "age > n * 5"}]
    )
    return {"name": "user", "type": "entity", "entity": "users", **where, **_absences(chance)}


def _product(chance: random.Random) -> Spec:
    pick: Spec = chance.choice(
        [{}, {"pick": "each"}, {"pick": {"type": "uniform", "min": 0, "max": 5}}]
    )
    return {"name": "product", "type": "entity", "entity": "products", **pick}


def _home(chance: random.Random) -> Spec:
    pick: Spec = chance.choice([{}, {"pick": "each"}, {"pick": {"type": "poisson", "mean": 1}}])
    return {"name": "home", "type": "row", "table": "cities", **pick, **_absences(chance)}


def _tier(chance: random.Random) -> Spec:
    cases: Spec = {
        "x": {"type": "expression", "expr": "count * 2"},
        "y": {"type": "int", "distribution": {"type": "poisson", "mean": 3}},
    }
    default = chance.choice(
        [{}, {"default": {"type": "entity", "entity": "users", "field": "age"}}]
    )
    return {"name": "tier", "type": "switch", "on": "kind", "cases": cases, **default}  # fmt: skip


def _cart(_: random.Random) -> Spec:
    return {
        "name": "cart",
        "type": "expression",
        "initial": [],
        "expr": "[] if cart|length > 2 else cart + [n]",
    }


def _lines(chance: random.Random) -> Spec:
    line = {"type": "object", "dimensions": [
        {"name": "p", "type": "entity", "entity": "products"},
        {"name": "q", "type": "expression", "expr": "p.price * 2 + count"},
        {"name": "r", **_real()}]}  # fmt: skip
    return {"name": "lines", "type": "list", "elements": [line], "length_distribution": EVEN,
            "selection_distribution": 0, **_absences(chance)}  # fmt: skip


def _price(chance: random.Random) -> Spec:
    return {"name": "price", "type": "expression", "expr": chance.choice(
        ["user.favourite.price * n", "sum(lines.q) + n", "product.price if n else count", "100 / n"])}  # fmt: skip


def _city(_: random.Random) -> Spec:
    return {
        "name": "people",
        "type": "expression",
        "expr": "lookup('cities', product.city, 'people')",
    }


def _spread(chance: random.Random) -> Spec:
    return {"name": "spread", "type": "float", "distribution": chance.choice([
        {"type": "normal", "mean": {"expr": "n"}, "stddev": 1},
        {"type": "gamma", "shape": {"expr": "1 + count"}, "scale": {"expr": "n"}},
        {"type": "uniform", "min": {"expr": "count"}, "max": 99 }])}  # fmt: skip


def _walk(_: random.Random) -> Spec:
    return {
        "name": "walk",
        "type": "expression",
        "initial": 20,
        "expr": "walk + 0.1 * (20 - walk) + (spread or 0)",
    }


def _id(chance: random.Random) -> Spec:
    return {"name": "id", "type": "counter", **chance.choice([{}, {"sequence": "all"}])}


def _by_kind(_: random.Random) -> Spec:
    return {"name": "by_kind", "type": "counter", "per": "kind"}


def _new(_: random.Random) -> Spec:
    return {"name": "order", "type": "entity", "entity": "orders", "new": True}


def _recent(chance: random.Random) -> Spec:
    return {"name": "recent", "type": "entity", "entity": "orders", **_absences(chance)}


def _bill(_: random.Random) -> Spec:
    return {"name": "bill", "type": "expression", "initial": "", "expr": "(bill ~ id)[-9:] ~ kind"}


def _spent(_: random.Random) -> Spec:
    return {
        "name": "spent",
        "type": "expression",
        "initial": 0,
        "expr": "spent + default(recent.amount, 0)",
    }


_SETTERS: Spec = {
    "n": _number, "kind": _kind, "count": _count, "user": _user, "product": _product, "home": _home, "tier": _tier,
    "cart": _cart, "lines": _lines, "price": _price, "people": _city, "spread": _spread, "walk": _walk,
}  # fmt: skip
_NUMBERING: Spec = {
    "id": _id, "by_kind": _by_kind, "order": _new, "recent": _recent, "bill": _bill, "spent": _spent,
}  # fmt: skip
_CITIES = [
    {"city": "Ulm", "people": 5, "lat": 48.4, "lon": 10.0},
    {"city": "Bonn", "people": 3.5, "lat": 50.7, "lon": 7.1},
    {"city": "Köln", "people": 11, "lat": 50.9, "lon": None},
]
_DELAYS: list[Spec] = [
    {"type": "constant", "value": 0.5},
    {"type": "exponential", "mean": 1},
    {"type": "lognormal", "median": {"expr": "1 + count % 5"}, "sigma": 0.3},
    {"type": "exponential", "mean": {"expr": "0.2 + (n or 1) / 9"}},
    {"type": "constant", "value": {"expr": "0.1 + visit % 3"}},
]
_WHENS = [
    "n > 5", "not n", "kind == 'x'", "kind", "count == 2", "cart|length == 2", "home.people > 4", "walk < 22",
    "product.city == 'Ulm'", "tier > 2", "price", "visit % 2 == 1", "spread > n",
]  # fmt: skip
_TIMED = ["user.age > 40", "epoch(time) % 2 < 0.5", "time - user.born < seconds(5)"]
_TIMELINES: list[Spec] = [
    {"outage": {"at": "+2S", "for": "1.5S", "ramp": "0.7S"}, "often": {"at": "+0.3S", "for": "0.4S", "every": "1S"}},
    {"outage": {"at": "2027-03-12T00:00:03", "for": "1S"}, "often": {"at": "+2S", "for": "0.001S", "every": "0.5S"}},
    {"outage": {"at": "+0S", "for": "1S", "every": "2S", "ramp": "0.6S"}, "often": {"at": "00:00", "for": "2S", "every": "1D"}},
    {"outage": {"at": "+5H", "for": "1H"}, "often": {"at": "+4S", "for": "9H"}},
]  # fmt: skip
_WHENS_OF_PERIODS = [
    "during('outage')", "not during('often')", "ramp('outage') > 0.4", "during('often') and n > 3",
    "(progress('outage') or 0) > 0.5", "hits > 2", "progress('often') is none", "during('often', time)",
]  # fmt: skip
_DELAYS_OF_PERIODS: list[Spec] = [
    {"type": "exponential", "mean": {"expr": "0.1 + 2 * during('outage')"}},
    {"type": "lognormal", "median": {"expr": "0.3 * (1 + 4 * ramp('outage'))"}, "sigma": 0.3},
    {"type": "constant", "value": {"expr": "0.2 + progress('outage')|default(0)"}},
    {"type": "constant", "value": {"expr": "0.3 if during('often') else 1.1 + hits % 2"}},
    {"type": "constant", "value": 0.7},
]
_FIELDS_OF_PERIODS: list[Spec] = [
    {"name": "out", "type": "expression", "expr": "during('outage')"},
    {"name": "level", "type": "expression", "expr": "ramp('outage') + n", "precision": 3},
    {"name": "part", "type": "expression", "expr": "progress('often') ~ hits"},
    {"name": "hits_now", "type": "variable", "variable": "hits"},
]
_FIELDS: list[Spec] = [
    {"name": "visit_of", "type": "expression", "expr": "[worker, visit, state, emitter, epoch_ms(time)]"},
    {"name": "text", "type": "expression", "expr": "kind ~ '-' ~ n ~ '/' ~ count"},
    {"name": "total", "type": "expression", "expr": "price * count + n", "precision": 2, "percent_nulls": 10},
    {"name": "deep", "type": "expression", "expr": "user.favourite.city"},
    {"name": "far", "type": "expression", "expr": "distance_km(home.lat, home.lon, 50, 8)"},
    {"name": "now", "type": "entity", "entity": "users", "where": "id % 2 == count % 2"},
    {"name": "town", "type": "row", "table": "cities", "field": "city"},
    {"name": "chosen", "type": "switch", "on": "count % 3", "cases": {
        "0": {"type": "expression", "expr": "n"}, "1": {"type": "row", "table": "cities", "field": "people"}}},
    {"name": "inner", "type": "object", "dimensions": [
        {"name": "a", "type": "expression", "expr": "walk // 3"},
        {"name": "b", "type": "expression", "expr": "a + 1"}]},
    {"name": "noise", "type": "float", "distribution": {"type": "normal", "mean": {"expr": "walk"}, "stddev": 1}},
    {"name": "some", "type": "list", "elements": [{"type": "entity", "entity": "users", "field": "double"}],
     "length_distribution": EVEN, "selection_distribution": 0},
    {"name": "members", "type": "int", "distribution": {"type": "uniform", "min": 0, "max": 99}, "cardinality": 5,
     "cardinality_distribution": EVEN},
]  # fmt: skip
_NUMBERED_FIELDS: list[Spec] = [
    {"name": "row", "type": "counter"},
    {"name": "of_all", "type": "counter", "sequence": "all"},
    {"name": "by_city", "type": "counter", "per": "home.city"},
    {"name": "earlier", "type": "entity", "entity": "orders", "field": "id"},
    {"name": "another", "type": "entity", "entity": "orders", "new": True},
    {"name": "twice", "type": "expression", "expr": "order.amount * 2 + id"},
]
_OF_ITEMS: list[Spec] = [
    {"name": "place", "type": "expression", "expr": "item_number"},
    {"name": "element", "type": "expression", "expr": "item"},
    {"name": "drawn", "type": "float", "distribution": {"type": "uniform", "min": 0, "max": 1}},
]
