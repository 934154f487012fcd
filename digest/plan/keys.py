"""Digests of what pages are made from: a page whose digest is the same has the same view.

A view is a function of the settings and of a few values of the site. Each function that makes one
has a partner here or beside it that reads the same values and only digests them, at a hundredth of
the cost. What is not read by the view may be in the digest (a page is then made once too often);
what is read must be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

import msgspec

from digest.model import AnyContent, Article, Issue, Page, Term, TermKind
from digest.once import once
from digest.pace import breathe
from digest.plan.printer import Edition

NOTHING = bytes(16)
"""Stands for a value that is not there."""
_encode = msgspec.msgpack.Encoder().encode


class Keys:
    """The digests of a site's cards and terms, made once for all pages.

    ``terms`` are keyed by URL, ``outlets`` and ``people`` by their key.
    """

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        site = edition.site
        every = [term for register in site.registers for term in register.values()]
        self.terms = {term.url: self.of(term.name, term.url) for term in every}
        self._issues: dict[str, bytes] = {}
        self.outlets = self._named("source", site.sources)
        self.people = self._named("author", site.authors)
        self._leads = edition.linked.leads

    @once
    def cards(self) -> dict[Article, bytes]:
        """The digests of what lists show of articles."""
        site = self.edition.site
        categories = {key: self.terms[term.url] for key, term in site.categories.items()}
        return {
            article: self._card(article, categories.get(article.category, NOTHING))
            for article in site.articles
        }

    def issue(self, issue: Issue) -> bytes:
        """What names of an edition show; one stands on the pages of all articles it carries."""
        kept = self._issues.get(issue.url)
        if kept is None:
            days = issue.content.days if issue.content else ()
            said = (issue.number, issue.title, issue.url, issue.date, "date" in days, issue.days)
            kept = self._issues[issue.url] = self.of(*said)
        return kept

    def _named(self, kind: TermKind, register: Mapping[str, Term]) -> dict[str, bytes]:
        """What ``Printer.named`` reads of entries, by key."""
        return {
            key: self.of(name, register[key].url if key in register else "")
            for key, name in self.edition.site.names.get(kind, {}).items()
        }

    def _card(self, article: Article, category: bytes) -> bytes:
        """What ``Printer.card`` reads of an article."""
        breathe()
        said = article.content.card + category + f"{article.state} {article.url}".encode()
        if article.outlets:
            said += self.outlets[article.outlets[0]]
        lead = self._leads.get(article.path)
        if lead is not None:
            said += _encode(lead)
        return blake2b(said, digest_size=16).digest()

    def node(self, node: Article | Page) -> bytes:
        """What ``Printer.link`` reads of an article or page."""
        return self.of(node.title, node.url)

    def cards_of(self, articles: Iterable[Article]) -> bytes:
        """What the cards of a list read."""
        cards = self.cards
        return b"".join([cards[article] for article in articles])

    def counted(self, terms: Iterable[Term]) -> bytes:
        """What ``Printer.term`` reads of terms."""
        return self.of([(t.name, t.url, len(t.articles), _described(t)) for t in terms])

    def references(self, content: AnyContent) -> bytes:
        """What the links and images of a text have come to mean, and its lead image."""
        linked, path = self.edition.linked, content.path
        lead = linked.leads.get(path)
        if not content.links and not content.images and lead is None:
            return NOTHING
        return self.of(linked.links.get(path), linked.pictures.get(path), lead)

    def versions(self, node: Article | Page) -> bytes:
        """What ``Printer.versions`` reads."""
        found = self.edition.versions.get(node.path)
        return self.of(found) if found else NOTHING

    @staticmethod
    def joined(parts: Sequence[bytes]) -> bytes:
        """One digest of several; each is of 16 bytes or a word of its own."""
        return blake2b(b"".join(parts), digest_size=16).digest()

    @staticmethod
    def of(*values: object) -> bytes:
        """A digest of plain values."""
        return blake2b(_encode(values), digest_size=16).digest()


def _described(term: Term) -> str | None:
    return term.front.description if term.front else None
