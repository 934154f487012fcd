"""Seeded words that behave like a news archive, of any size and without anybody's text.

They are Zipfian and made of Indonesian-like syllables; the vocabulary grows with the archive
(Heaps). Stories come in bursts: each has its own words, names, category and tags, and of the sixty
alive the younger are told more often. ``wire`` makes news copy of them, ``corpus`` writes sites.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from digest.related.engine import RelatedInput

SYLLABLES = [a + b for b in "aiueo" for a in "krtmnslbpd"] + ["ng", "an", "en", "in"]
CATEGORIES = tuple(f"Kanal {number}" for number in range(12))
START = 1_500_000_000
"""The first article, in seconds since 1970: July 2017."""
GAP = 400
"""Mean seconds between two articles: some 200 a day."""
STORY = 12
"""Mean number of articles of a story."""
ALIVE = 60


@dataclass(frozen=True)
class Story:
    """What the articles of a story have in common."""

    names: tuple[str, ...]
    words: tuple[str, ...]
    category: str


def articles(count: int, *, seed: int = 7, words: int = 350) -> Iterator[RelatedInput]:
    """``count`` articles of about ``words`` words, oldest first; equal arguments, equal articles.

    Seven tenths of a text are common speech, two tenths words and one tenth names of its story.
    """
    rng = random.Random(seed)
    known = _vocabulary(rng, 60_000 + count * 4 // 5)
    zipf = list(accumulate(1 / (place + 2.7) ** 1.05 for place in range(len(known))))
    alive: list[Story] = []
    instant = START
    for number in range(count):
        instant += int(rng.expovariate(1 / GAP))
        if not alive or rng.random() < 1 / STORY:
            alive = [*alive, _story(rng, known)][-ALIVE:]
        story = alive[min(len(alive) - 1, int(len(alive) * rng.random() ** 0.5))]
        body = rng.choices(known, cum_weights=zipf, k=words * 7 // 10)
        body += rng.choices(story.words, k=words * 2 // 10)
        body += rng.choices(story.names, k=words // 10)
        rng.shuffle(body)
        title = [*rng.sample(story.names, 2), *rng.sample(story.words, 4)]
        title += rng.choices(known, cum_weights=zipf, k=4)
        yield RelatedInput(
            key=f"s{number}",
            instant=instant,
            title=" ".join(title),
            text="\n".join(" ".join(body[at : at + 40]) for at in range(0, len(body), 40)),
            tags=tuple(name.lower() for name in story.names[:2]),
            category=story.category,
        )


def _story(rng: random.Random, known: list[str]) -> Story:
    rare = known[200:20_000]
    return Story(
        names=tuple(name.capitalize() for name in rng.choices(rare, k=6)),
        words=tuple(rng.choices(rare, k=40)),
        category=rng.choice(CATEGORIES),
    )


def _vocabulary(rng: random.Random, size: int) -> list[str]:
    """Distinct words of two to five syllables, the most common first."""
    words: dict[str, None] = {}
    while len(words) < size:
        words["".join(rng.choices(SYLLABLES, k=rng.randint(2, 5)))] = None
    return list(words)
