"""What the engine reads of a site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence, Set
from hashlib import blake2b
from typing import TYPE_CHECKING, TypedDict

import msgspec

from digest.model import AnyContent, Article, Linked
from digest.pace import breathe

if TYPE_CHECKING:
    from digest.related.engine import RelatedInput

NOBODY: frozenset[str] = frozenset()
_encode = msgspec.msgpack.Encoder().encode


def key_of(article: Article) -> str:
    """A unique name whose order breaks ties in time: by slug, then path."""
    return f"{article.slug} {article.path}"


def is_eligible(article: Article) -> bool:
    """Whether lists may show an article at all."""
    return article.state == "published" and not article.front.sponsored


class Said(TypedDict):
    """The fields of a ``RelatedInput``."""

    key: str
    instant: int
    title: str
    text: str
    tags: tuple[str, ...]
    category: str
    story: str
    edition: str
    eligible: bool
    exclude: frozenset[str]


class Inputs:
    """The articles of a site by key, and what is between them."""

    def __init__(
        self, articles: Sequence[Article], linked: Linked, words: Callable[[AnyContent], bytes]
    ) -> None:
        self._words = words
        self.by_key = {key_of(article): article for article in articles}
        self._by_slug: dict[str, list[Article]] = defaultdict(list)
        for article in articles:
            breathe()
            self._by_slug[article.slug].append(article)
        self._links: dict[str, set[str]] = defaultdict(set)
        self._mentions: dict[str, set[str]] = defaultdict(set)
        by_path = {article.path: key for key, article in self.by_key.items()}
        for target, sources in linked.backlinks.items():
            for source in sources:
                if target in by_path and source in by_path:
                    self._links[source].add(by_path[target])
                    self._mentions[target].add(by_path[source])

    def links(self, article: Article) -> Set[str]:
        """Keys of the articles that its body links."""
        return self._links.get(article.path, NOBODY)

    def mentions(self, article: Article) -> Set[str]:
        """Keys of the articles whose body links it: they stand on its page already."""
        return self._mentions.get(article.path, NOBODY)

    def blocked(self, article: Article) -> frozenset[str]:
        """Keys of the articles that its editor does not want in Baca Juga."""
        excluded = article.front.related_exclude
        return frozenset(map(key_of, self._named(excluded))) if excluded else NOBODY

    def barred(self, article: Article) -> frozenset[str]:
        """Keys never to be listed under an article, not even when pinned."""
        blocked, links = self.blocked(article), self.links(article)
        return blocked | links if blocked or links else NOBODY

    def pins(self, article: Article) -> tuple[Article, ...]:
        """The editor's pins in their order, but for those that no list may show."""
        if not article.front.related:
            return ()
        barred = self.barred(article)
        return tuple(
            pin
            for pin in self._named(article.front.related)
            if pin is not article and is_eligible(pin) and key_of(pin) not in barred
        )

    def named(self, article: Article) -> frozenset[str]:
        """Keys of all articles that its front matter or its body names."""
        pins = frozenset(map(key_of, self._named(article.front.related)))
        return (pins | self.barred(article)) - {key_of(article)}

    def _named(self, slugs: tuple[str, ...]) -> list[Article]:
        return [article for slug in slugs for article in self._by_slug.get(slug, ())]

    def load(self, key: str) -> RelatedInput:
        """One article as the engine reads it."""
        from digest.related.engine import RelatedInput  # lazy: numpy

        return RelatedInput(**self.said(key))

    def said(self, key: str) -> Said:
        """The same as plain values, for an engine that runs elsewhere."""
        article = self.by_key[key]
        title, text = msgspec.msgpack.decode(self._words(article.content))
        return Said(
            key=key,
            instant=int(article.date.timestamp()),
            title=title,
            text=text,
            tags=article.tags,
            category=article.category,
            story=article.story,
            edition=article.front.edition or "",
            eligible=is_eligible(article),
            exclude=self.barred(article),
        )

    def stamps(self) -> dict[str, str]:
        """A digest of what each article says to the engine, by key; reads what ``load`` reads."""
        return {key: self._stamp(key, article) for key, article in self.by_key.items()}

    def _stamp(self, key: str, article: Article) -> str:
        breathe()
        front = article.content.front
        said = (
            key,
            int(article.date.timestamp()),
            article.content.subject,
            article.tags,
            article.category,
            article.story,
            front.edition or "",
            is_eligible(article),
            sorted(self.barred(article)),
        )
        return blake2b(_encode(said), digest_size=16).hexdigest()
