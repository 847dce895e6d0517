"""What workers remember of templates: their texts, as a visit alone does not say what variables were there."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, TextArray
from datagen.errors import DatagenError
from datagen.fields import Draw
from datagen.simulation.states import WorkerTexts
from datagen.simulation.worker_index import NOBODY, latest_of, may_come_again, places_of


class RememberedTexts:
    """For each variable the text that each worker last got from a template, carried from window to window."""

    def __init__(self) -> None:
        self._texts: dict[str, WorkerTexts] = {}

    def of(self, variable: str, workers: Ints) -> TextArray:
        """Return the text of each worker; empty where a run of another specification has none."""
        known, texts = self._texts.get(variable, (NOBODY, []))
        found = pa.array([*texts, None], pa.string()).take(pa.array(places_of(workers, known)))
        return pc.fill_null(found, "")

    def record(self, variable: str, workers: Ints, texts: Sequence[str | None]) -> None:
        """Remember the texts of visits, in order: of each worker the last."""
        known, before = self._texts.get(variable, (NOBODY, []))
        all_texts = [*before, *texts]
        numbers, places = latest_of(known, workers)
        self._texts[variable] = numbers, [all_texts[place] for place in places.tolist()]

    def prune(self, alive: Ints, started: int) -> None:
        """Forget the texts of workers that have ended; those from `started` on are new."""
        for variable, (workers, texts) in self._texts.items():
            kept = np.flatnonzero(may_come_again(workers, alive, started))
            self._texts[variable] = workers[kept], [texts[place] for place in kept.tolist()]

    def snapshot(self) -> Mapping[str, WorkerTexts]:
        """Return the state as it is now."""
        return dict(self._texts)

    def resume(self, texts: Mapping[str, WorkerTexts]) -> None:
        """Continue from the state of another run."""
        self._texts = dict(texts)


class RecordedTexts:
    """The texts of some visits, known from before: what a template made there."""

    def __init__(self, texts: TextArray) -> None:
        self._texts = texts
        self.failure: tuple[int, DatagenError] | None = None

    def texts(self, template: str, names: Sequence[str], draw: Draw) -> TextArray:
        del template, names
        return self._texts.take(pa.array(draw.rows))
