"""Documents: kinds by folder, dates in the zone of the site, and what reaches the page."""

from __future__ import annotations

from typing import Any

import pytest
from sitekit import MakeSite, article, document

AT = "/2022/02/13/a/"


def test_the_kind_of_a_document_follows_its_folder(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/2022/02/dalam/a.md": article(tags=["T"], category="K"),
            "content/pages/p.md": document(title="P"),
            "content/tags/t.md": document("Isi tag.", title="T"),
            "content/categories/k.md": document("Isi kanal.", title="K"),
        }
    )
    assert site.has(AT)
    assert site.has("/p/")
    assert "Isi tag." in site.read("/tag/t/")
    assert "Isi kanal." in site.read("/kanal/k/")


@pytest.mark.parametrize(
    ("zone", "name", "offset"),
    [
        ("Asia/Jakarta", "WIB", "+07:00"),
        ("Asia/Pontianak", "WIB", "+07:00"),
        ("Asia/Makassar", "WITA", "+08:00"),
        ("Asia/Jayapura", "WIT", "+09:00"),
    ],
)
def test_a_date_without_an_offset_is_in_the_zone_of_the_site(
    make_site: MakeSite, zone: str, name: str, offset: str
) -> None:
    site = make_site(
        {"content/articles/a.md": article(date="2022-02-13 09:15")},
        settings=f'timezone = "{zone}"\n',
    )
    fields = site.fields(AT)
    assert fields["page.date.iso"] == f"2022-02-13T09:15:00{offset}"
    assert fields["page.date.time"] == f"09.15 {name}"
    assert fields["page.head.published"] == f"2022-02-13T09:15:00{offset}"


@pytest.mark.parametrize(
    ("date", "day", "time"),
    [
        ("2022-02-13", "Minggu, 13 Februari 2022", ""),
        ("2022-02-13 9:05", "Minggu, 13 Februari 2022", "09.05 WIB"),
        ("2022-02-13T09:15:59+07:00", "Minggu, 13 Februari 2022", "09.15 WIB"),
        ("2022-02-13 20:00 WIT", "Minggu, 13 Februari 2022", "18.00 WIB"),
        ("2022-02-13T23:30:00Z", "Senin, 14 Februari 2022", "06.30 WIB"),
        ("2022-02-13T00:30:00+09:00", "Sabtu, 12 Februari 2022", "22.30 WIB"),
    ],
)
def test_a_date_is_shown_in_the_zone_of_the_site(
    make_site: MakeSite, date: str, day: str, time: str
) -> None:
    site = make_site(
        {"content/articles/a.md": article(date=date)}, settings='permalinks.article = "/{slug}/"\n'
    )
    fields = site.fields("/a/")
    assert fields["page.date.full"] == day
    assert fields["page.date.time"] == time


def test_urls_and_archive_follow_the_day_in_the_zone_of_the_site(make_site: MakeSite) -> None:
    site = make_site({"content/articles/a.md": article(date="2022-02-13T20:00:00Z")})
    assert site.has("/2022/02/14/a/")
    assert site.has("/indeks/2022/02/14/")
    assert not site.has("/indeks/2022/02/13/")


def test_dates_have_the_fields_of_an_indonesian_news_site(make_site: MakeSite) -> None:
    fields = make_site({"content/articles/a.md": article(date="2022-02-13 14:20")}).fields(AT)
    assert fields["page.date.full"] == "Minggu, 13 Februari 2022"
    assert fields["page.date.day"] == "13 Februari 2022"
    assert fields["page.date.short"] == "13/2/2022"
    assert fields["page.date.time"] == "14.20 WIB"
    assert fields["page.date.url"] == "/indeks/2022/02/13/"


def test_date_patterns_are_settings(make_site: MakeSite) -> None:
    site = make_site(
        {"content/articles/a.md": article()},
        settings='[dates]\nfull = "EEEE (d/M/y)"\ntime = "HH:mm"\n',
    )
    fields = site.fields(AT)
    assert fields["page.date.full"] == "Minggu (13/2/2022)"
    assert fields["page.date.time"] == "09:15 WIB"


def test_a_day_alone_is_shown_without_a_time_everywhere(make_site: MakeSite) -> None:
    source = {"name": "Antara", "date": "2022-02-12", "retrieved": "2022-02-13 07:00"}
    correction = {"at": "2022-02-14", "kind": "ralat", "text": "Nama."}
    fields = make_site(
        {
            "content/articles/a.md": article(
                date="2022-02-13", updated="2022-02-15", sources=[source], corrections=[correction]
            )
        }
    ).fields(AT)
    assert fields["page.date.iso"] == "2022-02-13"
    assert fields["page.updated.iso"] == "2022-02-15"
    assert fields["page.updated.time"] == ""
    assert fields["page.sources[0].date.time"] == ""
    assert fields["page.sources[0].retrieved.time"] == "07.00 WIB"
    assert fields["page.corrections[0].at.time"] == ""


def test_everything_of_the_front_matter_reaches_the_page(make_site: MakeSite) -> None:
    front: dict[str, Any] = {
        "summary": "Ringkasan.",
        "authors": ["Ani", "Budi"],
        "editor": "Citra",
        "dateline": "JAKARTA",
        "lang": "en",
        "source": {"name": "Bloomberg", "url": "https://b.example/x", "author": "Dewi"},
        "license": "CC BY 4.0",
        "verification": "unverified",
        "sponsored": "iklan",
        "ai": "assisted",
        "extra": {"warna": "merah"},
        "corrections": [
            {"at": "2022-02-14", "kind": "ralat", "text": "Satu."},
            {"at": "2022-02-15", "kind": "hak-jawab", "text": "Dua."},
        ],
    }
    fields = make_site({"content/articles/a.md": article(**front)}).fields(AT)
    assert fields["page.summary"] == "Ringkasan."
    assert fields["page.authors[0].name"] == "Ani"
    assert fields["page.authors[1].name"] == "Budi"
    assert fields["page.editor.name"] == "Citra"
    assert fields["page.language"] == "en"
    assert fields["page.sources[0].name"] == "Bloomberg"
    assert fields["page.sources[0].url"] == "https://b.example/x"
    assert fields["page.sources[0].author"] == "Dewi"
    assert fields["page.license"] == "CC BY 4.0"
    kinds = [fields[f"page.labels[{n}].kind"] for n in range(3)]
    assert kinds == ["sponsored", "unverified", "ai"]
    assert fields["page.extra.warna"] == "merah"
    assert [fields[f"page.corrections[{n}].text"] for n in range(2)] == ["Dua.", "Satu."]
    assert fields["page.corrections[0].name"] == "Hak jawab"
    assert fields["page.head.description"] == "Ringkasan."


def test_a_source_may_be_just_a_name(make_site: MakeSite) -> None:
    fields = make_site({"content/articles/a.md": article(source="Antara")}).fields(AT)
    assert fields["page.sources[0].name"] == "Antara"
    assert fields["page.sources[0].url"] == ""


def test_the_dateline_opens_the_first_paragraph(make_site: MakeSite) -> None:
    site = make_site(
        {"content/articles/a.md": article(text="## Judul\n\nSatu.\n\nDua.", dateline="KYIV & <A>")}
    )
    text = site.html(AT).xpath("string(//*[@id='body'])")
    assert text.count("KYIV & <A> – ") == 1
    assert "KYIV & <A> – Satu." in text


@pytest.mark.parametrize(
    "text", ["- satu\n- dua", "> kutipan", "| a | b |\n|---|---|\n| c | d |", ""]
)
def test_a_dateline_is_shown_whatever_the_text_begins_with(make_site: MakeSite, text: str) -> None:
    """What the editor wrote is never dropped in silence."""
    site = make_site({"content/articles/a.md": article(text=text, dateline="KYIV")})
    assert "KYIV" in site.read(AT) or site.problems


@pytest.mark.parametrize(
    ("words", "minutes"), [(1, "1"), (200, "1"), (290, "1"), (310, "2"), (1000, "5")]
)
def test_reading_time_is_in_whole_minutes_of_200_words(
    make_site: MakeSite, words: int, minutes: str
) -> None:
    fields = make_site({"content/articles/a.md": article(text="kata " * words)}).fields(AT)
    assert fields["page.words"] == str(words)
    assert fields["page.minutes"] == minutes


def test_a_summary_is_made_from_the_first_paragraph(make_site: MakeSite) -> None:
    text = "Kalimat *pertama* [ini](/terkini/). " + "Kata lagi. " * 40 + "\n\nLain."
    fields = make_site({"content/articles/a.md": article(text=text)}).fields("/")
    summary = fields["page.lead.summary"]
    assert summary.startswith("Kalimat pertama ini.")
    assert len(summary) <= 180
