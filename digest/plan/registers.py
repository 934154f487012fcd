"""The overview of all sources, authors or stories."""

from __future__ import annotations

from digest.model import Term
from digest.plan.keys import Keys
from digest.plan.metadata import list_data
from digest.plan.printer import Printer
from digest.views import Link, RegisterView

OVERVIEWS = {"source": "sources", "author": "authors", "story": "stories"}
"""The permalink and the UI string of the overview of each kind."""


def register_view(printer: Printer, kind: str, terms: tuple[Term, ...]) -> RegisterView:
    """All entries of a register; running stories with the newest chapter first, others by name."""
    name = OVERVIEWS[kind]
    url, title = getattr(printer.edition.config.permalinks, name), printer.locale.t(name)
    crumbs = [Link(title=title, url=url)]
    return RegisterView(
        head=printer.head(
            title,
            url,
            structured=list_data(printer, title, url, (term.url for term in terms), crumbs),
        ),
        title=title,
        url=printer.href(url),
        breadcrumbs=printer.crumbs(*crumbs),
        kind=kind,
        terms=tuple(map(printer.term, terms)),
        count=len(terms),
    )


def register_key(keys: Keys, kind: str, terms: tuple[Term, ...]) -> bytes:
    """A digest of everything ``register_view`` reads beside the settings of the site."""
    return keys.joined([kind.encode(), keys.counted(terms)])


def ordered(kind: str, terms: dict[str, Term]) -> tuple[Term, ...]:
    """The entries in the order of their overview."""
    if kind != "story":
        return tuple(terms.values())
    newest = [(-term.articles[0].date.timestamp(), term.key, term) for term in terms.values()]
    return tuple(term for _, _, term in sorted(newest))
