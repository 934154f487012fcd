"""Composes a site in thought: reads, converts, assembles, links and plans; writes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from digest import config as settings
from digest import programs
from digest import theme as themes
from digest.assemble import Choice, Moment, assemble, choose
from digest.assemble.editions import Editions, is_edition, with_editions
from digest.check import menu_links, rooted_links
from digest.check.newsroom import unsourced
from digest.config import Config, Loaded
from digest.discover import Discovered, discover
from digest.errors import ContentError, Problem, Where, has_errors
from digest.gather import Gathered, Library, Recipe, gather
from digest.links import link
from digest.locale import Locale, load_locale
from digest.markup import MarkupLabels, MarkupSettings, locate
from digest.memo import Memo
from digest.model import Copy, Linked, Site
from digest.parallel import THRESHOLD
from digest.parse import text_of
from digest.plan import Edition, Plan, plan
from digest.related import Engine, relate
from digest.related import Settings as RelatedSettings
from digest.seals import seal_of
from digest.seals import settled as settled_seal
from digest.theme import Theme
from digest.translations import translations

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
    cache: bool = True
    """Whether what earlier builds kept may be used."""

    @property
    def moment(self) -> Moment:
        """When the site is made, and what it shows beside what is public then."""
        return Moment(self.now, self.drafts, self.future)


class Survey(msgspec.Struct, frozen=True):
    """Everything a site is made from, listed and not yet read; ``theme`` is where to look for it.

    ``problems`` are those of the listing.
    """

    loaded: Loaded
    found: Discovered
    statics: tuple[Copy, ...]
    problems: tuple[Problem, ...]

    def digest(self, options: Options) -> bytes:
        """16 bytes that change with everything a build reads, apart from the time it is made for.

        Raises ConfigError when there is no such theme.
        """
        loaded, root = self.loaded, self.loaded.root
        hashed = blake2b(digest_size=16)
        said = [options.drafts, options.future, options.strict, loaded.file, loaded.text]
        hashed.update(f"{programs.signature()}\0{said}\0".encode())
        layers, _ = themes.find(root, loaded.config.theme.name, loaded.place)
        hashed.update(themes.digest_of(layers))
        hashed.update(themes.digest_of([themes.Layer("locales", root / "locales")]))
        for path, seal in self._seals():
            hashed.update(f"{path}\0".encode("utf-8", "surrogateescape") + seal)
        return hashed.digest()

    def settled(self, clock: int) -> bool:
        """Whether every file was left alone for long enough before ``clock`` (ns since 1970).

        Only then do equal seals mean equal files; see ``seals``.
        """
        return all(seal and settled_seal(seal, clock) for _, seal in self._seals())

    def _seals(self) -> Iterator[tuple[str, bytes]]:
        for file in self.found.files:
            yield file.path, file.seal
        yield from self.found.assets.items()
        for copy in self.statics:
            yield copy.owner, copy.seal


class Composed(msgspec.Struct, frozen=True):
    """A site that is complete in thought: nothing is rendered or written yet."""

    loaded: Loaded
    theme: Theme
    locale: Locale
    edition: Edition
    plan: Plan
    library: Library
    problems: tuple[Problem, ...]

    @property
    def site(self) -> Site:
        """The assembled site."""
        return self.edition.site


def survey(loaded: Loaded) -> Survey:
    """List the files of the site."""
    found = discover(loaded.root, content=loaded.config.content)
    copies, outside = statics(loaded.root, loaded.config)
    return Survey(loaded, found, tuple(copies), (*found.problems, *outside))


def open_memo(root: Path, options: Options) -> Memo:
    """The store of the site in ``root``; without the cache one that holds nothing."""
    return Memo(root / CACHE if options.cache else None, programs.signature(), keep=options.keep)


def compose(options: Options, progress: Progress) -> Composed:
    """The first half of every command: ``composed`` with a survey and a store of its own."""
    surveyed = survey(settings.load(options.site))
    with open_memo(surveyed.loaded.root, options) as memo:
        return composed(surveyed, memo, options, progress)


def composed(surveyed: Survey, memo: Memo, options: Options, progress: Progress) -> Composed:
    """Read, convert, assemble, link and plan the site.

    Raises ContentError or ConfigError with all problems found.
    """
    loaded, found = surveyed.loaded, surveyed.found
    locale, theme = dressed(loaded)
    library = library_of(loaded, locale, options, memo)
    total = len(found.files)
    relating = related_settings(loaded.root, locale, library, options)
    with Engine(relating, beside=total >= THRESHOLD) as engine:
        gathered = gather(
            found, library, jobs=options.jobs, tick=lambda done: progress("read", done, total)
        )
        site = joined(surveyed, locale, theme, gathered, library, options, engine)
        problems = (*site.problems, *site.edition.related.problems)
    return msgspec.structs.replace(site, problems=settled(problems, strict=options.strict))


def dressed(loaded: Loaded) -> tuple[Locale, Theme]:
    """The language and the theme of a site. Raises ConfigError."""
    config, root = loaded.config, loaded.root
    language = loaded.place("language")
    locale = load_locale(config.language, config.zone, root, config.dates, language)
    return locale, themes.load(root, config.theme.name, config.theme.options, loaded.place)


def library_of(loaded: Loaded, locale: Locale, options: Options, memo: Memo) -> Library:
    """Makes the contents of a site as its settings ask for."""
    config = loaded.config
    recipe = Recipe(config.timezone, markup_settings(config, locale), locale.common)
    return Library(loaded.root, recipe, config.zone, options.moment, memo)


def joined(
    surveyed: Survey,
    locale: Locale,
    theme: Theme,
    gathered: Gathered,
    library: Library,
    options: Options,
    engine: Engine | None = None,
) -> Composed:
    """Assemble, link and plan what was gathered; all problems are told, none is raised.

    An ``engine`` that was made early ranks beside the rest; without one articles are related when
    somebody asks. Problems of that are not among those of the site.
    """
    loaded, found = surveyed.loaded, surveyed.found
    config, root = loaded.config, loaded.root
    choice = choose(gathered.contents, options.moment)
    locate = Locator(root)
    site, oddities = assemble(choice, config.permalinks, config.zone, locate.front)
    site, astray = with_editions(site, _editions(gathered, choice, config), locate.front)
    oddities = (*oddities, *astray, *unsourced(site, config.sources.missing))
    linked = _linked(site, loaded, found, gathered, locate)
    versions, untranslated = translations(site, locale.language, locate)
    settings = related_settings(root, locale, library, options)
    relating = partial(relate, site.articles, linked, settings)
    relations = relating(engine) if engine else lambda: relating()()
    edition = Edition(
        config=config,
        locale=locale,
        site=site,
        linked=linked,
        relate=relations,
        now=options.now,
        prose=library.prose,
        versions=versions,
        images=root / CACHE / "images" if options.cache and options.keep else None,
        assets={name: config.permalinks.assets + a.url for name, a in theme.assets.items()},
    )
    planned = plan(edition, surveyed.statics, theme)
    leading = _astray(edition, loaded, _files(planned, theme, config), locate)
    problems = [*surveyed.problems, *gathered.problems, *_warnings(gathered, choice), *oddities]
    problems += [*linked.problems, *planned.problems, *leading, *untranslated]
    return Composed(loaded, theme, locale, edition, planned, library, tuple(problems))


def _warnings(gathered: Gathered, choice: Choice) -> Iterator[Problem]:
    """What is odd in files that could be read: all front matters, and the texts that are shown."""
    for content in gathered.contents:
        yield from content.flaws
    for content, _ in choice.shown:
        yield from content.oddities


def _editions(gathered: Gathered, choice: Choice, config: Config) -> Editions:
    """What the editions of the site are made from."""
    return Editions(
        tuple(each for each in gathered.contents if is_edition(each)),
        tuple((each, state) for each, state in choice.shown if is_edition(each)),
        config.permalinks.edition,
        config.editions.collect,
        config.zone,
        config.content,
    )


def _linked(
    site: Site, loaded: Loaded, found: Discovered, gathered: Gathered, locate: Locator
) -> Linked:
    readable = {content.path for content in gathered.contents}
    return link(
        site,
        root=loaded.root,
        content=loaded.config.content,
        static=loaded.config.static,
        assets=found.assets,
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


def related_settings(
    root: Path, locale: Locale, library: Library, options: Options
) -> RelatedSettings:
    """How the articles of the site in ``root`` are related."""
    store = root / CACHE / "related" if options.cache else None
    return RelatedSettings(library.words, store, locale.common, options.jobs, options.keep)


def settled(problems: Iterable[Problem], *, strict: bool = False) -> tuple[Problem, ...]:
    """The problems in order; raises ContentError when one of them stops a build."""
    found = tuple(sorted(problems, key=Problem.sort_key))
    if has_errors(found, strict=strict):
        raise ContentError(found)
    return found


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


class Locator:
    """Finds the place of a link or image in its file; called only for what is broken."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def front(self, path: str, text: str, nth: int) -> Where:
        """The ``nth`` (from 0) place of a word or title in the front matter of ``path``."""
        try:
            lines = (self._root / path).read_bytes().decode("utf-8-sig", "replace").splitlines()
        except OSError:
            return Where(path)
        word = re.compile(rf"(?<![\w/-]){re.escape(text)}(?![\w/-])")
        closing = next((n for n, line in enumerate(lines) if n and line.rstrip() == "---"), 0)
        places = [
            Where(path, number, found.start() + 1, line)
            for number, line in enumerate(lines[:closing], start=1)
            for found in word.finditer(line)
        ]
        return places[min(nth, len(places) - 1)] if places else Where(path, 1)

    def __call__(self, path: str, target: str, nth: int) -> Where:
        """The ``nth`` (from 0) place of ``target`` in the text of ``path``, else in its head."""
        try:
            data = (self._root / path).read_bytes()
        except OSError:
            return Where(path)
        text, first = text_of(path, data)
        line, column, source = locate(text, target, nth, first)
        if line:
            return Where(path, line, column, source)
        for number, line_ in enumerate(data.decode(errors="replace").splitlines(), start=1):
            if target in line_:
                return Where(path, number, line_.index(target) + 1, line_)
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
            copies.append(Copy(name, path, owner, _seal(path)))
        else:
            message = "this link leads out of the site and is not published"
            problems.append(Problem("D305", message, Where(owner), "copy the file here instead"))
    return copies, problems


def _seal(path: Path) -> bytes:
    try:
        return seal_of(path.stat())
    except OSError:
        return b""  # gone: whoever copies it will tell


def _files(planned: Plan, theme: Theme, config: Config) -> frozenset[str]:
    """Every output file of the site."""
    assets = {config.permalinks.assets.lstrip("/") + a.url for a in theme.assets.values()}
    copies = {copy.file for copy in planned.copies}
    pages = {target.file for target in planned.targets}
    made = {file.file for file in planned.files}
    return frozenset(pages | made | copies | assets)
