"""The place of a run: created, moved, taken over, and lost to another."""

import pytest

from datagen.targets import TARGETS
from datagen.targets.sql.database import DatabaseError
from datagen.targets.sql.dialects import DIALECTS
from datagen.targets.sql.places import TAKEN_OVER, Place
from tests.support.databases import Base


def test_place_moves_with_its_transaction(base: Base) -> None:
    """And back where that is taken back; another run that takes it over is told of what was committed."""
    target = TARGETS.parse(base.target())
    database = target.sink_options.address.connect()  # type: ignore[attr-defined]
    dialect = DIALECTS[base.kind]
    place = Place(dialect, None)
    for _ in range(2):  # as after an attempt whose answer was lost
        place.create(database, 3)
    place.move(database, 10)
    database.commit()
    place.move(database, 20)
    database.rollback()
    assert place.records(database) == 10
    later = Place(dialect, None, place.run)
    assert later.take_over(database) == 10
    with pytest.raises(DatabaseError, match=TAKEN_OVER):
        place.move(database, 30)
    database.rollback()
    later.move(database, 40)
    database.commit()
    assert later.records(database) == 40
    assert database.ask("select count(*) as n from datagen_runs") == [(1,)]
    assert Place(dialect, None).take_over(database) is None
    database.close()
