"""Which name was meant by one that does not exist, over all keys of the project."""

import pytest

from datagen.curves.curve import CURVES
from datagen.distributions.base import DISTRIBUTIONS
from datagen.fields import FIELDS
from datagen.formats import FORMATS
from datagen.spec.process import STATES
from datagen.spelling import _WORDS, closest_name
from datagen.targets import TARGETS
from tests.test_docs import TYPES, keys_of

MODELS = {model: sorted(keys_of(model)) for _, _, model, _ in TYPES}
KEYS = sorted({key for keys in MODELS.values() for key in keys})
KINDS: list[list[str]] = [
    sorted(family) for family in (CURVES, DISTRIBUTIONS, FIELDS, FORMATS, STATES, TARGETS)
]
SETS = [*MODELS.values(), *KINDS]

SAME = [
    ("emiter", "emitter"), ("emiters", "emitters"), ("distribtion", "distribution"), ("dsitribution", "distribution"),
    ("cardinality_dist", "cardinality_distribution"), ("cardinalityDistribution", "cardinality_distribution"),
    ("inter_arrival", "interarrival"), ("interarival", "interarrival"), ("Topic-Key", "topic_key"), ("key", "topic_key"),
    ("cdir", "cidr"), ("meen", "mean"), ("usr", "user"), ("UUID", "uuid"), ("uuid4", "uuid"), ("float64", "float"),
    ("integer", "int"), ("minimum", "min"), ("csvv", "csv"), ("cvs", "csv"), ("idd", "id"), ("stdot", "stdout"),
    ("exponantial", "exponential"), ("ransitions", "transitions"), ("hour", "utc_hour"), ("event:timer", "event:start:timer"),
    ("gateway:inclusive", "gateway:exclusive"), ("Europe/Berln", "Europe/Berlin"), ("check", "checkout"), ("nx", "n"),
    ("server", "servers"), ("days", "day"), ("porrt", "port"), ("staus", "status"), ("evnet", "event"),
]  # fmt: skip
OTHERS = [
    ("rate", "format"), ("timestamp", "timeout"), ("time", "timeout"), ("median", "mean"), ("max", "min"), ("min", "mean"),
    ("rate", "date"), ("host", "port"), ("relay", "delay"), ("scale", "shape"), ("start", "states"), ("ssl_keyfile", "ssl_cafile"),
    ("state1", "state2"), ("v2", "v1"), ("a", "b"), ("a", "ab"), ("mix", "min"), ("interval", "interarrival"), ("", "n"),
    ("source", "sort"), ("minutes", "min"), ("topic", "subject"), ("card_dist", "cardinality_distribution"),
    ("part", "port"), ("port", "part"), ("border", "order"), ("code", "codec"), ("line", "life"), ("leader", "header"), ("shape", "share"),
    ("status", "states"), ("heap", "help"), ("peer", "per"), ("shard", "share"), ("timeline", "timezone"),
]  # fmt: skip
# keys of other models that are told to mean one of a model's own: each may well be meant
NEAR = {
    ("table", "tables"), ("tables", "table"), ("on", "variables_on_entry"), ("default", "variable_defaults"),
    ("cardinality", "cardinality_distribution"), ("compression", "compression_type"), ("distribution", "cardinality_distribution"),
    ("emitter", "emitters"), ("emitters", "emitter"), ("field", "time_field"), ("file", "source_file"), ("header", "headers"),
    ("headers", "header"), ("max", "max_skip_duration"), ("min", "min_skip_duration"), ("null", "null_injection"),
    ("null", "null_probability"), ("probability", "null_probability"), ("probability", "skip_probability"), ("target", "targets"),
    ("targets", "target"), ("types", "type"), ("value", "values"), ("values", "value"), ("variable", "variables"),
    ("variables", "variable"), ("variable", "variables_on_entry"), ("variables", "variables_on_entry"), ("variable", "variable_defaults"),
    ("template", "templates"), ("templates", "template"), ("to", "applies_to"), ("count", "country"), ("for", "for_each"),
    ("max", "max_rate"), ("rate", "max_rate"), ("bits", "bots"), ("bots", "bits"), ("tls", "tlds"), ("tlds", "tls"),
    ("schema", "schemes"), ("schemes", "schema"), ("batch", "batch_records"),
}  # fmt: skip


@pytest.mark.parametrize(("word", "name"), SAME)
def test_misspelt_name_is_known(word: str, name: str) -> None:
    """Also among others."""
    assert closest_name(word, [name, "another"]) == name


@pytest.mark.parametrize(("word", "name"), OTHERS)
def test_another_word_is_no_misspelt_name(word: str, name: str) -> None:
    """None is better than a suggestion that misleads."""
    assert closest_name(word, [name, "another"]) is None


@pytest.mark.parametrize("names", SETS, ids=lambda names: names[0])
def test_each_slip_of_the_hand_is_seen(names: list[str]) -> None:
    """In each key and each type: a letter left out, doubled, or swapped with the next.

    Unless that makes another word, such as `code` of `codec`.
    """
    for name in (name for name in names if len(name) > 3):
        for n in range(1, len(name)):
            before, letter, after = name[:n], name[n], name[n + 1 :]
            slips = {before + after, before + letter * 2 + after}
            slips |= {before + after[0] + letter + after[1:]} if after else set()
            found = {slip: closest_name(slip, names) for slip in slips - {*names}}
            unclear = {slip for slip in slips if name[:-1] in names or f"{name}s" in names}
            unclear |= slips & _WORDS
            assert {found[slip] for slip in found if slip not in unclear} <= {name}


def test_keys_of_other_models_are_seldom_taken_for_its_own() -> None:
    """Of all pairs of the project's keys these alone are alike."""
    found = {
        (key, closest_name(key, names))
        for names in MODELS.values()
        for key in KEYS
        if key not in names
    }
    assert {pair for pair in found if pair[1]} <= NEAR


def test_several_names_are_meant_by_none() -> None:
    """Which of them is not guessed."""
    assert closest_name("batch", ["batch_records", "batch_bytes"]) is None
    assert closest_name("pag", ["page", "paga"]) is None


def test_what_is_no_name_is_like_none() -> None:
    """Nor is one that is too long to be compared."""
    assert closest_name(3, ["n"]) is closest_name(None, ["n"]) is None
    assert closest_name("x" * 1000, ["x" * 1000]) is None
    assert closest_name("x", ["", "y" * 1000]) is None
