"""Writes the corpus as the site of a generator: its front matter, its links, its folders.

``python tests/bench/corpus.py FOLDER COUNT [digest|hugo|pelican|eleventy]`` writes one.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from wire import MARKER, Piece, Place, pieces

PEERS = Path(__file__).parent / "peers"
"""What is the same in every site of a peer: settings and templates."""


@dataclass(frozen=True)
class Dialect:
    """How a generator wants its articles: a head, links, and what stands for Baca Juga.

    ``link`` gives the target of a link from the first place to the second.
    """

    name: str
    head: Callable[[Piece], str]
    link: Callable[[Place, Place], str]
    marker: str = ""


@dataclass
class Newsroom:
    """A site being written in one dialect below ``folder``; it knows where every article stands."""

    dialect: Dialect
    folder: Path
    places: dict[int, Place]

    @property
    def articles(self) -> Path:
        """The folder of the articles."""
        return self.folder / "content/articles"

    def write(self, piece: Piece) -> None:
        """Write an article, or write it anew."""
        here = piece.place
        self.places[here.number] = here
        text = piece.text(
            lambda number: self.dialect.link(here, self.places[number]), self.dialect.marker
        )
        file = self.articles / here.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{self.dialect.head(piece)}\n{text}\n", encoding="utf-8")


def newsroom(dialect: Dialect, folder: Path) -> Newsroom:
    """A site without articles yet."""
    folder.mkdir(parents=True, exist_ok=True)
    if dialect.name == "digest":
        settings = 'title = "Kabar"\nbase_url = "https://kabar.example"\nimages.cards = false\n'
        (folder / "digest.toml").write_text(settings, encoding="utf-8")
    else:
        shutil.copytree(PEERS / dialect.name, folder, dirs_exist_ok=True)
    room = Newsroom(dialect, folder, {})
    if dialect.name == "eleventy":
        room.articles.mkdir(parents=True, exist_ok=True)
        (folder / "articles.11tydata.mjs").rename(room.articles / "articles.11tydata.mjs")
    return room


def write_site(
    folder: Path, count: int, *, seed: int = 7, words: int = 350, dialect: str = "digest"
) -> None:
    """Write ``count`` articles below ``folder`` as a site of one generator."""
    room = newsroom(DIALECTS[dialect], folder)
    for piece in pieces(count, seed=seed, words=words):
        room.write(piece)


def _yaml(values: Mapping[str, object]) -> str:
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())
    return f"---\n{''.join(lines)}---\n"


def _common(piece: Piece) -> dict[str, object]:
    """What all dialects of YAML have in common."""
    values: dict[str, object] = {"title": piece.title, "tags": piece.tags, "source": piece.source}
    if piece.summary:
        values["summary"] = piece.summary
    return values


def _digest(piece: Piece) -> str:
    date = f"{piece.place.at:%Y-%m-%d %H:%M:%S} WIB"
    return _yaml({**_common(piece), "date": date, "category": piece.category})


def _hugo(piece: Piece) -> str:
    """``keywords`` are for the related links; the taxonomy ``days`` makes the archive by date."""
    at = piece.place.at
    return _yaml(
        {
            **_common(piece),
            "date": at.isoformat(),
            "categories": [piece.category],
            "keywords": piece.keywords,
            "days": [f"{at:%Y-%m-%d}"],
        }
    )


def _eleventy(piece: Piece) -> str:
    date = piece.place.at.isoformat()
    return _yaml({**_common(piece), "date": date, "category": piece.category})


def _pelican(piece: Piece) -> str:
    """The headers of Python-Markdown's ``meta``; Pelican's Markdown reads no YAML."""
    values = {
        "Title": piece.title,
        "Date": f"{piece.place.at:%Y-%m-%d %H:%M:%S}",
        "Category": piece.category,
        "Tags": ", ".join(piece.tags),
        "Source": piece.source,
        "Summary": piece.summary,
    }
    return "".join(f"{key}: {value}\n" for key, value in values.items() if value)


def _relative(here: Place, there: Place) -> str:
    """From file to file, as editors write it: ``../08/s12.md``."""
    return os.path.relpath(there.file, PurePosixPath(here.file).parent)


def _filename(_: Place, there: Place) -> str:
    return f"{{filename}}/articles/{there.file}"


def _url(_: Place, there: Place) -> str:
    return there.url


DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect("digest", _digest, _relative, MARKER),
        Dialect("hugo", _hugo, _relative),
        Dialect("pelican", _pelican, _filename),
        Dialect("eleventy", _eleventy, _url),
    )
}


if __name__ == "__main__":
    write_site(Path(sys.argv[1]), int(sys.argv[2]), dialect=(*sys.argv[3:], "digest")[0])
