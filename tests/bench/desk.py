"""An editor at work on a site: each act changes the content and says what must come of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from corpus import DIALECTS, Newsroom, newsroom
from measure import ToolError
from wire import Piece, pieces

HELD_BACK = 12
"""Articles that come in while the bench runs, after the others in time."""
TOUCHED = 40
"""Articles in the middle of the archive that are edited in turn."""

BASE = Path(__file__).parents[2] / "themes/harian/templates/base.html"


@dataclass(frozen=True)
class Expected:
    """What an act must lead to: how many articles, and texts that pages must hold.

    ``holds`` are folders below the output and a text that a page below each must have;
    ``everywhere`` stands in every article.
    """

    articles: int
    holds: tuple[tuple[str, str], ...] = ()
    everywhere: str = ""


class Desk:
    """The desk of one site. Every act differs from all before it."""

    def __init__(self, room: Newsroom, count: int) -> None:
        self.room = room
        self.count = count
        self.number = 0
        self._touched: list[Piece] = []
        self._fresh: list[Piece] = []

    def take(self, piece: Piece) -> None:
        """Write an article of the corpus, or keep it: for an edit, or to be new later."""
        number = piece.place.number
        if number >= self.count:
            self._fresh.append(piece)
            return
        self.room.write(piece)
        if 0 <= number - self.count // 2 < TOUCHED:
            self._touched.append(piece)

    def nothing(self) -> Expected:
        """Change nothing."""
        return Expected(self.count)

    def text(self) -> Expected:
        """Add a paragraph to an article in the middle of the archive."""
        piece = self._next()
        words = f"Suntingan nomor {self.number} tentang perkara{self.number}."
        place = len(piece.blocks) // 2
        piece = replace(piece, blocks=(*piece.blocks[:place], words, *piece.blocks[place:]))
        self.room.write(piece)
        return Expected(self.count, ((piece.place.url, words),))

    def title(self) -> Expected:
        """Give an article another title, a tag of another article and a tag of its own."""
        piece = self._next()
        tag, new = self._touched[self.number % len(self._touched)].tags[0], f"kabar{self.number}"
        piece = replace(piece, title=f"Judul {self.number} {piece.title}", tags=(tag, new))
        self.room.write(piece)
        pages = (piece.place.url, f"/tag/{tag}/", f"/tag/{new}/")
        return Expected(self.count, tuple((page, piece.title) for page in pages))

    def new(self) -> Expected:
        """Bring in an article that is the newest of all."""
        if not self._fresh:
            raise ToolError(f"there are only {HELD_BACK} new articles: ask for fewer runs")
        piece = self._fresh.pop(0)
        self.count += 1
        self.room.write(piece)
        pages = (piece.place.url, f"/tag/{piece.tags[0]}/", "/index.html")
        return Expected(self.count, tuple((page, piece.title) for page in pages))

    def base(self) -> Expected:
        """Edit the template below every page, which the site overrides."""
        self.number += 1
        words = f'<p hidden id="base-{self.number}"></p>'
        text = BASE.read_text(encoding="utf-8")
        file = self.room.folder / "overrides/templates/base.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("</body>", f"{words}\n</body>"), encoding="utf-8")
        return Expected(self.count, everywhere=words)

    def _next(self) -> Piece:
        """The article whose turn it is."""
        self.number += 1
        return self._touched[self.number * 7 % len(self._touched)]


def desks(names: Iterable[str], folder: Path, count: int) -> dict[str, Desk]:
    """A site of ``count`` articles below ``folder`` in each of the dialects."""
    found = {name: Desk(newsroom(DIALECTS[name], folder / name), count) for name in names}
    for piece in pieces(count + HELD_BACK):
        for desk in found.values():
            desk.take(piece)
    return found


def verify(output: Path, expected: Expected) -> None:
    """Check what a build left; raises ToolError."""
    found = list(output.glob("[0-9]*/[0-9]*/[0-9]*/s*/index.html"))
    if len(found) != expected.articles:
        raise ToolError(f"{output} has {len(found)} articles instead of {expected.articles}")
    for page, text in expected.holds:
        if not any(text in file.read_text(encoding="utf-8") for file in _pages(output, page)):
            raise ToolError(f"no page of {output}{page} holds {text!r}")
    for file in found if expected.everywhere else ():
        if expected.everywhere not in file.read_text(encoding="utf-8"):
            raise ToolError(f"{file} does not hold {expected.everywhere!r}")


def _pages(output: Path, page: str) -> list[Path]:
    """A page, or all numbered pages of a list."""
    place = output / page.lstrip("/")
    return [place] if place.suffix else sorted(place.rglob("index.html"))
