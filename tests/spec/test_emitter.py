"""What an emitter of a specification shows."""

from datagen.spec.emitter import Emitter, variables_by_emitter
from tests.support.processes import shown


def expression(text: str) -> dict[str, str]:
    """Return a dimension that computes."""
    return {"name": "x", "type": "expression", "expr": text}


def test_the_list_of_elements_is_shown() -> None:
    """Before what dimensions show; what elements are called is no variable, unless one has that name."""
    emitter = Emitter.model_validate(
        {
            "name": "e",
            "for_each": "lines",
            "dimensions": [shown("a"), expression("item.b + item_number")],
        }
    )
    assert emitter.shown_variables() == ["lines", "a", "item", "item_number"]
    assert emitter.shown_variables(of_visits=False) == ["lines", "a"]


def test_without_a_list_item_is_a_variable() -> None:
    """As any other name."""
    emitter = Emitter.model_validate({"name": "e", "dimensions": [expression("item + time")]})
    assert variables_by_emitter([emitter]) == {"e": {"item"}}
