"""What was meant by a word that shares no letters with the name here: of a key, a type or a flag."""

import pytest

from datagen.cli.parser import parser
from datagen.distributions.base import DISTRIBUTIONS
from datagen.errors import UsageError
from datagen.fields import FIELDS
from datagen.formats import FORMATS
from datagen.meanings import KEYS, OPTIONS, TYPES, meant_name, meant_option
from datagen.targets import TARGETS
from tests.support.bad_input import RUN, edited
from tests.support.helpers import invoke
from tests.test_docs import TYPES as MODELS
from tests.test_docs import keys_of

TO_COME = {"--rate", "--bytes", "--max-rate", "--report"}
FLAGS = {flag for each in parser()._actions for flag in each.option_strings}
NAMES = {model.__name__: sorted(keys_of(model)) for *_, model, _ in MODELS}

GOOD_OPTIONS = [
    ("--describe", "--explain"), ("--graph", "--explain"), ("--count", "-n"), ("--limit", "-n"), ("--output", "-t"), ("--out", "-t"),
    ("--spec", "-c"), ("--end", "--until"), ("--pace", "--speed"), ("--schema", "--json-schema"), ("--list", "--presets"), ("--lint", "--validate"),
    ("--threads", "-j"), ("--tz", "--timezone"), ("--resum", "--resume"), ("--valdate", "--validate"), ("--max-worker", "--max-workers"),
    ("--workers", "--max-workers"), ("--time-zone", "--timezone"), ("--preset", "-c"), ("--timezon", "--timezone"), ("--continue", "--resume"),
]  # fmt: skip
BAD_OPTIONS = [  # which mean nothing here, however they are spelt
    "--color", "--port", "--user", "--password", "--host", "--force", "--include", "--json", "--table", "--database", "--email",
    "--batch", "--plugin", "--width", "--tag", "--retry", "-x", "-z", "--", "---",
]  # fmt: skip
GOOD_KEYS = [
    ("Emitter", "fields", "dimensions"), ("Emitter", "columns", "dimensions"), ("State", "delay_distribution", "delay"), ("State", "wait", "delay"),
    ("State", "edges", "transitions"), ("State", "emit", "emitter"), ("State", "emiter", "emitter"), ("Transition", "condition", "when"),
    ("Transition", "to", "next"), ("Transition", "chance", "probability"), ("Normal", "sd", "stddev"), ("Normal", "average", "mean"),
    ("Exponential", "lambda", "rate"), ("Uniform", "low", "min"), ("Uniform", "high", "max"), ("StringField", "length", "length_distribution"),
    ("StringField", "alphabet", "chars"), ("Generator", "nodes", "states"), ("Generator", "arrivals", "interarrival"), ("FileTarget", "filename", "path"),
]  # fmt: skip
BAD_KEYS = [
    ("Emitter", "colour"), ("State", "comment"), ("State", "id"), ("Transition", "label"), ("Normal", "shape"), ("Uniform", "mean"), ("Uniform", "step"),
    ("StringField", "pattern"), ("Generator", "version"), ("Generator", "author"), ("Generator", "seed"), ("FileTarget", "topic"), ("Exponential", "alpha"),
]  # fmt: skip


def option_meant(word: str) -> str | None:
    """Return the flag that is suggested for a word, once all are there."""
    return meant_option(word, sorted(FLAGS | TO_COME))


@pytest.mark.parametrize(("word", "flag"), GOOD_OPTIONS)
def test_flag_is_known_by_meaning_and_by_letters(word: str, flag: str) -> None:
    assert option_meant(word) == flag


@pytest.mark.parametrize("word", BAD_OPTIONS)
def test_flag_that_means_nothing_here_has_no_suggestion(word: str) -> None:
    """None is better than one that shares nothing but letters."""
    assert option_meant(word) is None


@pytest.mark.parametrize(("model", "word", "key"), GOOD_KEYS)
def test_key_is_known_by_meaning_and_by_letters(model: str, word: str, key: str) -> None:
    assert meant_name(word, NAMES[model], KEYS) == key


@pytest.mark.parametrize(("model", "word"), BAD_KEYS)
def test_key_that_means_nothing_here_has_no_suggestion(model: str, word: str) -> None:
    assert meant_name(word, NAMES[model], KEYS) is None


@pytest.mark.parametrize(
    ("family", "word", "kind"),
    [
        (FIELDS, "text", "string"), (FIELDS, "number", "float"), (FIELDS, "datetime", "timestamp"), (FIELDS, "array", "list"),
        (DISTRIBUTIONS, "gaussian", "normal"), (DISTRIBUTIONS, "categorical", "choice"), (FORMATS, "ndjson", "json"),
        (TARGETS, "console", "stdout"), (TARGETS, "webhook", "http"), (FIELDS, "word", None), (DISTRIBUTIONS, "bell", None),
        (TARGETS, "s3", None), (FORMATS, "xml", None),
    ],
)  # fmt: skip
def test_type_is_known_by_meaning(family: list[str], word: str, kind: str | None) -> None:
    assert meant_name(word, family, TYPES) == kind


def test_pairs_are_enough_to_judge_by() -> None:
    """Sixty, of which a third means nothing."""
    good, bad = len(GOOD_OPTIONS) + len(GOOD_KEYS), len(BAD_OPTIONS) + len(BAD_KEYS)
    assert good + bad >= 60
    assert bad * 3 >= good + bad


def test_names_that_are_meant_exist() -> None:
    """A name that goes takes its words along."""
    keys = {key for names in NAMES.values() for key in names}
    assert {name for names in KEYS.values() for name in names} <= keys
    assert {name for names in OPTIONS.values() for name in names} <= FLAGS | TO_COME
    assert {word for word in OPTIONS if f"--{word}" in FLAGS} == set()


def test_unknown_flag_is_told_with_the_one_that_was_meant() -> None:
    """The first of them; the values of others are no flags."""
    with pytest.raises(UsageError) as raised:
        parser().parse_args(["--count=5", "x", "--colour"])
    assert str(raised.value) == "unrecognized arguments: --count=5 x --colour; did you mean -n?"
    with pytest.raises(UsageError) as raised:
        parser().parse_args(["5"])
    assert str(raised.value) == "unrecognized arguments: 5"


def test_unknown_key_is_told_once_with_the_one_that_was_meant() -> None:
    """That the right one is missing goes without saying."""
    spec = edited()
    spec["emitters"][1]["fields"] = spec["emitters"][1].pop("dimensions")
    told = invoke(*RUN, spec=spec).err
    assert told == 'stdin: emitters[1].fields: unknown key; did you mean "dimensions"?\n'
