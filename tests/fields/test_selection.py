"""Members that fulfil a condition are picked again and again, until one does."""

from collections import Counter

import numpy as np
from scipy import stats

from tests.support.entities import made, picked, run, shop
from tests.support.fields import integers, uniform
from tests.support.machines import Spec

BOXES: Spec = {"count": 100, "attributes": [{"name": "size", **integers(uniform(1, 9))}]}
WANTED: Spec = {"name": "wanted", **integers(uniform(1, 9))}


def test_a_condition_sees_attributes_then_the_variables_of_the_worker() -> None:
    """And what stands above in the record."""
    fields = [
        {"name": "w", "type": "variable", "variable": "wanted"},
        {"name": "above", "type": "variable", "variable": "box"},
        {"name": "box", **picked("boxes", where="size == wanted and id != above.id")},
    ]
    box = {"name": "box", **picked("boxes", where="size == wanted")}
    for record in made(shop(fields, [WANTED, box], boxes=BOXES), 1000):
        assert record["box"]["size"] == record["above"]["size"] == record["w"]
        assert record["box"]["id"] != record["above"]["id"]


def test_those_that_fulfil_it_are_as_likely_as_before() -> None:
    """An even pick stays even among them: by chi-square at a significance of 0.001."""
    fields = [{"name": "id", **picked("boxes", where="id < 20", field="id")}]
    counts = Counter(record["id"] for record in made(shop(fields, boxes=BOXES), 5000))
    assert stats.chisquare([counts[each] for each in range(20)]).pvalue > 0.001


def test_none_is_found_among_many_tries() -> None:
    """Then it is null, counted in the summary; a rare one is found."""
    fields = [
        {"name": "none", **picked("boxes", where="size > 9")},
        {"name": "rare", **picked("boxes", where="id == 77", field="id")},
    ]
    outcome = run(shop(fields, boxes=BOXES), 20)
    assert [(record["none"], record["rare"]) for record in outcome.records] == [(None, 77)] * 20
    assert '"size > 9" had no value in 20 records (null)' in outcome.err
    assert outcome.err.count("had no value") == 1
    assert "id == 77" not in outcome.err


def test_an_empty_pool_is_no_fault() -> None:
    """There is nobody to try."""
    fields = [{"name": "none", **picked("nobody", where="id > 1")}]
    outcome = run(shop(fields, nobody={"count": 0, "attributes": []}), 20)
    assert {record["none"] for record in outcome.records} == {None}
    assert "had no value" not in outcome.err


def test_an_edit_of_the_condition_moves_only_those_who_do_not_fulfil_it() -> None:
    """The first try is the pick without a condition."""
    plain = made(shop([{"name": "b", **picked("boxes")}], boxes=BOXES))
    chosen = made(shop([{"name": "b", **picked("boxes", where="size > 3")}], boxes=BOXES))
    same = np.array([one == other for one, other in zip(plain, chosen, strict=True)])
    fulfil = np.array([each["b"]["size"] > 3 for each in plain])
    assert same[fulfil].all()
    assert not same[~fulfil].any()
