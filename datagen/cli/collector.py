"""Spares a process the search for garbage while it starts, in what lasts until its end."""

import gc
import sys


def pause_collector() -> None:
    """Look for no cyclic garbage from now on: modules and models are imported and built, and none dies."""
    gc.disable()


def resume_collector() -> None:
    """Look for garbage again, from now on only in what is not there yet, at the end of the process too."""
    gc.freeze()
    gc.enable()


class _WithoutPandas:
    """Finds modules: none of the name pandas."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        """Find nothing. Raises ModuleNotFoundError for pandas."""
        if name == "pandas":
            raise ModuleNotFoundError(f"the command line has no use for {name}", name=name)


def leave_out_pandas() -> None:
    """Keep pyarrow from importing pandas where it is installed: that takes 0.1 s and 40 MB, and nothing here needs it."""
    sys.meta_path.insert(0, _WithoutPandas())
