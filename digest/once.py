"""Values of an object that are made when they are first asked for, without a lock.

``functools.cached_property`` of Python 3.11 holds one lock for all objects of a class while it
makes a value: in the preview an edit would wait for related articles that are found for the next
site, in a thread that stands back for the edit. Two threads that ask at once may both make a value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class once(Generic[Value]):  # noqa: N801 - used as a decorator, like property
    """A method without arguments as a value; it is called once for each object."""

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> once[Value]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...
    def __get__(self, instance: object | None, owner: type) -> once[Value] | Value:
        """Only called while the object has no value: what it has comes first."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._make(instance)
        return value
