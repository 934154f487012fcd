"""``digest new site``, ``digest new article`` and ``digest new edition``."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections import Counter
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

import click

from digest import config
from digest.assemble.editions import ungathered
from digest.cli.common import Terminal, instant, options, run_options, tell_options
from digest.compose import compose
from digest.errors import ConfigError, Problem
from digest.model import Part
from digest.text import slugify

LANGUAGES = ("id", "en")
ABOUT = {"id": "tentang", "en": "about"}
ZONES = {"id": "Asia/Jakarta", "en": "UTC"}
IGNORED = "/output/\n.digest/\n"


@click.group(name="new")
def command() -> None:
    """Make a new site, article or edition."""


@command.command(name="site")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--title", help="Name of the site (default: that of the folder).")
@click.option("--lang", type=click.Choice(LANGUAGES), default="id", help="Language of the site.")
@click.option("--now", metavar="INSTANT", help="Date of the first article (default: the clock).")
@tell_options
def site(*, folder: Path, title: str | None, lang: str, now: str | None, **given: Any) -> None:
    """Make a new site in FOLDER that builds at once."""
    terminal = Terminal(given)
    with terminal.guarded():
        if folder.exists() and any(folder.iterdir()):
            raise ConfigError(Problem("D412", f"the folder {folder} is not empty"))
        date = instant(now, ZoneInfo(ZONES[lang])).astimezone(ZoneInfo(ZONES[lang]))
        name = title or folder.resolve().name.replace("-", " ").replace("_", " ").title()
        made = {
            "digest.toml": _starter(lang, "digest.toml", title=json.dumps(name)),
            f"content/articles/{date:%Y/%m}/{_slug(lang)}.md": _starter(
                lang, "welcome.md", date=f"{date:%Y-%m-%d %H:%M}"
            ),
            f"content/pages/{ABOUT[lang]}.md": _starter(lang, "about.md"),
            ".gitignore": IGNORED,
        }
        for path, text in made.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    if terminal.form == "json":
        terminal.answer({"ok": True, "files": sorted(made)})
    else:
        terminal.say(
            f"made {folder}; build it with: digest build --site {shlex.quote(str(folder))}"
        )


def _slug(lang: str) -> str:
    return {"id": "selamat-datang", "en": "welcome"}[lang]


def _starter(lang: str, name: str, **values: str) -> str:
    text = files("digest").joinpath("starter", lang, name).read_text(encoding="utf-8")
    return Template(text).substitute(values)


@command.command(name="article")
@click.argument("title")
@click.option("--slug", help="Last part of its URL (default: made from the title).")
@click.option("--now", metavar="INSTANT", help="Its date (default: the clock).")
@click.option("--edit", is_flag=True, help="Open it in $VISUAL or $EDITOR.")
@tell_options
def article(*, title: str, slug: str | None, now: str | None, edit: bool, **given: Any) -> None:
    """Make a dated draft with TITLE below content/articles/ and print its path."""
    terminal = Terminal(given)
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    if edit and not editor:
        raise click.UsageError("--edit needs $VISUAL or $EDITOR")
    with terminal.guarded():
        loaded = config.load(given["site"])
        date = instant(now, loaded.config.zone).astimezone(loaded.config.zone)
        name = slugify(slug or title)
        path = loaded.root / loaded.config.content / f"articles/{date:%Y/%m}/{name}.md"
        _write_new(path, _article(loaded, title, date))
    shown = os.path.relpath(path)
    if terminal.form == "json":
        terminal.answer({"ok": True, "path": shown})
    else:
        click.echo(shown)
    if edit:
        subprocess.run([*shlex.split(editor), str(path)], check=False)  # noqa: S603 - the user's own


@command.command(name="edition")
@click.option("--since", metavar="INSTANT", help="Only articles from then on (default: all).")
@run_options
def edition(*, since: str | None, **given: Any) -> None:
    """Gather the published articles that no edition has carried yet into a draft to edit."""
    terminal = Terminal(given)
    with terminal.guarded():
        chosen = options(given)
        composed = compose(chosen, terminal.progress)
        loaded = composed.loaded
        zone = loaded.config.zone
        parts = ungathered(composed.site, instant(since, zone) if since else None)
        date = chosen.now.astimezone(zone)
        path = loaded.root / loaded.config.content / f"editions/{date:%Y-%m-%d}.md"
        if parts:
            number = 1 + max(composed.site.numbers, default=0)
            _write_new(path, _draft(number, date, parts, loaded.config.content))
    if not parts:
        terminal.say("nothing to gather: every published article is carried by an edition")
    elif terminal.form == "json":
        items = [item.article.slug for part in parts for item in part.items]
        terminal.answer({"ok": True, "path": os.path.relpath(path), "items": items})
    else:
        click.echo(os.path.relpath(path))


def _draft(number: int, date: datetime, parts: tuple[Part, ...], folder: str) -> str:
    """The file of a new edition: a section a category, each item with its title beside it."""
    held = Counter(item.article.slug for part in parts for item in part.items)
    lines = ["---", f"number: {number}", f"date: {date:%Y-%m-%d}", "status: draft", "sections:"]
    for part in parts:
        lines += [f"  - title: {_quoted(part.title)}"] if part.title else ["  - title:"]
        lines.append("    items:")
        for item in part.items:
            article = item.article
            slug = article.slug
            name = slug if held[slug] == 1 else article.path.removeprefix(f"{folder}/")
            lines.append(f"      - {_quoted(name)}  # {' '.join(article.front.title.split())}")
    return "\n".join([*lines, "---", "", ""])


def _quoted(text: str) -> str:
    """A YAML scalar: plain where that is safe beyond doubt."""
    plain = re.fullmatch(r"[A-Za-z](?:[A-Za-z0-9 _./-]*[A-Za-z0-9])?", text)
    return text if plain else json.dumps(text, ensure_ascii=False)


def _article(loaded: config.Loaded, title: str, date: datetime) -> str:
    """The new file's text: from the site's archetype, else the shipped one of its language."""
    values = {
        "title": json.dumps(title, ensure_ascii=False),
        "date": f"{date:%Y-%m-%d %H:%M}",
    }
    archetype = loaded.root / "archetypes" / "article.md"
    if archetype.is_file():
        return Template(archetype.read_text(encoding="utf-8")).safe_substitute(values)
    lang = loaded.config.language if loaded.config.language in LANGUAGES else "en"
    return _starter(lang, "article.md", **values)


def _write_new(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        hint = "choose another title, or name a slug with --slug"
        raise ConfigError(Problem("D412", f"{path} exists already", hint=hint)) from error
