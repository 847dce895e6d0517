"""Spares a process what others import, where it is installed, and nothing of the process needs."""

import sys


class _WithoutPandas:
    """Finds modules: none of the name pandas."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        """Find nothing. Raises ModuleNotFoundError for pandas."""
        if name == "pandas":
            raise ModuleNotFoundError("this process has no use for pandas", name=name)


def leave_out_pandas() -> None:
    """Keep pyarrow from importing pandas, which takes 0.1 s and 40 MB: for a process that is all ours."""
    sys.meta_path.insert(0, _WithoutPandas())
