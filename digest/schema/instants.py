"""Dates as people write them, read into instants of UTC."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from types import MappingProxyType

import msgspec

INSTANT_PATTERN = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r"(?:[ \t]*(?:[Zz]|[+-][0-9]{2}:?[0-9]{2}|WIB|WITA|WIT))?)?$"
)
"""The accepted forms as a regular expression that Python and ECMAScript read alike."""

FORMS = "2022-02-13, 2022-02-13 9:05, 2022-02-13T09:05:00+07:00 or 2022-02-13 09:05 WIB"

_PARTS = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"(?:[ \t]*([Zz]|[+-][0-9]{2}:?[0-9]{2}|WIB|WITA|WIT))?)?"
)
_ZONE_HOURS = MappingProxyType({"Z": 0, "z": 0, "WIB": 7, "WITA": 8, "WIT": 9})
_YEARS = (1000, 9998)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTH_KEYS = MappingProxyType(
    {
        name: number
        for number, names in enumerate(
            (
                "jan januari january",
                "feb februari february pebruari",
                "mar maret march",
                "apr april",
                "mei may",
                "jun juni june",
                "jul juli july",
                "agu ags agt agustus aug august",
                "sep sept september",
                "okt oktober oct october",
                "nov nop november",
                "des desember dec december",
            ),
            start=1,
        )
        for name in names.split()
    }
)
_DAY_FIRST = re.compile(r"\s*([0-9]{1,2})[-/. ]+([0-9]{1,2}|[A-Za-z]+)[-/. ,]+([0-9]{4})\b(.*)")
_YEAR_FIRST = re.compile(r"\s*([0-9]{4})[-/. ]+([0-9]{1,2})[-/. ]+([0-9]{1,2})(?![0-9])(.*)")
_CLOCK = re.compile(r"[ T,]*([0-9]{1,2})[:.]([0-9]{2})\s*(WIB|WITA|WIT)?\s*")


class Instant(msgspec.Struct, frozen=True):
    """A point in time in UTC; with ``day`` it is midnight in the zone and only a day was given."""

    at: datetime
    day: bool


class BadInstantError(ValueError):
    """A value that is no date; ``hint`` says how to write one."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint or f"write it as {FORMS}"


def read_instant(value: object, zone: tzinfo) -> Instant:
    """The instant that a text, datetime or date (as TOML gives them) means.

    Without an offset it is in ``zone``; a local time that a clock change skips or repeats takes
    the offset from before the change. Raises BadInstantError.
    """
    if isinstance(value, str):
        return _read_text(value, zone)
    if isinstance(value, datetime):
        return Instant(_to_utc(value, zone), day=False)
    if isinstance(value, date):
        return Instant(_to_utc(datetime(value.year, value.month, value.day), zone), day=True)  # noqa: DTZ001 -- the zone is applied there
    raise BadInstantError("expected a date")


def _read_text(text: str, zone: tzinfo) -> Instant:
    found = _PARTS.fullmatch(text)
    if found is None:
        raise BadInstantError(
            f'"{text[:60]}" is not a date in a form that is accepted', _guess(text)
        )
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        local = datetime(  # noqa: DTZ001 -- the zone is applied below
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int(fraction[:6].ljust(6, "0")) if fraction else 0,
        )
    except ValueError:
        raise _impossible(text, [int(part or 0) for part in found.groups()[:6]]) from None
    return Instant(_to_utc(local, _offset_zone(offset) if offset else zone), day=hour is None)


def _to_utc(moment: datetime, zone: tzinfo) -> datetime:
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise BadInstantError(
            f"the year {moment.year:04} is out of range",
            f"years from {_YEARS[0]} to {_YEARS[1]} are accepted",
        )
    aware = moment.replace(tzinfo=zone, fold=0) if moment.tzinfo is None else moment
    return aware.astimezone(UTC)


def _offset_zone(offset: str) -> tzinfo:
    hours = _ZONE_HOURS.get(offset)
    if hours is not None:
        return UTC if hours == 0 else timezone(timedelta(hours=hours))
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    if minutes > 14 * 60 or int(offset[-2:]) > 59:
        raise BadInstantError(
            f"{offset} is not an offset from UTC", "offsets go from -12:00 to +14:00, as in +07:00"
        )
    return timezone(timedelta(minutes=minutes if offset[0] == "+" else -minutes))


def _impossible(text: str, parts: list[int]) -> BadInstantError:
    year, month, day, hour, minute, _second = parts
    if not 1 <= month <= 12:
        return BadInstantError(f'there is no month {month} in "{text}"', "dates are year-month-day")
    if not year:
        return BadInstantError("the year 0000 is out of range")
    length = monthrange(year, month)[1]
    if not 1 <= day <= length:
        name = _MONTHS[month - 1]
        return BadInstantError(
            f"{day} {name} {year} is not in the calendar", f"{name} {year} has {length} days"
        )
    if (hour, minute) == (24, 0):
        return BadInstantError(f'there is no 24:00 in "{text}"', "write 00:00 of the next day")
    return BadInstantError(
        f'the time in "{text}" is not on the clock', "hours go to 23, minutes and seconds to 59"
    )


def _guess(text: str) -> str:
    """A hint that spells the date the way it is accepted, or "" when it cannot be guessed."""
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        year, month, day = found.group(1), found.group(2), found.group(3)
    else:
        found = _DAY_FIRST.fullmatch(text)
        if found is None:
            return ""
        year, month, day = found.group(3), found.group(2), found.group(1)
    number = _MONTH_KEYS.get(month.lower()) if month.isalpha() else int(month)
    if not number or not 1 <= number <= 12 or not 1 <= int(day) <= 31:
        return ""
    clock = _CLOCK.fullmatch(found.group(4))
    if found.group(4).strip() and not clock:
        return ""
    guess = f"{year}-{number:02}-{int(day):02}"
    if clock:
        guess += f" {int(clock.group(1)):02}:{clock.group(2)}"
        guess += f" {clock.group(3)}" if clock.group(3) else ""
    return f"did you mean {guess}? Accepted: {FORMS}"
