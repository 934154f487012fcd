from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta

from digest.front import ArticleFront, EntryFront, PageFront, SourceFront
from digest.model import Kind
from digest.schema import (
    INSTANT_PATTERN,
    BadInstantError,
    Flaw,
    convert,
    front_type,
    json_schema,
    read_instant,
)

JAKARTA = ZoneInfo("Asia/Jakarta")
BERLIN = ZoneInfo("Europe/Berlin")
ARTICLE = {"title": "Judul", "date": "2022-02-13 09:05"}


def flaws(raw: object, type_: type[Any] = ArticleFront, **options: Any) -> list[Flaw]:
    result = convert(raw, type_, zone=JAKARTA, **options)
    assert result.value is None
    return list(result.flaws)


def only(raw: object, type_: type[Any] = ArticleFront, **options: Any) -> Flaw:
    (flaw,) = flaws(raw, type_, **options)
    return flaw


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# --- dates -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2022-02-13", "2022-02-13T00:00+07:00"),
        ("2022-02-13 9:05", "2022-02-13T09:05+07:00"),
        ("2022-02-13 09:05", "2022-02-13T09:05+07:00"),
        ("2022-02-13T09:05", "2022-02-13T09:05+07:00"),
        ("2022-02-13t09:05:07", "2022-02-13T09:05:07+07:00"),
        ("2022-02-13 09:05:07.25", "2022-02-13T09:05:07.250+07:00"),
        ("2022-02-13 09:05:07.123456789", "2022-02-13T09:05:07.123456+07:00"),
        ("2022-02-13T09:05Z", "2022-02-13T09:05+00:00"),
        ("2022-02-13T09:05:00+07:00", "2022-02-13T09:05+07:00"),
        ("2022-02-13 09:05 +0700", "2022-02-13T09:05+07:00"),
        ("2022-02-13 09:05-03:30", "2022-02-13T09:05-03:30"),
        ("2022-02-13 09:05 WIB", "2022-02-13T09:05+07:00"),
        ("2022-02-13 09:05 WITA", "2022-02-13T09:05+08:00"),
        ("2022-02-13 09:05WIT", "2022-02-13T09:05+09:00"),
    ],
)
def test_accepted_forms_are_read_in_the_zone_and_come_out_in_utc(text: str, instant: str) -> None:
    read = read_instant(text, JAKARTA)
    assert read.at == at(instant)
    assert read.at.tzinfo is UTC
    assert read.day == (len(text) == 10)
    assert re.search(INSTANT_PATTERN, text)


def test_a_time_that_a_clock_change_repeats_takes_the_offset_before_it() -> None:
    assert read_instant("2022-10-30 02:30", BERLIN).at == at("2022-10-30T02:30+02:00")


def test_a_time_that_a_clock_change_skips_takes_the_offset_before_it() -> None:
    assert read_instant("2022-03-27 02:30", BERLIN).at == at("2022-03-27T02:30+01:00")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("2022-02-31", "31 February 2022 is not in the calendar", "February 2022 has 28 days"),
        ("2022-13-01", "there is no month 13", "year-month-day"),
        ("2022-02-13 24:00", "there is no 24:00", "00:00 of the next day"),
        ("2022-02-13 09:75", "not on the clock", "59"),
        ("2022-02-13 09:05:60", "not on the clock", "59"),
        ("2022-02-13 09:05+15:00", "+15:00 is not an offset", "+07:00"),
        ("2022-02-13 09:05+07:60", "+07:60 is not an offset", "+07:00"),
        ("0022-02-13", "the year 0022 is out of range", "1000"),
        ("0000-02-13", "the year 0000 is out of range", "2022-02-13"),
        ("9999-02-13", "the year 9999 is out of range", "9998"),
        ("kemarin", '"kemarin" is not a date', "write it as 2022-02-13"),
        ("2022-02-13 09:05 CET", "is not a date", "write it as"),
        ("", "is not a date", "write it as"),
        ("1644717900", "is not a date", "write it as"),
        ("13/2/2022", "is not a date", "did you mean 2022-02-13?"),
        ("13-02-2022 14.20 WIB", "is not a date", "did you mean 2022-02-13 14:20 WIB?"),
        ("13 Februari 2022", "is not a date", "did you mean 2022-02-13?"),
        ("3 Agt 2022, 9:05", "is not a date", "did you mean 2022-08-03 09:05?"),
        ("2022/2/13", "is not a date", "did you mean 2022-02-13?"),
        ("2022-2-13", "is not a date", "did you mean 2022-02-13?"),
        ("２０２２-02-13", "is not a date", "write it as"),
        ("2022-02-13\n", "is not a date", "2022-02-13"),
    ],
)
def test_everything_else_is_refused_with_the_way_to_write_it(
    text: str, message: str, hint: str
) -> None:
    with pytest.raises(BadInstantError) as caught:
        read_instant(text, JAKARTA)
    assert message in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize("value", [5, 1.5, True, ["2022-02-13"]])
def test_what_is_no_text_is_no_date(value: object) -> None:
    with pytest.raises(BadInstantError):
        read_instant(value, JAKARTA)


def test_dates_of_toml_are_taken_as_they_are() -> None:
    table = tomllib.loads(
        "a = 2022-02-13T09:05:00\nb = 2022-02-13T09:05:00+09:00\nc = 2022-02-13\nd = 09:05:00"
    )
    assert read_instant(table["a"], JAKARTA).at == at("2022-02-13T09:05+07:00")
    assert read_instant(table["b"], JAKARTA).at == at("2022-02-13T09:05+09:00")
    day = read_instant(table["c"], JAKARTA)
    assert (day.at, day.day) == (at("2022-02-13T00:00+07:00"), True)
    with pytest.raises(BadInstantError):
        read_instant(table["d"], JAKARTA)


offsets = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(
    datetime(1000, 1, 3), datetime(9998, 12, 29), timezones=offsets, allow_imaginary=False
)


@given(moments, st.sampled_from(["T", " ", "t", "  "]), st.booleans())
def test_every_instant_round_trips_through_its_text(
    moment: datetime, between: str, colon: bool
) -> None:
    text = moment.isoformat(between[0]).replace(between[0], between, 1)
    text = text if colon else text[:-3] + text[-2:]
    read = read_instant(text, JAKARTA)
    assert (read.at, read.day) == (moment, False)
    assert re.search(INSTANT_PATTERN, text)


@given(st.dates(date(1000, 1, 3), date(9998, 12, 29)), st.sampled_from([JAKARTA, BERLIN, UTC]))
def test_every_day_is_midnight_of_the_zone(day: date, zone: Any) -> None:
    read = read_instant(day.isoformat(), zone)
    assert read.day
    assert read.at.astimezone(zone).date() == day


@given(st.text(alphabet="0123456789-:+.TZ WIBA", max_size=30))
def test_the_pattern_of_the_json_schema_takes_what_is_read(text: str) -> None:
    try:
        read_instant(text, JAKARTA)
    except BadInstantError:
        return
    assert re.search(INSTANT_PATTERN, text)


# --- conversion ------------------------------------------------------------------------------


def test_a_good_mapping_becomes_a_struct() -> None:
    raw = {
        **ARTICLE,
        "tags": ["Ukraina", "NATO"],
        "source": {"name": "Bloomberg", "date": "2022-02-12"},
        "sources": [],
        "noindex": "true",
        "corrections": [{"at": "2022-02-14", "kind": "ralat", "text": "…"}],
    }
    result = convert(raw, ArticleFront, zone=JAKARTA)
    assert result.flaws == ()
    assert result.value is not None
    assert result.value.date == at("2022-02-13T02:05+00:00")
    assert result.value.tags == ("Ukraina", "NATO")
    assert isinstance(result.value.source, SourceFront)
    assert result.value.source.date == at("2022-02-11T17:00+00:00")
    assert result.value.noindex is True
    assert result.days == (("source", "date"), ("corrections", 0, "at"))


def test_the_raw_mapping_is_left_alone() -> None:
    raw = {**ARTICLE, "tags": None, "source": {"name": "A", "date": "2022-02-12"}}
    before = repr(raw)
    convert(raw, ArticleFront)
    assert repr(raw) == before


def test_a_value_is_the_same_after_encoding_and_decoding() -> None:
    value = convert({**ARTICLE, "expires": "2023-01-01"}, ArticleFront, zone=JAKARTA).value
    packed = msgspec.msgpack.encode(value)
    again = msgspec.msgpack.decode(packed, type=ArticleFront)
    assert again == value
    assert repr(again) == repr(value)


def test_an_empty_value_means_the_default() -> None:
    raw = {**ARTICLE, "tags": None, "status": None, "noindex": None, "summary": None, "extra": None}
    value = convert(raw, ArticleFront).value
    assert value is not None
    assert (value.tags, value.status, value.noindex) == ((), "published", False)
    assert (value.summary, value.extra) == (None, {})


def test_all_flaws_are_told_at_once() -> None:
    raw = {
        "titel": "A",
        "date": "2022-02-31",
        "tags": "Ukraina, Rusia",
        "status": "darft",
        "lang": "!",
        "sources": [{"name": "B", "url": "ftp://b.example"}, {"nam": "C"}],
        "image": "x.png",
        "weight": 3,
    }
    assert [(flaw.kind, flaw.path) for flaw in flaws(raw)] == [
        ("date", ("date",)),
        ("unknown", ("titel",)),
        ("unknown", ("weight",)),
        ("missing", ("title",)),
        ("type", ("tags",)),
        ("constraint", ("lang",)),
        ("constraint", ("sources", 0, "url")),
        ("unknown", ("sources", 1, "nam")),
        ("missing", ("sources", 1, "name")),
        ("type", ("image",)),
        ("choice", ("status",)),
    ]


@pytest.mark.parametrize(
    ("change", "kind", "message", "hint"),
    [
        ({"titel": "A"}, "unknown", 'unknown key "titel"', 'did you mean "title"?'),
        ({"quux": "A"}, "unknown", 'unknown key "quux"', "known keys: title, date, "),
        ({"title": None}, "empty", "title: is empty; expected text", ""),
        ({"title": ""}, "empty", "title: is empty; expected text", ""),
        ({"title": ["A"]}, "type", "title: expected text, got a list", ""),
        ({"title": {"a": 1}}, "type", "title: expected text, got keys and values", ""),
        (
            {"tags": "Ukraina, Rusia"},
            "type",
            'tags: expected a list of text, got the text "Ukraina, Rusia"',
            "write tags: [Ukraina, Rusia]",
        ),
        ({"tags": ["a", None]}, "empty", "tags[1]: is empty; expected text", ""),
        ({"tags": ["a", ["b"]]}, "type", "tags[1]: expected text, got a list", ""),
        (
            {"image": "a.png"},
            "type",
            'image: expected keys and values, got the text "a.png"',
            "write its keys indented below image: src, alt, caption, credit",
        ),
        ({"image": {"src": "a.png"}}, "missing", "image.alt is missing", ""),
        (
            {"source": ["A"]},
            "type",
            "source: expected text or keys and values, got a list",
            "",
        ),
        (
            {"source": {"name": "A", "urls": "x"}},
            "unknown",
            'unknown key "urls" in source',
            'did you mean "url"?',
        ),
        (
            {"source": {"name": "A", "url": "ftp://a.example"}},
            "constraint",
            "source.url: expected a web address that starts with http:// or https://, "
            'got "ftp://a.example"',
            "for example https://",
        ),
        (
            {"status": "Draft"},
            "choice",
            'status: "Draft" is not a known value',
            'did you mean "draft"? Allowed: draft, published, withdrawn',
        ),
        ({"status": ["draft"]}, "type", "status: expected one of draft, published", ""),
        (
            {"noindex": "yes"},
            "type",
            'noindex: expected true or false, got the text "yes"',
            "write noindex: true or false, without quotes",
        ),
        (
            {"slug": "x" * 201},
            "constraint",
            "slug: has 201 characters, 1 too many",
            "at most 200 characters",
        ),
        ({"lang": "bahasa"}, "constraint", 'expected a language tag, got "bahasa"', "id or en-GB"),
        ({"extra": "x"}, "type", 'extra: expected keys and values, got the text "x"', ""),
        ({"date": None}, "empty", "date: is empty; expected a date", "write date: 2022-02-13"),
        ({"date": ["2022-02-13"]}, "type", "date: expected a date, got a list", "write date: "),
        ({"date": 5}, "date", "date: expected a date, got 5", "write it as"),
    ],
)
def test_each_flaw_says_what_was_expected_and_how_to_write_it(
    change: dict[str, object], kind: str, message: str, hint: str
) -> None:
    flaw = only({**ARTICLE, **change})
    assert flaw.kind == kind
    assert message in flaw.message
    assert hint in flaw.hint


def test_what_is_no_mapping_is_one_flaw() -> None:
    flaw = only(["a"])
    assert (flaw.path, flaw.message) == ((), "expected keys and values, got a list")


def test_a_long_list_of_unknown_keys_is_told_quickly() -> None:
    raw = {**ARTICLE, **{f"titel{number}": "x" for number in range(5000)}}
    assert len(flaws(raw)) == 5000


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    size: Annotated[int, Meta(ge=1, le=100)] = 20
    ratio: Annotated[float, Meta(gt=0)] = 1.0
    names: Annotated[list[str], Meta(max_length=2)] = []
    until: datetime | None = None


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    lists: Inner = msgspec.field(default_factory=Inner)
    mode: Literal["a", "b"] | None = None
    many: dict[str, Inner] = {}
    both: int | bool | None = None


def test_settings_of_toml_convert_with_their_own_types() -> None:
    raw = tomllib.loads(
        'title = "A"\n[lists]\nsize = 5\nratio = 2\nuntil = 2022-02-13\nnames = ["x"]'
    )
    result = convert(raw, Outer, zone=JAKARTA, strict=True)
    assert result.value is not None
    assert (result.value.lists.size, result.value.lists.ratio) == (5, 2.0)
    assert result.value.lists.until == at("2022-02-13T00:00+07:00")
    assert result.days == (("lists", "until"),)


@pytest.mark.parametrize(
    ("toml", "message", "hint"),
    [
        ("lists.size = 0", "lists.size: 0 is out of range", "must be at least 1"),
        ("lists.size = 101", "lists.size: 101 is out of range", "must be at most 100"),
        ("lists.ratio = 0", "lists.ratio: 0.0 is out of range", "must be more than 0"),
        (
            "lists.size = '5'",
            'lists.size: expected a whole number, got the text "5"',
            "write size = 10",
        ),
        ("lists.size = true", "lists.size: expected a whole number, got true", ""),
        (
            "lists.names = 'a, b'",
            'lists.names: expected a list of text, got the text "a, b"',
            'write names = ["a", "b"]',
        ),
        ("lists.names = ['a', 'b', 'c']", "lists.names: has 3 entries, 1 too many", "at most 2"),
        ("lists.names = [1]", "lists.names[0]: expected text, got 1", ""),
        ("lists = 5", "lists: expected keys and values, got 5", "in a table lists"),
        ("mode = 'c'", 'mode: "c" is not a known value', "allowed: a, b"),
        ("many.x.size = 0", "many.x.size: 0 is out of range", "must be at least 1"),
        ("both = 'x'", "both: expected a whole number, got", ""),
        ("lists.until = 09:05:00", "lists.until: expected a date, got 09:05:00", "write it as"),
    ],
)
def test_flaws_of_settings(toml: str, message: str, hint: str) -> None:
    flaw = only({"title": "A", **tomllib.loads(toml)}, Outer, strict=True, syntax="toml")
    assert message in flaw.message
    assert hint in flaw.hint


class Odd(msgspec.Struct):
    size: tuple[int, int]


def test_what_the_walk_does_not_know_is_told_in_the_words_of_msgspec() -> None:
    flaw = only({"size": [1, "x"]}, Odd)
    assert flaw.path == ("size", 1)
    assert "Expected `int`" in flaw.message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("2022-02-13"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "url", "src", "alt", "at", "kind", "text", "date", "x"]), inner
        )
    ),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # busy machines, not slow strategies
@given(
    st.dictionaries(
        st.sampled_from([*ArticleFront.__struct_fields__, "x"]), json_values, max_size=6
    ),
    st.booleans(),
)
def test_conversion_gives_a_value_or_flaws_and_never_raises(
    raw: dict[str, Any], good: bool
) -> None:
    raw = {**ARTICLE, **raw} if good else raw
    result = convert(raw, ArticleFront, zone=JAKARTA)
    assert (result.value is None) == bool(result.flaws)
    assert all(flaw.message and "\n" not in flaw.hint for flaw in result.flaws)


# --- JSON Schema -----------------------------------------------------------------------------

KINDS: tuple[Kind, ...] = ("article", "page", "tag", "category")


@pytest.mark.parametrize("kind", KINDS)
def test_the_json_schema_names_every_field_and_refuses_others(kind: Kind) -> None:
    schema = json_schema(kind)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:digest:front-matter:{kind}"
    assert schema["title"].startswith("Front matter of")
    assert list(schema["properties"]) == list(front_type(kind).__struct_fields__)
    assert schema["additionalProperties"] is False
    assert all(part["additionalProperties"] is False for part in schema.get("$defs", {}).values())


def test_descriptions_and_date_forms_are_in_the_json_schema() -> None:
    schema = json_schema("article")
    assert schema["properties"]["title"]["description"] == "Headline."
    assert schema["properties"]["date"]["pattern"] == INSTANT_PATTERN
    assert schema["properties"]["updated"]["anyOf"][0]["pattern"] == INSTANT_PATTERN
    assert schema["$defs"]["SourceFront"]["properties"]["date"]["anyOf"][0]["pattern"]


def test_each_kind_has_its_front_matter() -> None:
    assert [front_type(kind) for kind in KINDS] == [
        ArticleFront,
        PageFront,
        EntryFront,
        EntryFront,
    ]


GOOD: list[tuple[Kind, dict[str, Any]]] = [
    ("article", ARTICLE),
    ("article", {"title": 2022, "date": "2022-02-13", "tags": [2022, True, "x"], "status": None}),
    ("article", {**ARTICLE, "tags": None, "image": None, "extra": {"a": [1, {"b": None}]}}),
    ("article", {**ARTICLE, "source": "A", "noindex": True, "updated": "2022-02-14 9:05 WITA"}),
    ("article", {**ARTICLE, "sources": ["A", {"name": "B", "url": "https://b.example/"}]}),
    ("article", {**ARTICLE, "corrections": [{"at": "2022-02-13", "kind": "ralat", "text": "x"}]}),
    ("page", {"title": "Tentang", "weight": 3, "aliases": ["/about/"]}),
    ("tag", {"title": "Ukraina", "links": [{"title": "A", "url": "/a/"}], "weight": None}),
]
BAD: list[tuple[Kind, dict[str, Any]]] = [
    ("article", {"title": "A"}),
    ("article", {**ARTICLE, "date": "13/2/2022"}),
    ("article", {**ARTICLE, "titel": "x"}),
    ("article", {**ARTICLE, "tags": "a"}),
    ("article", {**ARTICLE, "status": "x"}),
    ("article", {**ARTICLE, "source": {"name": "B", "url": "ftp://b.example/"}}),
    ("article", {**ARTICLE, "image": {"src": "a.png"}}),
    ("page", {"title": "A", "date": "2022-02-13"}),
    ("category", {"title": None}),
]


def as_yaml_text(value: Any) -> Any:
    """A value as the front-matter loader gives it: every scalar but null is text."""
    if isinstance(value, dict):
        return {k: v if k == "extra" else as_yaml_text(v) for k, v in value.items()}
    if isinstance(value, list):
        return [as_yaml_text(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


@pytest.mark.parametrize(("kind", "front"), [*GOOD, *BAD])
def test_the_json_schema_agrees_with_the_conversion(kind: Kind, front: dict[str, Any]) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="the development extra brings it")
    schema = json_schema(kind)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    good = (kind, front) in GOOD
    assert validator.is_valid(front) is good
    assert (convert(as_yaml_text(front), front_type(kind)).value is not None) is good
