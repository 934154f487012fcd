"""A view and a template become the bytes of a page; a template's failure becomes a problem.

Jinja is loaded by the first ``Renderer``: a build that renders nothing does without.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup

from digest.errors import ConfigError, Problem, Where
from digest.locale import Locale
from digest.structured import script_text
from digest.text import line_at, suggest
from digest.theme import Theme
from digest.urls import Href
from digest.views import PageView, Site

if TYPE_CHECKING:
    from digest.templates import Compiled


PARTIALS = 20_000
"""Partials kept in a process; about 15 MB."""


Part = Callable[[str, dict[str, object]], Markup]
"""Renders a template with some values."""


class RenderError(Exception):
    """A page could not be rendered; carries the problem, which does not name the page."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Failed(msgspec.Struct, frozen=True):
    """A page that could not be rendered, and why."""

    owner: str
    problem: Problem


def gathered(failed: Iterable[Failed]) -> list[Problem]:
    """One problem for each place of a template, naming a page and how many more it stops."""
    owners: dict[Problem, list[str]] = {}
    for failure in failed:
        owners.setdefault(failure.problem, []).append(failure.owner)
    problems = []
    for problem, pages in owners.items():
        more = f" and {len(pages) - 1} more pages" if len(pages) > 1 else ""
        message = f"{problem.message} (while rendering {min(pages)}{more})"
        problems.append(msgspec.structs.replace(problem, message=message))
    return problems


class Renderer:
    """Renders pages with one theme in one language; keeps the compiled templates.

    A page is printed by one function made of all its templates (``digest.templates.pages``). What
    that cannot do is rendered as Jinja does it, which also tells what is wrong.
    """

    def __init__(
        self, theme: Theme, locale: Locale, assets: str, compiled: Compiled | None = None
    ) -> None:
        from digest.templates import environment  # lazy: Jinja
        from digest.templates.pages import Pages

        self._theme, self._assets = theme, assets
        self._environment = environment(theme.layers, compiled)
        self._pages = Pages(self._environment, compiled, locale.t)
        options = SimpleNamespace(**theme.options)
        self._shared = {
            "theme": options,
            "t": locale.t,
            "number": locale.number,
            "json_ld": json_ld,
        }
        self._partials: dict[object, Markup] = {}
        self._asset: tuple[Href, Callable[[str], str]] | None = None

    def prepare(self, templates: Iterable[str], *, forks: bool) -> None:
        """Have functions for the templates of the pages to come.

        When workers are to be forked, what they leave to Jinja is compiled too: or each would.
        """
        counts = Counter(templates)
        self._pages.prepare(counts)
        if forks:
            from digest.templates import compile_all  # lazy: Jinja

            plain = (name for name in counts if self._pages.get(name) is None)
            compile_all(self._environment, plain)

    @property
    def theme(self) -> Theme:
        """The theme it renders with."""
        return self._theme

    def renew(self, theme: Theme, templates: Collection[str]) -> None:
        """Go on with the theme as it is now: other assets, and these templates are other ones.

        Layers and options must be the same. Raises nothing; what is wrong is told by rendering.
        """
        cache = self._environment.cache
        assert cache is not None  # noqa: S101 - ``environment`` gave it one
        for key in list(cache):
            if str(key[1]).rpartition(":")[2] in templates:
                del cache[key]
        self._theme, self._asset = theme, None
        self._partials.clear()
        self._pages.clear()

    def render(self, template: str, site: Site, page: PageView, href: Href) -> bytes:
        """The page as UTF-8. Raises RenderError with the template's place."""
        values = {"site": site, "page": page, "asset": self._asset_for(href), **self._shared}
        show = self._pages.get(template)
        if show is None:
            return self._plain(template, values)
        try:
            return show({**values, "partial": self._partial}).encode()
        except Exception:  # whatever it is: Jinja tells it, or can do without
            printed = self._plain(template, values)
        self._pages.drop(template)
        return printed

    def _plain(self, template: str, values: Mapping[str, object]) -> bytes:
        """The page as Jinja renders it."""
        try:
            found = self._environment.get_template(template)
            return found.render(values, partial=self._plain_partial).encode()
        except Exception as error:  # a template may raise anything
            raise RenderError(self._problem(error, template)) from error

    def _asset_for(self, href: Href) -> Callable[[str], str]:
        """What pages that share a way of writing links call ``asset``."""
        if self._asset is not None and self._asset[0] is href:
            return self._asset[1]

        @cache
        def asset(name: str) -> str:
            found = self._theme.assets.get(name)
            if found is None:
                near = suggest(name, self._theme.assets)
                raise LookupError(
                    f"no asset {name!r} in static/" + (f"; did you mean {near!r}?" if near else "")
                )
            return href(self._assets + found.url)

        self._asset = href, asset
        return asset

    def _partial(self, name: str, **values: object) -> Markup:
        """A template that sees only ``values`` and what all pages share, made once for equal ones.

        Views are frozen, so that equal values print alike on every page.
        """
        return self._once(self._part, name, values)

    def _plain_partial(self, name: str, **values: object) -> Markup:
        """The same as Jinja renders it."""
        return self._once(self._plain_part, name, values)

    def _once(self, make: Part, name: str, values: dict[str, object]) -> Markup:
        try:
            key = (name, *values.items())
            made = self._partials.get(key)
        except TypeError:  # a list or table: nothing that could be found again
            return make(name, values)
        if made is None:
            if len(self._partials) >= PARTIALS:
                self._partials.clear()
            made = self._partials[key] = make(name, values)
        return made

    def _part(self, name: str, values: dict[str, object]) -> Markup:
        given = {**self._shared, "partial": self._partial}
        show = None if values.keys() & given.keys() else self._pages.get(name)
        if show is None:
            return self._plain_part(name, values)
        return _as_part(show({**given, **values}))

    def _plain_part(self, name: str, values: dict[str, object]) -> Markup:
        template = self._environment.get_template(name)
        return _as_part(template.render(values, partial=self._plain_partial, **self._shared))

    def _problem(self, error: Exception, template: str) -> Problem:
        import jinja2  # loaded by then

        where = self._place(error)
        match error:
            case ConfigError():
                return error.problems[0]
            case jinja2.TemplateSyntaxError():
                return Problem("D510", error.message or "syntax error", where)
            case jinja2.TemplatesNotFound() | jinja2.TemplateNotFound():
                near = suggest(str(error.name), self._environment.list_templates())
                hint = f"did you mean {near!r}?" if near else ""
                message = f"there is no template {error.message}"
                return Problem("D511", message, where, hint)
            case jinja2.UndefinedError():
                hint = "docs/theming.md lists what each template sees"
                return Problem("D512", error.message or "undefined", where, hint)
            case RecursionError():
                cycle = " → ".join(self._cycle(error)) or template
                message = f"templates include each other for ever: {cycle}"
                return Problem("D513", message, where)
        return Problem("D514", _told(error), where)

    def _place(self, error: Exception) -> Where | None:
        """The innermost template line of an error."""
        from jinja2 import TemplateSyntaxError  # loaded by then

        if isinstance(error, TemplateSyntaxError) and error.filename:
            return self._where(error.filename, error.lineno)
        frames = traceback.extract_tb(error.__traceback__)
        for frame in reversed(frames):
            if self._name(frame.filename):
                return self._where(frame.filename, frame.lineno or 0)
        return None

    def _name(self, filename: str) -> str:
        """``harian/templates/base.html`` for a template's file, "" for any other."""
        for layer in self._theme.layers:
            folder = layer.folder / "templates"
            if Path(filename).is_relative_to(folder):
                inside = Path(filename).relative_to(layer.folder).as_posix()
                return f"{layer.label}/{inside}"
        return ""

    def _where(self, filename: str, line: int) -> Where:
        try:
            text = Path(filename).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            text = ""
        return Where(self._name(filename) or filename, line, 1, line_at(text, line))

    def _cycle(self, error: Exception) -> list[str]:
        """The templates of one round, as they call each other."""
        names = [
            name
            for frame in traceback.extract_tb(error.__traceback__)
            if (name := self._name(frame.filename))
        ]
        round_trip: list[str] = []
        for name in names:
            if name in round_trip:
                return [*round_trip[round_trip.index(name) :], name]
            if not round_trip or round_trip[-1] != name:
                round_trip.append(name)
        return round_trip


def _as_part(printed: str) -> Markup:
    return Markup(printed.removesuffix("\n"))  # noqa: S704 - escaped as it was printed


def json_ld(value: object) -> Markup:
    """A value as JSON for the inside of a ``script`` element: what ``page.head.structured`` holds.

    Also what a theme makes of lists, mappings and text.
    """
    return Markup(script_text(value))  # noqa: S704 - escaped for where it stands


def _told(error: Exception) -> str:
    return str(error.args[0]) if isinstance(error, LookupError) and error.args else repr(error)
