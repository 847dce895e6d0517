"""What `--explain` shows, in each of its forms."""

import pytest

from datagen.inspection.drawings import DRAWINGS
from tests.inspection.drawn import PRESETS, machine, plan_of, preset
from tests.support.helpers import invoke
from tests.support.quickness import at_most


@pytest.mark.parametrize("form", DRAWINGS)
def test_hundred_states_take_less_than_a_second(form: str) -> None:
    """However they lead to each other."""
    made = plan_of(machine([f"state {each}" for each in range(100)], leads=4))
    with at_most(1):
        assert len(list(DRAWINGS[form](made))) > 100


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("form", DRAWINGS)
def test_command_line_shows_what_the_form_makes(form: str, name: str) -> None:
    """On stdout, and nothing else."""
    outcome = invoke("-c", name, "--explain", form, "-q")
    assert outcome.status == 0
    assert outcome.out.decode() == "".join(f"{line}\n" for line in DRAWINGS[form](preset(name)))


def test_other_forms_are_refused() -> None:
    """With those that there are."""
    outcome = invoke("-c", "shop", "--explain", "svg")
    assert outcome.status == 2
    assert (
        "expected text, json, mermaid, dot or a file that ends in .html, not 'svg'" in outcome.err
    )
