"""The keys of `time`, each by itself."""

import pytest
from pydantic import ValidationError

from datagen.spec.time_form import TimeForm


def test_what_is_left_out_stays_as_it_is() -> None:
    """One key is enough."""
    form = TimeForm.model_validate({"name": "@timestamp"})
    assert (form.name, form.format, form.timezone) == ("@timestamp", None, None)


@pytest.mark.parametrize(
    "keys", [{}, {"name": ""}, {"format": "%Q"}, {"timezone": "Nowhere/Land"}, {"zone": "UTC"}]
)
def test_what_makes_no_sense_is_refused(keys: dict[str, str]) -> None:
    """Nothing at all, too."""
    with pytest.raises(ValidationError):
        TimeForm.model_validate(keys)
