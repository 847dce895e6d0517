"""Says why records in a format cannot go to a target: what the format produces, and the target accepts."""

from dataclasses import dataclass

from datagen.formats.base import Format
from datagen.formats.encoding import Output


@dataclass(frozen=True)
class Accepted:
    """What a target takes; of one that writes files also their path, and `only_format` the format it implies."""

    outputs: Output = Output.LINES
    path: str = ""
    only_format: str = ""


def mismatch(form: Format, accepted: Accepted) -> str:
    """Return why records in a format cannot go to a target, or nothing."""
    if accepted.only_format and form.type != accepted.only_format:
        return f"{accepted.path} can only hold {accepted.only_format}, not {form.type}"
    common = form.outputs & accepted.outputs
    if common:
        excluded = form.excluded()
        reasons = [excluded.get(each, "") for each in common]
        return reasons[0] if all(reasons) else ""
    if accepted.outputs == Output.TABLES:
        return f"a database gets columns, and no {form.type}"
    return _wanted(form, accepted)


def _wanted(form: Format, accepted: Accepted) -> str:
    """Return which targets a format is for."""
    if Output.STREAM in form.outputs:
        return f"{form.type} is for stdout"
    if accepted.path:
        return f'{form.type} needs a path that ends in "{form.ending}"'
    file = f'a target "file" with a path that ends in "{form.ending}"'
    if Output.MESSAGES in form.outputs:
        return f'{form.type} is for targets "kafka" and "confluent", and for {file}'
    return f"{form.type} is for files: {file}"
