"""The desk: the site in memory, what browsers look at, and what to do when a file changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

import msgspec

from digest.compose import Options, Survey, statics, survey
from digest.config import find_site
from digest.discover import discover
from digest.errors import DigestError, Problem
from digest.model import AnyContent, Article
from digest.model import Page as ArticlePage
from digest.preview.changes import Changes, Map
from digest.preview.composer import Composer, Done, Order, compose_order
from digest.preview.pages import Elsewhere, File, Page, Pages, Tables
from digest.preview.patch import Patched, patched, whole
from digest.preview.setup import (
    Setup,
    at_this_moment,
    dressed_anew,
    make_setup,
    set_up_otherwise,
    shared_memo,
)
from digest.preview.sight import Sight
from digest.preview.stock import Stock
from digest.preview.trouble import Places, Trouble, errors


class Audience(Protocol):
    """The browsers: what they look at, and how they are told."""

    def looked_at(self) -> Mapping[str, str]:
        """The paths of all open pages (without prefix), with the mark of what they show."""

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message to every browser."""


class Desk:
    """Used by one thread only. ``say`` speaks to the terminal.

    State: the setup, the stock of contents, the site as composed and patched, and its troubles.
    """

    def __init__(
        self,
        options: Options,
        pattern: str,
        say: Callable[[tuple[Problem, ...]], None],
        *,
        follow: bool = False,
        fixed: bool = False,
    ) -> None:
        self.root, _ = find_site(options.site)
        self._asked, self._pattern, self._say = options, pattern, say
        self._follow, self._fixed = follow, fixed
        self.memo = shared_memo(self.root, options)
        self.trouble = Trouble()
        self.setup: Setup | None = None
        self.patched: Patched | None = None
        self._tables: Tables | None = None
        self._stock = Stock()
        self._surveyed: Survey | None = None
        self._pages = Pages(self.memo)
        self._audience: Audience | None = None
        self._composer: Composer | None = None
        self._edit = self._set_up_at = 0
        self._edits: dict[str, int] = {}
        self._sight = Sight()
        self._until: datetime | None = None
        self._shown_from: dict[str, str] = {}
        self._leading = ""
        self._told: tuple[Problem, ...] | None = None
        self.due = 0
        """Whether the site is to be composed anew: 0 no, 1 now, 2 when there is time."""

    # beginning

    def open(self) -> None:
        """Read the whole site and compose it; what is wrong is kept for the browsers."""
        self._set_up()
        self.memo.shrink()
        self._tell_problems()

    def attend(self, audience: Audience, composer: Composer) -> None:
        """From now on tell browsers, and compose in the background."""
        self._audience, self._composer = audience, composer
        audience.tell(self.trouble.message(self.places))

    def folders(self) -> tuple[list[Path], list[Path]]:
        """What to watch: with all below, and only what is directly inside."""
        root = self.root
        names = ["content", "static", "themes", "overrides", "locales"]
        deep = [root / name for name in names]
        if self.setup is not None:
            config = self.setup.loaded.config
            deep += [root / config.content, root / config.static]
            deep += [layer.folder for layer in self.setup.theme.layers]
        return deep, [root, *map(Path, sorted(self._stock.folders()))]

    # what browsers ask

    def show(self, path: str) -> Page | File | Elsewhere:
        """What is at a path of the site (without prefix)."""
        if self.patched is None or self._tables is None:
            return Page(path, b"", "", 503)
        found = self._pages.find(path, self.patched, self._tables)
        if isinstance(found, Page):
            self._note_page(found)
        return found

    def serve(self, path: str) -> Page | File | Elsewhere:
        """What is at a path, for a browser that fetches it."""
        found = self.show(path)
        if isinstance(found, Page) and found.status == 200:
            self._sight.served(found.url, found.source)
        return found

    @property
    def can_be_proofread(self) -> bool:
        """Whether nothing is known to be wrong that would keep all pages from being made."""
        return self.setup is not None and not errors([*self.trouble.settings, *self.trouble.site])

    def source_of(self, path: str) -> str:
        """The file behind a page; "" for one that is made of many."""
        target = self._tables.target(path) if self._tables else None
        return target.source if target is not None else ""

    def node_of(self, path: str) -> Article | ArticlePage | None:
        """The article or page whose own page is at a path, as it is now."""
        source = self.source_of(path)
        if not source or self.patched is None:
            return None
        own = self._tables is not None and self._tables.own.get(source) is self._tables.target(path)
        return self.patched.edition.by_path.get(source) if own else None

    @property
    def prefix(self) -> str:
        """The path of the site's base URL."""
        return self.setup.loaded.config.prefix if self.setup else ""

    @property
    def shows(self) -> tuple[bool, bool]:
        """Whether drafts and scheduled items are shown."""
        return self._asked.drafts, self._asked.future

    def reveal(self, *, drafts: bool, future: bool) -> None:
        """Show drafts and scheduled items, or do not."""
        if (drafts, future) != self.shows:
            self._asked = msgspec.structs.replace(self._asked, drafts=drafts, future=future)
            self._set_up()
            self.refresh()

    def refresh(self) -> Collection[str]:
        """Send pages that are looked at and are not what they show, then what is wrong.

        Returns the paths that are looked at.
        """
        if self._audience is None:
            return ()
        looked = self._audience.looked_at()
        self._pages.keep_only(set(looked))
        self.trouble.pages = {}
        for path, mark in looked.items():
            page = self.show(path)
            if not isinstance(page, Page):
                continue
            if page.mark != mark and page.status != 503:
                self._send_page(page)
        if self._follow and self._leading:
            self._lead(looked)
        self._tell_problems()
        return looked

    def _lead(self, looked: Mapping[str, str]) -> None:
        """Send browsers to the page of the file that was edited last, unless one is there."""
        assert self._audience is not None  # noqa: S101 - see ``refresh``
        target = self._tables.own.get(self._leading) if self._tables else None
        if target is not None:
            self._leading = ""
            if unquote(target.url) not in looked:
                self._audience.tell({"type": "follow", "to": self.prefix + target.url})

    def _send_page(self, page: Page) -> None:
        moved = self._moved_to(page) if page.status == 404 else ""
        assert self._audience is not None  # noqa: S101 - see ``refresh``
        if moved:
            self._audience.tell({"type": "moved", "path": page.url, "to": self.prefix + moved})
            return
        told = {"path": page.url, "mark": page.mark, "html": page.html.decode()}
        moves = self._sight.moves(page.url, page.source)
        self._audience.tell({"type": "page", **told, "moves": moves})

    def _moved_to(self, page: Page) -> str:
        """Where the file behind a page that is gone has its page now; "" when it has none."""
        source = self._shown_from.get(page.url, "")
        target = self._tables.own.get(source) if self._tables and source else None
        return target.url if target is not None else ""

    def _note_page(self, page: Page) -> None:
        """Remember what is behind a page, and what is wrong with it."""
        if page.source:
            self._shown_from[page.url] = page.source
        if page.problems:
            self.trouble.pages[page.url] = page.problems
        else:
            self.trouble.pages.pop(page.url, None)

    def _tell_problems(self) -> None:
        """Tell what is wrong when that is not what was told last."""
        problems = self.trouble.all()
        if problems != self._told:
            new = tuple(problem for problem in problems if problem not in (self._told or ()))
            self._told = problems
            self._say(new)
            if self._audience is not None:
                self._audience.tell(self.trouble.message(self.places))

    @property
    def places(self) -> Places:
        """Finds the files that problems name."""
        return Places(self.setup, self.root, self._pattern)

    # what changes

    def changed(self, paths: Iterable[str]) -> Changes:
        """Take in files that changed: the pages on screen first, then the rest in the background.

        Without a usable setup everything is tried anew.
        """
        if self.setup is None or self.patched is None:
            self._set_up()
            self.refresh()
            return Changes(settings=True)
        place = Map(self.setup.loaded, self.setup.theme.layers)
        changes = place.sort(paths, self._stock.contents.keys() | self._stock.flaws.keys())
        if changes.settings and not self.trouble.settings:
            # A folder that is watched from now on counts as changed: to read a large site again
            # for that would keep its first reader waiting.
            changes.settings = set_up_otherwise(self.setup)
        if not changes.some:
            return changes
        if changes.settings:
            self._set_up()
        else:
            self._take(changes)
        self._leading = max(changes.edited, default=self._leading)
        self.refresh()
        if changes.statics and self._audience is not None:
            files = sorted(self.prefix + path for path in changes.statics)
            self._audience.tell({"type": "files", "paths": files})
        return changes

    def _take(self, changes: Changes) -> None:
        assert self.setup is not None  # noqa: S101 - see ``changed``
        if changes.theme or changes.templates:
            self._dress(changes.templates, whole_theme=changes.theme)
        self._edit += 1
        lists = False
        for path in sorted(changes.edited):
            before = self._stock.contents.get(path)
            now = self._stock.read(path, self.setup.library)
            self._edits[path] = self._edit
            lists = lists or now is None or before is None or _shows_in_lists(before, now)
        if changes.listing or changes.statics:
            lists = self._list() or bool(changes.statics) or lists
        self._sight.edited(changes.edited, self._edit)
        if changes.edited:
            self._patch()
        if changes.edited or lists:
            self.due = 1 if lists or self.due == 1 else 2

    def _list(self) -> bool:
        """List the files of the site anew, and read what is new; whether there is a change."""
        assert self.setup is not None  # noqa: S101 - see ``changed``
        loaded = self.setup.loaded
        before = self._surveyed
        found = discover(loaded.root, content=loaded.config.content)
        copies, outside = statics(loaded.root, loaded.config)
        read = self._stock.follow(found, loaded.config.content, self.setup.library)
        self._edits.update(dict.fromkeys(read, self._edit))
        self._sight.edited(read, self._edit)
        self._leading = max(read, default=self._leading)
        problems = (*self._stock.found.problems, *outside)
        self._surveyed = Survey(loaded, self._stock.found, tuple(copies), problems)
        return self._surveyed != before

    def _dress(self, templates: set[str], *, whole_theme: bool) -> None:
        """Use the theme as it is now; a broken one leaves the last in place."""
        assert self.setup is not None  # noqa: S101 - see ``changed``
        assert self.patched is not None  # noqa: S101 - see ``changed``
        try:
            if whole_theme or self.trouble.settings:
                self.setup = dressed_anew(self.setup)
            self.trouble.settings = ()
            self._pages.dress(self.setup.theme, self.patched.composed, templates)
        except DigestError as error:
            self.trouble.settings = error.problems

    def _patch(self) -> None:
        """Put the edits that the composed site does not hold yet on top of it."""
        assert self.patched is not None  # noqa: S101 - see ``changed``
        fresh = [self._stock.contents[path] for path in self._edits if path in self._stock.contents]
        broken = frozenset(self._stock.flaws)
        self.patched = patched(self.patched.composed, fresh, self._stock.found, broken)
        self._settle()

    def _settle(self) -> None:
        """Gather the problems of the site: of what was made, and of files that cannot be read."""
        assert self.patched is not None  # noqa: S101 - callers have one
        flaws = self._stock.gathered().problems
        files = set(self._stock.flaws)
        mended = self._edits.keys() - files
        kept = [
            problem
            for problem in self.patched.problems
            if problem.where is None
            or problem.where.path not in files | mended
            or problem.where.path in self.patched.nodes
        ]
        self.trouble.site = tuple(dict.fromkeys([*kept, *flaws]))

    # composing

    def _set_up(self) -> None:
        """Read settings and theme and fill the stock; with broken ones all stays as it was."""
        self._edit += 1
        try:
            setup = make_setup(self._asked, self.memo)
        except DigestError as error:
            self.trouble.settings = error.problems
            return
        self.trouble.settings = ()
        surveyed = survey(setup.loaded)
        self._stock.fill(surveyed.found, setup.library, setup.options.jobs)
        self.setup, self._surveyed, self._edits = setup, surveyed, {}
        self._set_up_at = self._edit
        done = compose_order(self._made_order(), hurried=True)
        if done.composed is not None:
            self._pages.dress(setup.theme, done.composed)
        self.adopt(done)

    def _made_order(self) -> Order:
        assert self.setup is not None  # noqa: S101 - callers have one
        assert self._surveyed is not None  # noqa: S101 - set with the setup
        if not self._fixed:
            self.setup = at_this_moment(self.setup)
            self._stock.awaken(self.setup.library)
        return Order(self._edit, self.setup, self._surveyed, self._stock.gathered())

    def compose(self) -> None:
        """Have the site composed anew, behind what is shown already."""
        self.due = 0
        if self.setup is None:
            return
        order = self._made_order()
        if self._composer is None:
            self.adopt(compose_order(order))
        else:
            self._composer.order(order)

    def adopt(self, done: Done) -> None:
        """Show a site that was composed; edits made since are put on top of it.

        One from before the settings were read anew is of another site.
        """
        if done.order.edit < self._set_up_at:
            return
        if done.composed is None or done.tables is None:
            error = done.error
            problems = error.problems if isinstance(error, DigestError) else ()
            said = Problem("D423", f"the site could not be composed: {error!r}")
            self.trouble.settings = problems or (said,)
            self.refresh()
            return
        self._edits = {path: edit for path, edit in self._edits.items() if edit > done.order.edit}
        self._tables, self.patched = done.tables, whole(done.composed)
        self._until = None if self._fixed else done.until
        if self._edits:
            self._patch()
        else:
            self._settle()
        looked = self.refresh()
        self._sight.composed(done.order.edit, looked)

    # the clock

    def patience(self) -> float:
        """Seconds until the clock alone changes the site."""
        return inf if self._until is None else (self._until - datetime.now(UTC)).total_seconds()

    def look_at_the_clock(self) -> bool:
        """Whether something has become due or has expired, so that the site is composed anew."""
        if self.patience() > 0:
            return False
        self._until, self.due = None, 1
        return True


def _shows_in_lists(before: AnyContent, now: AnyContent) -> bool:
    """Whether pages of others may show the difference at once."""
    return before.card != now.card or before.front != now.front
