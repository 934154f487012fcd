"""Articles whose URL is another one than in the last build, with nothing left at the old one."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from pathlib import Path

import msgspec

from digest.errors import Problem, Where
from digest.memo import Memo
from digest.model import Site
from digest.urls import output_file

TOLD = 20
"""Articles that are named one by one; where more moved, it is their pattern or their folder."""

Locate = Callable[[str, str, int], Where]
"""(path, text, nth) → the place of a text in the front matter of a file."""


def moved(
    memo: Memo,
    output: Path,
    site: Site,
    held: Container[str],
    wanted: Container[str],
    locate: Locate,
) -> tuple[Problem, ...]:
    """Notes (D308) on public articles that left their URL, and where the articles are now is kept.

    ``held`` are the files of the output before the build, ``wanted`` those after it. What the memo
    does not know is not told: the site never depends on it.
    """
    name = f"urls {output}"
    every = (*site.articles, *site.withdrawn)
    now = {node.path: node.url for node in every if node.state in {"published", "withdrawn"}}
    kept, made = memo.load(name), msgspec.msgpack.encode(now)
    if kept == made:
        return ()
    memo.save(name, made)
    before = msgspec.msgpack.decode(kept, type=dict[str, str]) if kept else {}
    left = [(path, url) for path, url in before.items() if now.get(path, url) != url]
    files = [(path, url, output_file(url)) for path, url in left]
    gone = sorted((path, url) for path, url, file in files if file in held and file not in wanted)
    slugs = {node.path: node.slug for node in every} if gone else {}
    places = [(locate(path, slugs[path], 0), url, now[path]) for path, url in gone[:TOLD]]
    return tuple(_notes(places, len(gone)))


def _notes(places: Sequence[tuple[Where, str, str]], count: int) -> Iterator[Problem]:
    for where, former, url in places:
        message = f"the article was at {former} in the last build and is at {url} now"
        hint = f"nothing redirects there: write aliases: [{former}], or take the edit back and"
        hint += " use digest rename"
        yield Problem("D308", message, where, hint, "note")
    if count > len(places):
        message = f"{count - len(places)} more articles left their URLs, which redirect nowhere"
        hint = "was a permalink pattern changed? aliases keep old URLs"
        yield Problem("D308", message, None, hint, "note")
