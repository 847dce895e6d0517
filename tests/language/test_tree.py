"""Parts of expressions and what they are made of."""

from datagen.language.tree import Call, Choice, Fallback, Junction, ListOf, NameRef, ObjectOf
from tests.support.expressions import compiled


def test_all_parts_are_found() -> None:
    """Each once, a whole before its parts."""
    tree = compiled(
        "[price if name and tags else default(quantity, 1), {'a': price}.a] + [1 / price]"
    ).tree
    kinds = [type(each) for each in tree.all_parts()]
    assert kinds[0] is Call
    assert {Choice, Fallback, Junction, ListOf, NameRef, ObjectOf} <= set(kinds)
    names = [each.name for each in tree.all_parts() if isinstance(each, NameRef)]
    assert sorted(names) == ["name", "price", "price", "price", "quantity", "tags"]
    assert len({id(each) for each in tree.all_parts()}) == len(kinds)
