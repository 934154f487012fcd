"""A URL becomes the page or file behind it, made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from hashlib import blake2b
from pathlib import Path
from typing import Literal

import msgspec

from digest.compose import Composed
from digest.errors import ContentError, Problem
from digest.memo import Memo
from digest.plan import Target
from digest.preview.patch import Patched
from digest.render import Renderer, RenderError
from digest.theme import Theme

Status = Literal[200, 404, 503]


class Page(msgspec.Struct, frozen=True):
    """A page as browsers get it: ``mark`` changes with its bytes, ``url`` is its own.

    ``problems`` are those of making it; then ``html`` is the last that could be made, or nothing.
    """

    url: str
    html: bytes
    mark: str
    status: Status = 200
    source: str = ""
    problems: tuple[Problem, ...] = ()


class File(msgspec.Struct, frozen=True):
    """A file that is published as it is: its bytes, or where they are."""

    name: str
    data: bytes | None = None
    path: Path | None = None
    make: Callable[[], bytes] | None = None
    """Makes the bytes, in any thread: for what takes too long to stand before an edit."""


class Elsewhere(msgspec.Struct, frozen=True):
    """The page has this URL."""

    url: str


def mark_of(html: bytes) -> str:
    """A short digest of a page."""
    return blake2b(html, digest_size=8).hexdigest()


class Tables:
    """What is where in a composed site: its targets and files by path."""

    def __init__(self, composed: Composed) -> None:
        self.targets: dict[str, Target] = {}
        self.own: dict[str, Target] = {}
        for target in composed.plan.targets:
            self.targets.setdefault(target.file, target)
            if target.source and target.group != "redirect":
                self.own.setdefault(target.source, target)
        self.made = {file.file: file for file in composed.plan.files}
        self.copies = {copy.file: copy.source for copy in composed.plan.copies}

    def target(self, path: str) -> Target | None:
        """The target whose page is at a path."""
        return self.targets.get(file_of(path))


def file_of(path: str) -> str:
    """The file that a server shows for a path."""
    file = path.lstrip("/")
    return file + "index.html" if file == "" or file.endswith("/") else file


class Pages:
    """Makes pages of one site; keeps what browsers are looking at.

    State: the renderer of the present theme, and the last good page of each URL that was kept.
    """

    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self._renderer: Renderer | None = None
        self._kept: dict[str, Page] = {}
        self._assets: dict[str, bytes] = {}

    def dress(
        self, theme: Theme, composed: Composed, templates: Collection[str] | None = None
    ) -> None:
        """Use a theme as it is now; ``templates`` are those that changed, None for any."""
        folder, last = composed.loaded.config.permalinks.assets, self._renderer
        if last is not None and templates is not None and _is_alike(last.theme, theme):
            last.renew(theme, templates)
        else:
            self._renderer = self._made(theme, composed)
        now = {folder.lstrip("/") + asset.url: asset.data for asset in theme.assets.values()}
        # A page that is shown still asks for what the theme had before.
        self._assets = {**self._before(now), **now}

    def _made(self, theme: Theme, composed: Composed) -> Renderer:
        from digest.templates import Compiled  # lazy: Jinja

        compiled = Compiled(self._memo.load, self._memo.save)
        folder = composed.loaded.config.permalinks.assets
        return Renderer(theme, composed.locale, folder, compiled)

    def _before(self, now: dict[str, bytes]) -> dict[str, bytes]:
        old = {name: data for name, data in self._assets.items() if name not in now}
        return dict(list(old.items())[-OLD_ASSETS:])

    def keep_only(self, urls: set[str]) -> None:
        """Forget the pages of all other URLs."""
        self._kept = {url: page for url, page in self._kept.items() if url in urls}

    def find(self, path: str, patched: Patched, tables: Tables) -> Page | File | Elsewhere:
        """What is at a path of the site, without its prefix; the 404 page where nothing is."""
        file = file_of(path)
        target = tables.targets.get(file)
        if target is not None:
            return self.make(target, path, patched)
        if file in self._assets:
            return File(file, data=self._assets[file])
        if file in tables.copies:
            return File(file, path=tables.copies[file])
        if file in tables.made:
            found = tables.made[file]
            if found.costly:
                return File(file, make=found.make)
            return File(file, data=found.make())
        if f"{file}/index.html" in tables.targets:
            return Elsewhere(path + "/")
        missing = tables.targets.get("404.html")
        if missing is None:
            return Page(path, b"", "", 404)
        page = self.make(missing, path, patched)
        return msgspec.structs.replace(page, status=404)

    def make(self, target: Target, path: str, patched: Patched) -> Page:
        """The page of a target as it is now, under the path it was asked for."""
        assert self._renderer is not None  # noqa: S101 - ``dress`` comes first
        target = patched.target(target)
        printer = patched.edition.printer(target.url, fixed=target.group == "404")
        problem: Problem | None
        try:
            view = target.view(printer)
            site = printer.site(target.section)
            html = self._renderer.render(target.template, site, view, printer.href)
            problem = None
        except ContentError as error:
            problem = error.problems[0]
        except RenderError as error:
            problem = error.problem
        if problem is not None:
            return self._last(path, target, problem)
        page = Page(path, html, mark_of(html), 200, target.source)
        self._kept[path] = page
        return page

    def _last(self, path: str, target: Target, problem: Problem) -> Page:
        """The last good page of a path, with what keeps it from being a newer one."""
        kept = self._kept.get(path)
        if kept is None:
            return Page(path, b"", "", 503, target.source, (problem,))
        return msgspec.structs.replace(kept, problems=(problem,))


def _is_alike(old: Theme, new: Theme) -> bool:
    """Whether two states of a theme differ in nothing but assets and templates."""
    return (old.layers, old.options) == (new.layers, new.options)


OLD_ASSETS = 40
"""Assets of earlier states of the theme that are still served."""
