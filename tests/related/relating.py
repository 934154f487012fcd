"""Sites on disk for the tests of Baca Juga, and their lists by slug."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digest.compose import Composed, Options, compose
from digest.model import Article, Relations
from digest.related import Settings, relate

NOW = datetime(2024, 1, 1, tzinfo=UTC)
SETTINGS = 'title = "Kabar"\nbase_url = "https://kabar.example"\n'
SETTINGS += 'sources.missing = "ignore"\nimages.cards = false\n'

Lists = dict[str, list[str]]


def article(title: str, date: str, text: str, **front: object) -> str:
    """A content file. The front matter is JSON, which is YAML; empty values are left out."""
    given = {"title": title, "date": date, **front}
    head = [f"{key}: {json.dumps(value)}" for key, value in given.items() if value]
    return "\n".join(["---", *head, "---", "", text, ""])


def write(root: Path, articles: Mapping[str, str], settings: str = SETTINGS) -> None:
    """Make ``content/articles`` hold exactly ``articles``, by slug; files that stay are kept."""
    folder = root / "content/articles"
    folder.mkdir(parents=True, exist_ok=True)
    (root / "digest.toml").write_text(settings, encoding="utf-8")
    for file in folder.glob("*.md"):
        if file.stem not in articles:
            file.unlink()
    for slug, text in articles.items():
        (folder / f"{slug}.md").write_text(text, encoding="utf-8")


def composed(root: Path, **options: Any) -> Composed:
    """The site, through the real pipeline and with its cache."""
    return compose(Options(site=root, now=NOW, **options), lambda *_: None)


def lists(relations: Relations) -> Lists:
    """The list of each article, as slugs."""
    return {
        Path(path).stem: [pick.slug for pick in picks] for path, picks in relations.lists.items()
    }


def follow_ups(relations: Relations) -> Lists:
    """The follow-ups of each article that has some, as slugs."""
    return {
        Path(path).stem: [newer.slug for newer in found]
        for path, found in relations.follow_ups.items()
    }


def both(relations: Relations) -> tuple[Lists, Lists]:
    """Lists and follow-ups."""
    return lists(relations), follow_ups(relations)


def clean(site: Composed, articles: tuple[Article, ...] = (), jobs: int = 1) -> Relations:
    """What a build without any cache makes of the same articles, perhaps in another order."""
    settings = Settings(site.library.words, None, site.locale.common, jobs)
    return relate(articles or site.site.articles, site.edition.linked, settings)()
