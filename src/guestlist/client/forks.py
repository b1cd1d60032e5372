"""What a forked worker must not share with its parent: connections and held locks."""

import os
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

_Thing = TypeVar("_Thing")
_things: "weakref.WeakKeyDictionary[Any, Callable[[Any], None]]" = weakref.WeakKeyDictionary()


def renew_in_children(thing: _Thing, renew: Callable[[_Thing], None]) -> None:
    """Calls `renew` with `thing`, as long as there is one, in each process that is forked."""
    _things[thing] = renew


def _renew() -> None:
    for thing, renew in list(_things.items()):
        renew(thing)


if hasattr(os, "register_at_fork"):  # where there is no fork there is nothing to do
    os.register_at_fork(after_in_child=_renew)
