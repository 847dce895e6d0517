"""Properties that are computed once, without a lock: columns are read in several threads at a time.

Python 3.11's `cached_property` holds one lock for all objects of a class while it computes. Two threads that
go through nested columns in different order would wait for each other for ever.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functools import cached_property as lazy_property
else:

    class lazy_property:  # noqa: N801 - used like `property`
        """A property that is computed when it is first read; where threads race, all get one of the results."""

        def __init__(self, function):  # noqa: ANN001, ANN204
            self._function, self.__doc__ = function, function.__doc__

        def __set_name__(self, owner, name):  # noqa: ANN001, ANN204
            self._name = name

        def __get__(self, instance, owner=None):  # noqa: ANN001, ANN204
            if instance is None:
                return self
            values = instance.__dict__
            if self._name in values:
                return values[self._name]
            return values.setdefault(self._name, self._function(instance))


__all__ = ["lazy_property"]
