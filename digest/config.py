"""Settings of a site: ``digest.toml``, or ``[tool.digest]`` in ``pyproject.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from digest import schema
from digest.errors import ConfigError, Problem, Where
from digest.places import find
from digest.text import line_at

Text = Annotated[str, Meta(min_length=1)]
Count = Annotated[int, Meta(ge=1, le=1000)]
Some = Annotated[int, Meta(ge=0, le=100)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all settings tables: unknown keys are refused."""


class ThemeSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which theme, and the values of the options its ``theme.toml`` declares."""

    name: Text = "harian"
    options: dict[str, Any] = {}


class Permalinks(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """URL patterns, from the site's root. ``article`` may use date, slug and category."""

    article: str = "/{date:%Y/%m/%d}/{slug}/"
    page: str = "/{slug}/"
    tag: str = "/tag/{slug}/"
    category: str = "/kanal/{slug}/"
    tags: str = "/tag/"
    archive: str = "/indeks/"
    latest: str = "/terkini/"
    numbered: str = "hal/{number}/"
    assets: str = "/aset/"


class Lists(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many articles stand where."""

    page_size: Count = 20
    home_top: Some = 4
    home_latest: Some = 10
    home_section: Some = 4
    home_tags: Some = 12


class MarkupConfig(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How Markdown is read; ``max_bytes`` and ``time_limit`` (CPU seconds) hold per document."""

    raw_html: Literal["trusted", "sanitized"] = "trusted"
    typography: bool = True
    external_rel: str = "external noopener"
    max_bytes: Annotated[int, Meta(ge=1000)] = 1_000_000
    time_limit: Annotated[float, Meta(gt=0)] = 10.0


class RelatedSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Baca Juga: how many links where.

    ``inline`` in a block of the text, ``closing`` in the list at the end, ``follow_ups`` newer
    articles on the same matter. A text of at least ``auto_words`` words without a marker of its
    own gets one block after paragraph ``auto_after`` (0: none).
    """

    inline: Annotated[int, Meta(ge=0, le=3)] = 2
    closing: Annotated[int, Meta(ge=0, le=10)] = 5
    follow_ups: Annotated[int, Meta(ge=0, le=3)] = 3
    auto_after: Some = 3
    auto_words: Annotated[int, Meta(ge=0)] = 150


class DateSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """CLDR patterns that replace those of the language's locale file."""

    full: str | None = None
    day: str | None = None
    short: str | None = None
    month: str | None = None
    time: str | None = None


class MenuItem(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A further link of the navigation, after the categories."""

    title: Text
    url: Annotated[
        str,
        Meta(
            pattern=r"^(/([^/]|$)|https?://[^\s/])",
            title="a path of the site that begins with / or a full address",
        ),
    ]


class PublishTarget(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place to publish to: the scheme of ``url`` says which kind of hosting it is.

    Credentials are never settings. Options that a kind of hosting does not know are refused.
    """

    url: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9+-]*://", title="an address with a scheme")]
    live_url: Annotated[str, Meta(pattern=r"^(https?://[^\s?#]+)?$")] = ""
    verify: bool = True
    branch: Annotated[str, Meta(pattern=r"^[\w][\w./-]*$")] = "gh-pages"
    domain: str = ""
    csp: str = (
        "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; script-src 'self';"
        " font-src 'self'; manifest-src 'self'; connect-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    keep: Annotated[int, Meta(ge=1, le=100)] = 5
    releases: bool = False
    endpoint: Annotated[str, Meta(pattern=r"^(https?://[^\s?#]+)?$")] = ""
    region: str = ""
    indexnow_key: Annotated[str, Meta(pattern=r"^([A-Za-z0-9-]{8,128})?$")] = ""
    indexnow: Annotated[str, Meta(pattern=r"^https?://[^\s#]+$")] = (
        "https://api.indexnow.org/indexnow"
    )
    websub: Annotated[str, Meta(pattern=r"^(https?://[^\s#]+)?$")] = ""


class Config(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of a site."""

    title: Text
    base_url: Annotated[str, Meta(pattern=r"^https?://[^\s/?#]+[^\s?#]*$")] = "http://localhost"
    tagline: str = ""
    description: str = ""
    language: Annotated[str, Meta(pattern=r"^[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")] = "id"
    timezone: Text = "Asia/Jakarta"
    content: Text = "content"
    static: Text = "static"
    output: Text = "output"
    relative_urls: bool = False
    theme: ThemeSettings = ThemeSettings()
    permalinks: Permalinks = Permalinks()
    lists: Lists = Lists()
    markup: MarkupConfig = MarkupConfig()
    related: RelatedSettings = RelatedSettings()
    dates: DateSettings = DateSettings()
    menu: tuple[MenuItem, ...] = ()
    publish: dict[str, PublishTarget] = {}

    @property
    def zone(self) -> tzinfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def prefix(self) -> str:
        """The path of ``base_url`` without its closing slash: "" or "/kabar"."""
        return urlsplit(self.base_url).path.rstrip("/")


class Loaded(msgspec.Struct, frozen=True):
    """A site's settings and the root folder they were found in; ``text`` is that of ``file``."""

    root: Path
    config: Config
    file: str
    text: str

    def place(self, *path: str | int) -> Where:
        """Where a setting stands in the settings file."""
        return place(self.text, self.file, (*_base(self.file), *path))


_TOOL = re.compile(rb"^\s*\[+\s*tool\s*\.\s*digest\s*[\].]", re.M)


def _base(file: str) -> tuple[str, ...]:
    """The path of the settings in their file."""
    return ("tool", "digest") if file == "pyproject.toml" else ()


def find_site(start: Path) -> tuple[Path, str]:
    """The site that holds ``start``: its root and the name of its settings file.

    Looks in ``start`` and its parents for ``digest.toml`` or a ``pyproject.toml`` that mentions
    ``[tool.digest``. Raises ConfigError (D401) when there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "digest.toml").is_file():
            return folder, "digest.toml"
        project = folder / "pyproject.toml"
        if project.is_file() and _TOOL.search(project.read_bytes()):
            return folder, "pyproject.toml"
    raise ConfigError(
        Problem(
            "D401",
            f"no site here: neither digest.toml nor [tool.digest] in pyproject.toml in {start}"
            " or above",
            hint="make one with: digest new site DIR, or name one with --site DIR",
        )
    )


def load(start: Path) -> Loaded:
    """Read and check the settings of the site that holds ``start``.

    Raises ConfigError with every problem of the file at once.
    """
    root, name = find_site(start)
    text = _read(root / name, name)
    raw = _parse(text, name)
    table: Any = raw.get("tool", {}).get("digest", {}) if name == "pyproject.toml" else raw
    base = _base(name)
    result = schema.convert(table, Config, strict=True, syntax="toml")
    problems = [
        Problem(
            "D403",
            flaw.message,
            place(text, name, (*base, *flaw.path)),
            flaw.hint,
        )
        for flaw in result.flaws
    ]
    if result.value is not None:
        problems += _meaning(result.value, text, name, base)
    if problems or result.value is None:
        raise ConfigError(problems)
    return Loaded(root, result.value, name, text)


def _read(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(Problem("D402", f"cannot read {name}: {error}", Where(name))) from error


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(found[1]), int(found[2])) if found else (text.count("\n") + 1, 1)
        message = re.sub(r" \(at .*\)$", "", str(error))
        where = Where(name, line, column, line_at(text, line))
        raise ConfigError(Problem("D402", f"not valid TOML: {message}", where)) from error


PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "article": frozenset({"date", "slug", "category"}),
    "page": frozenset({"slug"}),
    "tag": frozenset({"slug"}),
    "category": frozenset({"slug"}),
    "tags": frozenset(),
    "archive": frozenset(),
    "latest": frozenset(),
    "numbered": frozenset({"number"}),
    "assets": frozenset(),
}
_NEEDED = {
    "article": "slug",
    "page": "slug",
    "tag": "slug",
    "category": "slug",
    "numbered": "number",
}


def _meaning(config: Config, text: str, name: str, base: tuple[str | int, ...]) -> list[Problem]:
    problems = []
    for field, allowed in PLACEHOLDERS.items():
        wrong = _pattern_flaw(field, getattr(config.permalinks, field), allowed)
        if wrong:
            where = place(text, name, (*base, "permalinks", field))
            problems.append(Problem("D404", f"permalinks.{field}: {wrong}", where))
    try:
        ZoneInfo(config.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(
            Problem(
                "D405",
                f"timezone: no time zone is called {config.timezone!r}",
                place(text, name, (*base, "timezone")),
                hint="use a name such as Asia/Jakarta, Asia/Makassar or Asia/Jayapura",
            )
        )
    for field in ("content", "static", "output"):
        if _leaves(getattr(config, field), allow_absolute=field == "output"):
            where = place(text, name, (*base, field))
            problems.append(Problem("D406", f"{field}: the folder leaves the site", where))
    return problems


def _leaves(folder: str, *, allow_absolute: bool) -> bool:
    path = Path(folder)
    if allow_absolute:
        return "\0" in folder
    return path.is_absolute() or ".." in path.parts or path == Path() or "\0" in folder


_FIELD = re.compile(r"\{([^{}:]*)(?::([^{}]*))?\}")


def _pattern_flaw(field: str, pattern: str, allowed: frozenset[str]) -> str:
    fields = [found[1] for found in _FIELD.finditer(pattern)]
    unknown = [used for used in fields if used not in allowed]
    if unknown:
        known = ", ".join(sorted(allowed)) or "none"
        return f"{{{unknown[0]}}} is not known here (known: {known})"
    for found in _FIELD.finditer(pattern):
        if found[1] == "date" and not re.fullmatch(r"(%[YmdHMSyjGV]|[\w/.-])+", found[2] or ""):
            return "a date needs a numeric form such as {date:%Y/%m/%d}"
    rest = _FIELD.sub("x", pattern)
    if "{" in rest or "}" in rest:
        return "a brace without its partner"
    if field in _NEEDED and _NEEDED[field] not in fields:
        return f"must contain {{{_NEEDED[field]}}}, or two pages would share one URL"
    return _path_flaw(field, rest)


def _path_flaw(field: str, path: str) -> str:
    """What is wrong with a pattern once its placeholders are filled."""
    if re.search(r"//|(^|/)\.{1,2}(/|$)|[\s?#%\\]", path):
        return "must be a plain path without spaces, dots as segments, ?, # or %"
    if field == "numbered":
        good = not path.startswith("/") and path.endswith("/")
        return "" if good else "must not begin with a slash, and must end with one"
    if not path.startswith("/") or not path.endswith(("/", ".html")):
        return "must begin with / and end with / or .html"
    if field in {"archive", "assets"} and not path.endswith("/"):
        return "must end with /"
    return ""


def place(text: str, name: str, path: tuple[str | int, ...]) -> Where:
    """The place of a setting in the file ``name``; only the file when it is not written out."""
    line, column = find(text, path)
    return Where(name, line, column, line_at(text, line)) if line else Where(name)
