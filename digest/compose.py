"""Composes a site in thought: reads, converts, assembles, links and plans; writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from digest import config as settings
from digest import theme as themes
from digest.assemble import Choice, assemble, choose
from digest.check import menu_links, rooted_links
from digest.config import Config, Loaded
from digest.discover import Discovered, discover, read
from digest.errors import ContentError, DigestError, Problem, Where, has_errors
from digest.links import link
from digest.locale import Locale, load_locale
from digest.markup import Converter, MarkupLabels, MarkupSettings, locate, typeset
from digest.model import Body, Copy, Document, Linked, Site, SourceFile
from digest.parallel import spread
from digest.parse import Parsed, parse
from digest.plan import Edition, Plan, plan
from digest.related import Settings as RelatedSettings
from digest.related import relate
from digest.theme import Theme

Progress = Callable[[str, int, int], None]
"""Called with a stage, items done and items in all."""


CACHE = ".digest"
"""The site's cache folder: may be deleted at any time, and carried between machines."""

MARKER = "Baca Juga"
"""A lone line that asks for related articles in every language, beside the locale's own words."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What one run is asked for, beside the settings of the site."""

    site: Path
    now: datetime
    output: Path | None = None
    drafts: bool = False
    future: bool = False
    jobs: int = 1
    strict: bool = False
    force: bool = False
    keep: bool = True
    """Whether the cache may be written."""


class Composed(msgspec.Struct, frozen=True):
    """A site that is complete in thought: nothing is rendered or written yet."""

    loaded: Loaded
    theme: Theme
    locale: Locale
    edition: Edition
    plan: Plan
    problems: tuple[Problem, ...]

    @property
    def site(self) -> Site:
        """The assembled site."""
        return self.edition.site


def compose(options: Options, progress: Progress) -> Composed:
    """Read, convert, assemble, link and plan the site; the first half of every command.

    Raises ContentError or ConfigError with all problems found.
    """
    loaded = settings.load(options.site)
    config, root = loaded.config, loaded.root
    language = loaded.place("language")
    locale = load_locale(config.language, config.zone, root, config.dates, language)
    theme = themes.load(root, config.theme.name, config.theme.options, loaded.place)
    found = discover(root, content=config.content)
    documents, unread = read_documents(found, config, options.jobs, progress)
    choice = choose(documents, options.now, drafts=options.drafts, future=options.future)
    markup = markup_settings(config, locale)
    bodies, unconverted = convert(choice, markup, options.jobs, progress)
    signs = partial(typeset, quotes=locale.quotes) if config.markup.typography else str
    site, oddities = assemble(choice, bodies, config.permalinks, config.zone, signs)
    locate = Locator(documents, root)
    linked = _linked(site, loaded, found, documents, locate)
    relations = relate(site.articles, linked, related_settings(root, locale, options))
    edition = Edition(
        config=config,
        locale=locale,
        site=site,
        linked=linked,
        related=relations,
        now=options.now,
    )
    copies, outside = statics(root, config)
    planned = plan(edition, copies)
    astray = _astray(edition, loaded, _files(planned, theme, config), locate)
    problems = [*found.problems, *unread, *unconverted, *oddities, *linked.problems]
    problems += [*relations.problems, *outside, *planned.problems, *astray]
    kept = settled(problems, strict=options.strict)
    return Composed(loaded, theme, locale, edition, planned, kept)


def _linked(
    site: Site,
    loaded: Loaded,
    found: Discovered,
    documents: Iterable[Document],
    locate: Locator,
) -> Linked:
    readable = {document.path for document in documents}
    return link(
        site,
        root=loaded.root,
        content=loaded.config.content,
        static=loaded.config.static,
        assets=frozenset(found.assets),
        broken=frozenset(file.path for file in found.files if file.path not in readable),
        prefix=loaded.config.prefix,
        locate=locate,
    )


def _astray(
    edition: Edition, loaded: Loaded, files: frozenset[str], locate: Locator
) -> Iterator[Problem]:
    """Links to paths of the site where nothing will be published."""
    yield from rooted_links(edition.site, edition.linked, files, locate)
    menu = enumerate(loaded.config.menu)
    placed = [(item.url, loaded.place("menu", n, "url")) for n, item in menu]
    yield from menu_links(placed, files)


def related_settings(root: Path, locale: Locale, options: Options) -> RelatedSettings:
    """How the articles of the site in ``root`` are related."""
    return RelatedSettings(root / CACHE / "related", locale.common, options.jobs, options.keep)


def settled(problems: Iterable[Problem], *, strict: bool = False) -> tuple[Problem, ...]:
    """The problems in order; raises ContentError when one of them stops a build."""
    found = tuple(sorted(problems, key=Problem.sort_key))
    if has_errors(found, strict=strict):
        raise ContentError(found)
    return found


def lost_item(name: str, exitcode: int | None, doing: str) -> Problem:
    """The problem of an item whose worker process ended on it."""
    return Problem("D203", f"{doing} it ended the process (exit {exitcode})", Where(name))


def read_documents(
    found: Discovered, config: Config, jobs: int, progress: Progress
) -> tuple[list[Document], list[Problem]]:
    """Read and parse every content file."""
    zone = config.zone

    def work(file: SourceFile) -> Parsed:
        try:
            return parse(file, read(file), zone=zone)
        except DigestError as error:
            return Parsed(None, error.problems)

    results = spread(
        found.files,
        work,
        jobs=jobs,
        lost=lambda file, code: Parsed(None, (lost_item(file.path, code, "reading"),)),
        tick=lambda done: progress("read", done, len(found.files)),
    )
    documents = [result.document for result in results if result.document is not None]
    return documents, [problem for result in results for problem in result.problems]


def markup_settings(config: Config, locale: Locale) -> MarkupSettings:
    """The settings of the Markdown converter for a site."""
    t = locale.t
    return MarkupSettings(
        raw_html=config.markup.raw_html,
        quotes=locale.quotes,
        typography=config.markup.typography,
        external_rel=config.markup.external_rel,
        read_also=(*locale.markers, MARKER),
        site_hosts=((urlsplit(config.base_url).hostname or "").lower(),),
        max_bytes=config.markup.max_bytes,
        time_limit=config.markup.time_limit,
        auto_after=config.related.auto_after if config.related.inline else 0,
        auto_words=config.related.auto_words,
        labels=MarkupLabels(
            table=t("table_n", n="{n}"),
            footnotes=t("footnotes"),
            backlink=t("footnote_back", n="{n}"),
        ),
    )


def convert(
    choice: Choice, markup: MarkupSettings, jobs: int, progress: Progress
) -> tuple[dict[str, Body], list[Problem]]:
    """Convert the Markdown of all chosen documents; bodies are keyed by path."""
    documents = [document for document, _ in choice.shown]
    converter = Converter(markup)

    def work(document: Document) -> tuple[Body | None, tuple[Problem, ...]]:
        done = converter.convert(document.text, path=document.path, first_line=document.line)
        return done.body, done.problems

    results = spread(
        documents,
        work,
        jobs=jobs,
        lost=lambda document, code: (None, (lost_item(document.path, code, "converting"),)),
        tick=lambda done: progress("convert", done, len(documents)),
    )
    bodies = {
        document.path: body
        for document, (body, _) in zip(documents, results, strict=True)
        if body is not None
    }
    return bodies, [problem for _, problems in results for problem in problems]


class Locator:
    """Finds the place of a link or image in its file; called only for what is broken."""

    def __init__(self, documents: Iterable[Document], root: Path) -> None:
        self._documents = {document.path: document for document in documents}
        self._root = root

    def __call__(self, path: str, target: str, nth: int) -> Where:
        """The ``nth`` (from 0) place of ``target`` in the text of ``path``, else in its head."""
        document = self._documents[path]
        line, column, source = locate(document.text, target, nth, document.line)
        if line:
            return Where(path, line, column, source)
        return self._in_front_matter(path, target)

    def _in_front_matter(self, path: str, target: str) -> Where:
        text = (self._root / path).read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if target in line:
                return Where(path, number, line.index(target) + 1, line)
        return Where(path, 1)


def statics(root: Path, config: Config) -> tuple[list[Copy], list[Problem]]:
    """Files of the site's static folder, published as they are; dotfiles but .well-known are not.

    Links are followed inside the site only (D305).
    """
    folder = root / config.static
    copies, problems = [], []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(p.startswith(".") and p != ".well-known" for p in name.split("/"))
        if hidden or not path.is_file():
            continue
        owner = path.relative_to(root).as_posix()
        if path.resolve().is_relative_to(root.resolve()):
            copies.append(Copy(name, path, owner))
        else:
            message = "this link leads out of the site and is not published"
            problems.append(Problem("D305", message, Where(owner), "copy the file here instead"))
    return copies, problems


def _files(planned: Plan, theme: Theme, config: Config) -> frozenset[str]:
    """Every output file of the site."""
    assets = {config.permalinks.assets.lstrip("/") + a.url for a in theme.assets.values()}
    copies = {copy.file for copy in planned.copies}
    return frozenset({target.file for target in planned.targets} | copies | assets)
