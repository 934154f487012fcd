"""Composes the site anew in a thread of its own, behind an edit that is shown already."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from queue import SimpleQueue

import msgspec

from digest.build import next_change
from digest.compose import Composed, Survey, joined, related_settings
from digest.errors import DigestError
from digest.gather import Gathered
from digest.pace import Pace
from digest.preview.pages import Tables
from digest.preview.setup import Setup
from digest.related import has_lists


class Order(msgspec.Struct, frozen=True, eq=False):
    """What is to be composed; ``edit`` is the number of the last edit in it."""

    edit: int
    setup: Setup
    surveyed: Survey
    gathered: Gathered


class Done(msgspec.Struct, frozen=True, eq=False):
    """A site that was composed, or why it could not be; ``until`` it changes without an edit."""

    order: Order
    composed: Composed | None
    tables: Tables | None
    until: datetime | None = None
    error: Exception | None = None


class Composer:
    """One thread that takes the newest order; ``tell`` is called with each result, in it.

    It stands back for whoever is ahead at ``pace``.
    """

    def __init__(self, tell: Callable[[Done], None], pace: Pace) -> None:
        self._tell, self._pace = tell, pace
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="composer", daemon=True)
        self._thread.start()

    def order(self, order: Order) -> None:
        """Compose this after what is under way; what still waits is left out."""
        self._orders.put(order)

    def close(self) -> None:
        """End after what is under way, without waiting."""
        self._orders.put(None)

    def _run(self) -> None:
        while True:
            order = self._orders.get()
            while order is not None and not self._orders.empty():
                order = self._orders.get()
            if order is None:
                return
            with self._pace.behind():
                done = compose_order(order)
            self._tell(done)


def compose_order(order: Order, *, hurried: bool = False) -> Done:
    """Compose a site; nothing is raised.

    When it is ``hurried``, related articles that are kept are read when a page first shows them.
    """
    setup = order.setup
    try:
        composed = joined(
            order.surveyed,
            setup.locale,
            setup.theme,
            order.gathered,
            setup.library,
            setup.options,
        )
        settings = related_settings(
            composed.loaded.root, setup.locale, setup.library, setup.options
        )
        if not (hurried and has_lists(settings)):
            problems = (*composed.problems, *composed.edition.related.problems)
            composed = msgspec.structs.replace(composed, problems=problems)
        due = next_change(composed.edition, setup.options.now, composed.loaded.config.zone)
        return Done(order, composed, Tables(composed), due.at)
    except (DigestError, OSError) as error:
        return Done(order, None, None, error=error)
    except Exception as error:  # the preview outlives whatever a composition meets
        return Done(order, None, None, error=error)
