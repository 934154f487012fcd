"""Dresses the words of the corpus as news copy: sentences, quotes, links, lists, headings.

Every article has its own generator, seeded by its number, so that one article can be made again
without the others, and the bare words (``words.articles``) stay what they are.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from words import articles

from digest.related.engine import RelatedInput

ZONE = timezone(timedelta(hours=7))
SOURCES = ("Kantor Berita Contoh", "Harian Contoh", "Warta Contoh", "Suara Contoh")
CITIES = ("JAKARTA", "BANDUNG", "MAKASSAR", "MEDAN", "SURABAYA", "JAYAPURA")
MARKER = "Baca Juga"
"""The lone line of an editor that asks for related articles."""
REACH = 400
"""An internal link leads at most so many articles back."""

_LINK = re.compile(r"\]\(article:(\d+)\)")


@dataclass(frozen=True)
class Place:
    """Where an article stands: in the archive, in time, and so in files and URLs."""

    number: int
    at: datetime

    @property
    def key(self) -> str:
        """The slug, and the file's name without its end."""
        return f"s{self.number}"

    @property
    def file(self) -> str:
        """The file, by year and month: ``2017/07/s12.md``."""
        return f"{self.at:%Y/%m}/{self.key}.md"

    @property
    def url(self) -> str:
        """The path of the page, the same in every generator: ``/2017/07/14/s12/``."""
        return f"/{self.at:%Y/%m/%d}/{self.key}/"


@dataclass(frozen=True)
class Piece:
    """One article, for no generator in particular.

    ``blocks`` are Markdown blocks; a link to another article is ``[text](article:NUMBER)``.
    """

    place: Place
    title: str
    category: str
    tags: tuple[str, ...]
    keywords: tuple[str, ...]
    source: str
    summary: str
    blocks: tuple[str, ...]

    def text(self, link: Callable[[int], str], marker: str) -> str:
        """The Markdown, with the links as ``link`` gives them and ``marker`` for Baca Juga."""
        chosen = (marker if block == MARKER else block for block in self.blocks)
        text = "\n\n".join(block for block in chosen if block)
        return _LINK.sub(lambda match: f"]({link(int(match[1]))})", text)


def pieces(count: int, *, seed: int = 7, words: int = 350) -> Iterator[Piece]:
    """``count`` articles, oldest first; equal arguments, equal articles."""
    for number, article in enumerate(articles(count, seed=seed, words=words)):
        yield dressed(article, number, seed)


def dressed(article: RelatedInput, number: int, seed: int) -> Piece:
    """One article with the markup of news copy."""
    rng = random.Random(seed * 1_000_003 + number)
    paragraphs = [_paragraph(rng, line.split()) for line in article.text.split("\n")]
    names = tuple(word.lower() for word in article.title.split()[:2])
    return Piece(
        place=Place(number, datetime.fromtimestamp(article.instant, ZONE)),
        title=article.title[0].upper() + article.title[1:],
        category=article.category,
        tags=article.tags,
        keywords=names,
        source=rng.choice(SOURCES),
        summary=_summary(paragraphs) if rng.random() < 0.5 else "",
        blocks=tuple(_blocks(rng, paragraphs, number)),
    )


def _summary(paragraphs: list[str]) -> str:
    return " ".join(paragraphs[0].split()[:16]).strip("“”.,") + "."


def _paragraph(rng: random.Random, words: list[str]) -> str:
    """Words as two to four sentences, with commas, and a quotation in every third paragraph."""
    sentences = []
    while words:
        size = min(rng.randint(9, 17), len(words))
        sentence, words = words[:size], words[size:]
        if size > 8 and rng.random() < 0.6:
            sentence[size // 2] += ","
        sentence[0] = sentence[0].capitalize()
        sentences.append(" ".join(sentence))
    if len(sentences) > 1 and rng.random() < 1 / 3:
        sentences[0] = f"“{sentences[0]},” kata {sentences[1].split()[0]}"
    return ". ".join(sentences) + "."


def _blocks(rng: random.Random, paragraphs: list[str], number: int) -> list[str]:
    """Paragraphs with emphasis and links, and other blocks between them."""
    texts = [_emphasis(rng, paragraph) for paragraph in paragraphs]
    if rng.random() < 0.5:
        _around(rng, texts, 4, "[", f"](https://contoh.example/berita/{number}?dari=kabar)")
    if number > 20 and rng.random() < 0.1:
        other = number - rng.randint(1, min(REACH, number))
        _around(rng, texts, 3, "[", f"](article:{other})")
    if rng.random() < 0.5:
        city = rng.choice(CITIES)
        texts[0] = f"**{city}** – {texts[0]}"
    note = rng.random() < 0.03
    if note:
        texts[rng.randrange(1, len(texts))] += "[^1]"
    for share, make in _EXTRAS:
        if rng.random() < share:
            texts.insert(rng.randint(2, len(texts) - 1), make(rng, texts))
    if note:
        texts.append("[^1]: Menurut catatan resmi.")
    if rng.random() < 0.5:
        _mark(rng, texts)
    return texts


def _mark(rng: random.Random, texts: list[str]) -> None:
    """Put the marker between two plain paragraphs, where editors put it."""
    plain = [text[0].isalpha() or text[0] in "“*[" for text in texts]
    places = [at for at in range(2, len(texts)) if plain[at - 1] and plain[at]]
    if places:
        texts.insert(rng.choice(places), MARKER)


def _emphasis(rng: random.Random, paragraph: str) -> str:
    texts = [paragraph]
    if rng.random() < 0.12:
        _around(rng, texts, 2, "**", "**")
    if rng.random() < 0.12:
        _around(rng, texts, 1, "*", "*")
    return texts[0]


def _around(rng: random.Random, texts: list[str], size: int, before: str, after: str) -> None:
    """Put ``before`` and ``after`` around a run of bare words of one of the paragraphs."""
    place = rng.randrange(len(texts))
    words = texts[place].split(" ")
    starts = [
        at
        for at in range(1, len(words) - size)
        if all(word.isalpha() for word in words[at : at + size])
    ]
    if starts:
        at = rng.choice(starts)
        words[at] = before + words[at]
        words[at + size - 1] += after
        texts[place] = " ".join(words)


def _some(rng: random.Random, texts: list[str], size: int) -> str:
    words = [word for word in rng.choice(texts).split() if word.isalpha()]
    start = rng.randrange(max(1, len(words) - size))
    return " ".join(words[start : start + size]).capitalize() or "Catatan"


def _heading(rng: random.Random, texts: list[str]) -> str:
    return f"## {_some(rng, texts, 4)}"


def _list(rng: random.Random, texts: list[str]) -> str:
    return "\n".join(f"- {_some(rng, texts, 7)}" for _ in range(rng.randint(3, 5)))


def _quote(rng: random.Random, texts: list[str]) -> str:
    return f"> “{_some(rng, texts, 16)}.”"


def _table(rng: random.Random, texts: list[str]) -> str:
    rows = [f"| {_some(rng, texts, 2)} | {rng.randint(10, 99)}.000 |" for _ in range(3)]
    return "\n".join(["| Kota | Harga |", "|------|------:|", *rows])


_EXTRAS: tuple[tuple[float, Callable[[random.Random, list[str]], str]], ...] = (
    (0.25, _heading),
    (0.15, _list),
    (0.2, _quote),
    (0.03, _table),
)
