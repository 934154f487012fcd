"""Which articles go together: the one seam of Baca Juga.

``relate`` is a pure function of the articles. It ranks by shared tags and nearness in time; a
richer ranking takes its place without a change anywhere else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from digest.model import Article

NEAREST = 60
"""Candidates a tag gives: the nearest in time, so a tag on everything costs no more than a rare."""


def relate(articles: Sequence[Article], limit: int) -> dict[str, tuple[Article, ...]]:
    """For each article's path the related ones, best first, at most ``limit``.

    ``articles`` are newest first. An editor's pins come first in their order; blocked articles,
    sponsored ones and the article itself never come.
    """
    positions = {article.path: n for n, article in enumerate(articles)}
    by_slug: dict[str, list[Article]] = defaultdict(list)
    members: dict[str, list[int]] = defaultdict(list)
    for n, article in enumerate(articles):
        by_slug[article.slug].append(article)
        for tag in article.tags:
            members[f"tag {tag}"].append(n)
        if article.front.story:
            members[f"story {article.front.story}"].append(n)
        if article.category:
            members[f"category {article.category}"].append(n)
    return {
        article.path: _list(article, positions[article.path], articles, members, by_slug, limit)
        for article in articles
    }


def _list(
    article: Article,
    here: int,
    articles: Sequence[Article],
    members: Mapping[str, list[int]],
    by_slug: Mapping[str, list[Article]],
    limit: int,
) -> tuple[Article, ...]:
    scores: Counter[int] = Counter()
    shared = [(f"tag {tag}", 4) for tag in article.tags]
    shared += [(f"story {article.front.story}", 6)] if article.front.story else []
    shared += [(f"category {article.category}", 1)] if article.category else []
    for key, weight in shared:
        for n in _nearest(members[key], here):
            scores[n] += weight
    blocked = {article.slug, *article.front.related_exclude}
    ranked = sorted(scores, key=lambda n: (-scores[n], abs(n - here), n))
    chosen = [pin for slug in article.front.related for pin in by_slug.get(slug, ())]
    chosen += [articles[n] for n in ranked]
    unique = dict.fromkeys(
        other
        for other in chosen
        if other.slug not in blocked and not other.front.sponsored and other is not article
    )
    return tuple(unique)[:limit]


def _nearest(members: Sequence[int], here: int) -> Sequence[int]:
    """At most ``NEAREST`` of the sorted positions around ``here``."""
    middle = bisect_left(members, here)
    low = max(0, min(middle - NEAREST // 2, len(members) - NEAREST))
    return members[low : low + NEAREST]
