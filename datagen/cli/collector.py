"""Spares a process the search for garbage while it starts, in what lasts until its end."""

import gc


def pause_collector() -> None:
    """Look for no cyclic garbage from now on: modules and models are imported and built, and none dies."""
    gc.disable()


def resume_collector() -> None:
    """Look for garbage again, from now on only in what is not there yet, at the end of the process too."""
    gc.freeze()
    gc.enable()
