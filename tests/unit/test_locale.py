"""Dates, numbers and strings of a language in a zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from digest.config import DateSettings
from digest.errors import ConfigError
from digest.locale import Locale, load_catalog, load_locale, shipped_languages

MOMENT = datetime(2022, 2, 13, 2, 20, tzinfo=UTC)
"""09:20 in Jakarta, a Sunday."""


def locale(language: str = "id", zone: str = "Asia/Jakarta", root: Path = Path("/tidak")) -> Locale:
    return load_locale(language, ZoneInfo(zone), root, DateSettings())


@pytest.mark.parametrize(
    ("language", "zone", "full", "day", "short", "time"),
    [
        (
            "id",
            "Asia/Jakarta",
            "Minggu, 13 Februari 2022",
            "13 Februari 2022",
            "13/2/2022",
            "09.20 WIB",
        ),
        (
            "id",
            "Asia/Makassar",
            "Minggu, 13 Februari 2022",
            "13 Februari 2022",
            "13/2/2022",
            "10.20 WITA",
        ),
        (
            "id",
            "Asia/Jayapura",
            "Minggu, 13 Februari 2022",
            "13 Februari 2022",
            "13/2/2022",
            "11.20 WIT",
        ),
        (
            "en",
            "Asia/Jakarta",
            "Sunday, 13 February 2022",
            "13 February 2022",
            "13/2/2022",
            "09:20 WIB",
        ),
        ("en", "UTC", "Sunday, 13 February 2022", "13 February 2022", "13/2/2022", "02:20 UTC"),
    ],
)
def test_an_instant_as_readers_see_it(
    language: str, zone: str, full: str, day: str, short: str, time: str
) -> None:
    when = locale(language, zone).when(MOMENT)
    assert (when.full, when.day, when.short, when.time) == (full, day, short, time)


def test_summer_time_is_that_of_the_instant() -> None:
    london = locale("en", "Europe/London")
    assert london.when(datetime(2022, 7, 1, 12, tzinfo=UTC)).iso == "2022-07-01T13:00:00+01:00"
    assert london.when(datetime(2022, 1, 1, 12, tzinfo=UTC)).iso == "2022-01-01T12:00:00+00:00"


def test_a_day_alone_has_no_time() -> None:
    when = locale().when(MOMENT, date_only=True)
    assert (when.iso, when.time) == ("2022-02-13", "")


@pytest.mark.parametrize(
    ("value", "indonesian", "english"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1000, "1.000", "1,000"),
        (1234567, "1.234.567", "1,234,567"),
        (-1000, "-1.000", "-1,000"),
    ],
)
def test_numbers_are_grouped(value: int, indonesian: str, english: str) -> None:
    assert locale("id").number(value) == indonesian
    assert locale("en").number(value) == english


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 articles"), (1, "1 article"), (2, "2 articles")]
)
def test_the_plural_follows_the_count(count: int, text: str) -> None:
    assert locale("en").t("articles", count=count) == text


def test_indonesian_has_one_form_for_all_counts() -> None:
    assert [locale("id").t("articles", count=n) for n in (1, 5)] == ["1 artikel", "5 artikel"]


def test_an_unknown_string_is_told_with_what_was_meant() -> None:
    with pytest.raises(KeyError, match="did you mean 'home'"):
        locale().t("hom")


def test_places_in_strings_are_filled_with_grouped_numbers() -> None:
    assert locale("id").t("page_of", number=1, total=1200) == "Halaman 1 dari 1.200"


@pytest.mark.parametrize(
    ("language", "first", "name"), [("id", 6, "Min"), ("en-GB", 0, "Mon"), ("en-US", 6, "Sun")]
)
def test_the_week_starts_as_it_does_there(language: str, first: int, name: str) -> None:
    start, names = locale(language).weekdays()
    assert (start, names[0], len(names)) == (first, name, 7)


@pytest.mark.parametrize(
    ("language", "tag"), [("id", "id_ID"), ("en", "en_US"), ("en-GB", "en_GB")]
)
def test_the_tag_has_a_territory(language: str, tag: str) -> None:
    assert locale(language).tag == tag


def test_months_and_days_have_names() -> None:
    indonesian = locale()
    assert indonesian.month(date(2022, 2, 1)) == "Februari 2022"
    assert indonesian.full(date(2022, 2, 13)) == "Minggu, 13 Februari 2022"
    assert indonesian.day(date(2022, 12, 1)) == "1 Desember 2022"


def test_patterns_of_the_settings_win() -> None:
    settings = DateSettings(full="EEEE (d/M/y)", time="H 'lewat' mm")
    made = load_locale("id", ZoneInfo("Asia/Jakarta"), Path("/tidak"), settings)
    assert made.when(MOMENT).full == "Minggu (13/2/2022)"
    assert made.when(MOMENT).time == "9 lewat 20 WIB"
    assert made.when(MOMENT).day == "13 Februari 2022"


@pytest.mark.parametrize("language", ["en-GB", "en_GB", "en-gb"])
def test_a_language_tag_may_be_spelled_in_any_case_with_either_sign(language: str) -> None:
    assert locale(language).when(MOMENT).full == "Sunday, 13 February 2022"


def test_both_languages_are_shipped() -> None:
    assert {"id", "en"} <= set(shipped_languages())
    assert [load_catalog(code, Path("/tidak")).name for code in ("id", "en")] == [
        "Bahasa Indonesia",
        "English",
    ]


def test_an_unknown_language_is_told() -> None:
    with pytest.raises(ConfigError) as caught:
        load_catalog("xx", Path("/tidak"))
    assert [problem.code for problem in caught.value.problems] == ["D407"]


@pytest.mark.parametrize("language", shipped_languages())
def test_a_shipped_language_can_set_quotes_and_find_markers(language: str) -> None:
    made = locale(language)
    assert all(len(quote.strip()) == 1 for quote in made.quotes)
    assert made.markers
    assert made.catalog.direction in {"ltr", "rtl"}
