"""Language of the readers: UI strings from one TOML file a language, dates and numbers from CLDR.

Babel is loaded by the first date or number, so commands that print none do not pay for it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from digest import schema
from digest.config import DateSettings, place
from digest.errors import ConfigError, Problem, Where
from digest.text import suggest
from digest.views import When

if TYPE_CHECKING:
    from babel import Locale as BabelLocale

INDONESIAN_ZONES: Mapping[str, str] = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Ujung_Pandang": "WITA",
    "Asia/Jayapura": "WIT",
}
"""CLDR knows these abbreviations only in some languages; news prints them in every one."""


class Typography(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``quotes``: double open, double close, single open, single close."""

    quotes: tuple[str, str, str, str]


class ReadAlso(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``markers``: words of a lone line that asks for a Baca Juga block.

    ``common``: words, separated by spaces, that say nothing of what an article is about.
    """

    markers: tuple[str, ...]
    common: str = ""


class Patterns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """CLDR date patterns."""

    full: str
    day: str
    short: str
    month: str
    time: str


_SHIPPED = Path(__file__).with_name("locales")


class Catalog(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A language file: see ``digest/locales/id.toml``."""

    name: str
    direction: Literal["ltr", "rtl"] = "ltr"
    typography: Typography
    read_also: ReadAlso
    dates: Patterns
    ui: dict[str, str | dict[str, str]]


def shipped_languages() -> tuple[str, ...]:
    """Codes of the languages that come with digest, sorted."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.toml")))


def load_catalog(language: str, root: Path, where: Where | None = None) -> Catalog:
    """The strings of ``language``: a shipped file, overlaid by ``locales/<code>.toml`` of the site.

    ``pt-BR`` falls back to ``pt``; a language of which the site's file is the only one takes
    missing strings from English. ``where`` is the place of the setting. Raises ConfigError D407
    (no such language), D408 (bad file).
    """
    codes = [language.replace("_", "-")]
    if "-" in codes[0]:
        codes.append(codes[0].split("-")[0])
    shipped = next((code for code in codes if code in shipped_languages()), None)
    own = next((root / "locales" / f"{c}.toml" for c in codes if _is_file(root, c)), None)
    if shipped is None and own is None:
        near = suggest(language, shipped_languages())
        hint = f"did you mean {near!r}?" if near else f"add locales/{codes[0]}.toml"
        message = f"language: there is no locale file for {language!r}"
        raise ConfigError(Problem("D407", message, where, hint))
    below = _shipped(shipped or "en")
    if shipped is None:
        below["read_also"]["common"] = ""  # those of English mean something else here
    if own is None:
        return msgspec.convert(below, Catalog)
    return _own_catalog(below, own, root)


def _own_catalog(below: dict[str, Any], own: Path, root: Path) -> Catalog:
    """A shipped file overlaid by the site's, which must keep its shape and its placeholders."""
    file = own.relative_to(root).as_posix()
    above, text = _read_own(own, file)
    result = schema.convert(_overlay(below, above), Catalog, strict=True, syntax="toml")
    problems = [
        Problem("D408", flaw.message, place(text, file, flaw.path), flaw.hint)
        for flaw in result.flaws
    ]
    if result.value is not None:
        for key, message in _string_flaws(below["ui"], above.get("ui", {})):
            problems.append(Problem("D408", message, place(text, file, ("ui", key))))
    if problems or result.value is None:
        raise ConfigError(problems)
    return result.value


def _string_flaws(known: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """UI strings whose ``{places}`` the shipped ones do not have, and plurals without ``other``."""
    for key, value in given.items():
        forms = value if isinstance(value, dict) else {"other": value}
        if "other" not in forms:
            yield key, f"ui.{key}: the plural forms need one called other"
        allowed = _fields(known[key]) if key in known else None
        for form in forms.values():
            wrong = _fields(form) - allowed if allowed is not None else set()
            if wrong or "{}" in form:
                names = ", ".join(sorted(allowed or ())) or "none"
                yield key, f"ui.{key}: {form!r} has an unknown place (known: {names})"


def _fields(value: str | dict[str, str]) -> set[str]:
    forms = value.values() if isinstance(value, dict) else [value]
    return {name for form in forms for name in re.findall(r"\{(\w+)\}", form)}


def _is_file(root: Path, code: str) -> bool:
    return (root / "locales" / f"{code}.toml").is_file()


def _shipped(code: str) -> dict[str, Any]:
    return tomllib.loads((_SHIPPED / f"{code}.toml").read_text(encoding="utf-8"))


def _read_own(path: Path, file: str) -> tuple[dict[str, Any], str]:
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text), text
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(Problem("D408", f"bad locale file: {error}", Where(file))) from error


def _overlay(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        inner = merged.get(key)
        merged[key] = value
        if isinstance(inner, dict) and isinstance(value, dict) and "other" not in inner:
            merged[key] = _overlay(inner, value)
    return merged


class Locale:
    """Formats what readers see, in one language and one time zone.

    State: caches of formatted days and of strings with a count, since thousands of articles share
    few of them.
    """

    def __init__(
        self, language: str, zone: tzinfo, catalog: Catalog, dates: DateSettings | None = None
    ) -> None:
        self.language = language.replace("_", "-")
        self.zone = zone
        self.catalog = catalog
        chosen = msgspec.structs.asdict(dates) if dates else {}
        own = {key: value for key, value in chosen.items() if value}
        self._patterns: dict[str, str] = {**msgspec.structs.asdict(catalog.dates), **own}
        self._days: dict[date, tuple[str, str, str]] = {}
        self._counted: dict[tuple[str, object], str] = {}

    @property
    def quotes(self) -> tuple[str, str, str, str]:
        """Opening and closing double quote, opening and closing single quote."""
        return self.catalog.typography.quotes

    @property
    def markers(self) -> tuple[str, ...]:
        """Words of a lone line that asks for a Baca Juga block."""
        return self.catalog.read_also.markers

    @property
    def common(self) -> tuple[str, ...]:
        """Words that say nothing of a subject, lower-cased and sorted."""
        return tuple(sorted({word.lower() for word in self.catalog.read_also.common.split()}))

    @cached_property
    def tag(self) -> str:
        """The language with its usual territory, as Open Graph wants it: ``id_ID``."""
        babel = self._babel
        if babel.territory:
            return str(babel)
        from babel.core import get_global  # lazy, as all of babel

        likely = get_global("likely_subtags").get(babel.language, "")
        territory = next((p for p in likely.split("_") if len(p) == 2 and p.isupper()), "")
        return f"{babel.language}_{territory}" if territory else babel.language

    def t(self, key: str, **values: object) -> str:
        """The UI string ``key`` with ``{name}`` places filled; ``count`` picks the plural form.

        Raises KeyError when the language has no such string: a fault of the theme, reported with
        the template's line.
        """
        count = values.get("count")
        if len(values) != 1 or count.__class__ is not int:
            return self._filled(key, values)
        found = self._counted.get((key, count))
        if found is None:
            found = self._counted[key, count] = self._filled(key, values)
        return found

    def _filled(self, key: str, values: Mapping[str, object]) -> str:
        string = self.catalog.ui.get(key)
        if string is None:
            near = suggest(key, self.catalog.ui)
            raise KeyError(f"no UI string {key!r}" + (f"; did you mean {near!r}?" if near else ""))
        if isinstance(string, dict):
            count = values.get("count", 0)
            form = self._babel.plural_form(count if isinstance(count, int) else 0)
            string = string.get(form) or string["other"]
        if not values:
            return string
        shown = {k: self.number(v) if isinstance(v, int) else v for k, v in values.items()}
        return string.format_map(shown)

    def number(self, value: int) -> str:
        """A number with the language's grouping: ``12.345``."""
        if -1000 < value < 1000:
            return str(value)
        from babel.numbers import format_decimal  # lazy, as all of babel

        return format_decimal(value, locale=self._babel)

    def when(self, instant: datetime, *, date_only: bool = False, url: str = "") -> When:
        """An aware ``instant`` as readers of the site see it."""
        local = instant.astimezone(self.zone)
        full, day, short = self._day(local.date())
        return When(
            iso=local.date().isoformat() if date_only else local.isoformat(timespec="seconds"),
            full=full,
            day=day,
            short=short,
            time="" if date_only else f"{self._clock(local)} {self._zone_name(local)}",
            url=url,
        )

    def format(self, day: date, pattern: str) -> str:
        """A date by a CLDR pattern such as ``MMMM y``."""
        from babel.dates import format_date  # lazy: babel costs 30 ms

        return format_date(day, pattern, locale=self._babel)

    def month(self, day: date) -> str:
        """``Februari 2022``."""
        return self.format(day, self._patterns["month"])

    def day(self, day: date) -> str:
        """``13 Februari 2022``."""
        return self._day(day)[1]

    def full(self, day: date) -> str:
        """``Minggu, 13 Februari 2022``."""
        return self._day(day)[0]

    def weekdays(self) -> tuple[int, tuple[str, ...]]:
        """First day of the week (0 = Monday) and the abbreviated names in that order."""
        first = type(self._babel).parse(self.tag).first_week_day  # it goes by territory
        names = self._babel.days["stand-alone"]["abbreviated"]
        return first, tuple(names[(first + n) % 7] for n in range(7))

    def _day(self, day: date) -> tuple[str, str, str]:
        if day not in self._days:
            patterns = (self._patterns["full"], self._patterns["day"], self._patterns["short"])
            full, plain, short = (self.format(day, pattern) for pattern in patterns)
            self._days[day] = (full, plain, short)
        return self._days[day]

    def _clock(self, local: datetime) -> str:
        pattern = self._patterns["time"]
        if pattern in {"HH.mm", "HH:mm"}:
            return f"{local.hour:02}{pattern[2]}{local.minute:02}"
        from babel.dates import format_time  # lazy, as all of babel

        return format_time(local, pattern, locale=self._babel)

    def _zone_name(self, local: datetime) -> str:
        name = INDONESIAN_ZONES.get(str(self.zone))
        if name:
            return name
        from babel.dates import get_timezone_gmt, get_timezone_name  # lazy, as all of babel

        short = get_timezone_name(local, "short", locale=self._babel)
        if not short.startswith(("+", "-")):
            return short
        return get_timezone_gmt(local, "iso8601_short", locale=self._babel)

    @cached_property
    def known(self) -> bool:
        """Whether CLDR has data for the language."""
        from babel import UnknownLocaleError  # lazy, as all of babel

        try:
            return bool(self._babel.language)
        except (UnknownLocaleError, ValueError):
            return False

    @cached_property
    def _babel(self) -> BabelLocale:
        from babel import Locale as BabelLocale  # lazy: babel costs 30 ms

        return BabelLocale.parse(self.language, sep="-")


def load_locale(
    language: str, zone: tzinfo, root: Path, dates: DateSettings, where: Where | None = None
) -> Locale:
    """The locale of a site whose root folder is ``root``; ``where`` is the place of its setting.

    Raises ConfigError D407, D408.
    """
    locale = Locale(language, zone, load_catalog(language, root, where), dates)
    if not locale.known:
        message = f"language: CLDR has no locale {language!r}"
        raise ConfigError(Problem("D407", message, where))
    return locale
