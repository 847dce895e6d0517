"""Turns a specification as the machine takes it into what is wrong with its records: lists that are none, sequences."""

from collections.abc import Iterator

from datagen.errors import Path
from datagen.spec.emissions import no_lists
from datagen.spec.scopes import HasFields
from datagen.spec.sequences import shared_sequences


def problems_of_records(spec: HasFields) -> Iterator[tuple[Path, str]]:
    """Yield all of it."""
    by_name = {each.name: each for each in spec.emitters}
    emitters = {
        path[:-1]: by_name[streams[1]]
        for path, streams, _ in spec.field_lists()
        if streams[0] == "emitters"
    }
    yield from no_lists(emitters, spec.variable_types)
    yield from shared_sequences(spec).problems
