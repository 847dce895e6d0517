"""Realistic streams of events from a JSON description of a state machine.

    import datagen

    for record in datagen.generate("clickstream", records=10, seed=1, start="2027-03-12"): ...

What is named here is imported when it is first used, so that `--help` costs nothing.
"""

# true for whoever checks types; importing `typing` would cost more than all else here
TYPE_CHECKING = False

if TYPE_CHECKING:
    from datagen.api.events import Events
    from datagen.api.explaining import Explained
    from datagen.api.functions import entities, explain, generate, run, validate
    from datagen.errors import Error, Problem
else:

    def __getattr__(name: str) -> object:
        """Return what is public, by its name."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 - `import datagen` needs nothing

        module = _PLACES.get(name)
        found = getattr(import_module(f"{__name__}.{module or 'api.functions'}"), name)
        globals()[name] = found
        return found


__version__ = "0.1.0"
__all__ = [
    "Error",
    "Events",
    "Explained",
    "Problem",
    "entities",
    "explain",
    "generate",
    "run",
    "validate",
]
_PLACES = {
    "Error": "errors",
    "Events": "api.events",
    "Explained": "api.explaining",
    "Problem": "errors",
}  # of the others: api.functions


def __dir__() -> list[str]:
    return [*globals(), *__all__]
