"""The feed of the editions: one item an edition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from markupsafe import Markup

from digest.feeds.ids import entry_name
from digest.feeds.model import Entry
from digest.model import Issue
from digest.model import Part as ModelPart
from digest.plan.editions import edition_key, edition_title, summary_of
from digest.plan.feeds import Channel, Draft, Writer
from digest.plan.keys import Keys
from digest.plan.printer import Edition, has_edition_feed
from digest.views import Html

NAME = "editions"
"""What the feed's id is made from."""


def edition_channels(writer: Writer, keys: Keys) -> Iterator[Channel]:
    """The feed of the editions, newest first; none where there are no public ones."""
    edition = writer.edition
    if not has_edition_feed(edition):
        return
    config = edition.config
    picks = [issue for issue in edition.site.editions if issue.state == "published"]
    picks = picks[: config.feeds.items]
    title = f"{edition.locale.t('editions')} – {config.title}"
    key = partial(_keys, keys, picks)
    drafts = partial(_drafts, writer, tuple(picks))
    url, owner = config.permalinks.editions, "the feed of the editions"
    yield Channel(NAME, title, config.description or config.tagline, url, owner, key, drafts)


def _keys(keys: Keys, issues: Iterable[Issue]) -> bytes:
    return keys.joined([_key(keys, issue) for issue in issues])


def _key(keys: Keys, issue: Issue) -> bytes:
    """A digest of what the entry of an edition reads: its page, and all sources of its items."""
    named = [keys.outlets[key] for item in issue.items for key in item.article.outlets]
    return keys.joined([edition_key(keys, issue, None, None), *named])


def _drafts(writer: Writer, issues: tuple[Issue, ...]) -> list[Draft]:
    return [_draft(writer, issue) for issue in issues]


def _draft(writer: Writer, issue: Issue) -> Draft:
    return Draft(f"edition:{issue.slug}", issue.date, partial(_entry, writer, issue))


def _entry(writer: Writer, issue: Issue) -> Entry:
    edition = writer.edition
    summary = summary_of(issue)
    titles = ", ".join(item.article.title for item in issue.items[:3])
    full = edition.config.feeds.content == "full"
    return Entry(
        id=writer.id(f"edition:{_name(edition, issue)}"),
        url=writer.address(issue.url),
        title=edition_title(writer.printer, issue),
        summary=summary or titles,
        content=_content(writer, issue) if full else "",
        published=issue.date,
        updated=issue.date,
    )


def _name(edition: Edition, issue: Issue) -> str:
    """An edition of a file keeps its id with the file, a collected one with its day."""
    if not issue.content:
        return issue.slug
    return entry_name(edition.config.content, issue.path, None)


def _content(writer: Writer, issue: Issue) -> str:
    """The editor's note, then the items by section, with their sources."""
    note: list[str] = []
    if issue.content is not None:
        prose = writer.edition.prose(issue.content)
        parts = writer.printer.body(issue.path, prose, "", iter(()))
        note = [part.html for part in parts if isinstance(part, Html)]
    sections = [_section(writer, part) for part in issue.parts]
    return writer.portable("".join([*note, *sections]), issue.url)


def _section(writer: Writer, part: ModelPart) -> Markup:
    html = Markup("<h2>{}</h2>\n").format(part.title) if part.title else Markup()
    html += Markup("<ul>\n")
    for item in part.items:
        article = item.article
        line = Markup('<li><a href="{}">{}</a>').format(writer.address(article.url), article.title)
        if item.form != "brief" and article.summary:
            line += Markup("<br>{}").format(article.summary)
        sources = writer.source_names(article)
        line += Markup(" ({})").format(", ".join(sources)) if sources else ""
        html += line + Markup("</li>\n")
    return Markup(html + Markup("</ul>\n"))  # noqa: S704 - every value in it is escaped
