"""JSON-LD: what search engines read of a page."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sitekit import Build, MakeSite, article

from digest.structured import CONTEXT, ListItem, Person, script_text
from machines.reading import base_of, metas, pages, published, thing, things

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")


def instants(value: Any) -> list[str]:
    """Every value of a field that is an instant."""
    if isinstance(value, dict):
        own = [v for k, v in value.items() if k.startswith("date") and k != "dateline"]
        return own + [i for inner in value.values() for i in instants(inner)]
    return [i for inner in value for i in instants(inner)] if isinstance(value, list) else []


def test_an_article_page_has_exactly_one_news_article(site: Build) -> None:
    found = pages(site, "article")
    assert len(found) > 10
    for path in found:
        made = thing(site, path, "NewsArticle")
        head = metas(site, path)
        page = site.html("/" + path)
        assert made["@context"] == CONTEXT
        assert made["headline"] == page.xpath("string(//h1)").strip()
        assert made["mainEntityOfPage"]["@id"] == head["og:url"] == made["url"]
        assert made["url"] == page.xpath("string(//link[@rel='canonical']/@href)")
        assert published(site, made["url"]) == site.file("/" + path)
        assert made["datePublished"] == head["article:published_time"]
        assert made["dateModified"] == head["article:modified_time"]
        assert datetime.fromisoformat(made["dateModified"]) >= datetime.fromisoformat(
            made["datePublished"]
        )
        assert made["author"]
        assert all(author["@type"] and author["name"] for author in made["author"])
        assert made["publisher"]["name"]
        assert made["inLanguage"]


def test_every_instant_has_an_offset(site: Build) -> None:
    found = [i for p in pages(site, "article") for i in instants(things(site, p))]
    assert found
    assert [value for value in found if not INSTANT.fullmatch(value)] == []


def test_sources_section_keywords_and_dateline_are_told(sulit: Build) -> None:
    made = thing(sulit, "2022/02/28/skrip/index.html", "NewsArticle")
    assert made["isBasedOn"]["publisher"]["name"] == "Sumber & <Rekan>"
    assert made["isBasedOn"]["url"].startswith("https://sumber.example/")
    assert made["isBasedOn"]["author"]["name"] == "Wartawan ]]>"
    assert made["articleSection"] == "Kanal <satu>"
    assert "</script>" in made["keywords"]
    assert made["dateline"] == "JAYAPURA"
    assert [author["name"] for author in made["author"]] == ["Budi </script>", "Ani ]]> <!-- x"]
    assert made["image"][0]["width"] == 40


def test_further_sources_are_citations(make_site: MakeSite) -> None:
    sources = ["Antara", {"name": "Reuters", "url": "https://r.example/x"}]
    site = make_site(
        {"content/articles/a.md": article(sources=sources)}, settings="theme.options = {}\n"
    )
    assert site.fields("/2022/02/13/a/")["page.head.structured[0].citation[0].url"] == (
        "https://r.example/x"
    )


def test_ten_corrections_are_told_with_their_times_and_move_the_date(sulit: Build) -> None:
    made = thing(sulit, "2022/01/15/koreksi/index.html", "NewsArticle")
    assert len(made["correction"]) == 10
    assert {one["@type"] for one in made["correction"]} == {"CorrectionComment"}
    assert 'Koreksi ke-3 </script> ]]> & "kutip".' in {o["text"] for o in made["correction"]}
    assert made["dateModified"] == "2022-02-10T10:00:00+09:00"


def test_a_withdrawn_article_says_so_and_nothing_of_its_text(sulit: Build) -> None:
    made = thing(sulit, "2022/02/28/ditarik/index.html", "NewsArticle")
    assert made["creativeWorkStatus"] == "Withdrawn"
    assert "isBasedOn" not in made
    assert made["description"] == "Keliru ]]> </script>."


def test_dates_around_midnight_and_new_year_are_those_of_the_zone(sulit: Build) -> None:
    wanted = {
        "2021/12/31/sebelum-tahun-baru": "2021-12-31T23:59:59+09:00",
        "2022/01/01/tahun-baru-jakarta": "2022-01-01T01:30:00+09:00",
        "2022/01/01/panjang": "2022-01-01T00:00:00+09:00",
        "2022/02/28/tengah-malam": "2022-02-28T00:00:00+09:00",
    }
    for folder, date in wanted.items():
        made = thing(sulit, f"{folder}/index.html", "NewsArticle")
        assert made["datePublished"] == date


def test_breadcrumbs_count_from_one_and_end_at_the_page(site: Build) -> None:
    shown = [p for kind in ("article", "list", "page", "archive") for p in pages(site, kind)]
    assert shown
    for path in shown:
        entries = thing(site, path, "BreadcrumbList")["itemListElement"]
        assert [entry["position"] for entry in entries] == list(range(1, len(entries) + 1))
        assert all(entry["name"] for entry in entries)
        assert entries[0]["item"] == base_of(site) + "/"
        assert all(published(site, entry["item"]).is_file() for entry in entries)
        visible = site.html("/" + path).xpath("//nav[contains(@class, 'breadcrumbs')]//li")
        assert len(visible) == len(entries)


def test_lists_name_their_articles_in_the_order_of_the_page(site: Build) -> None:
    for path in pages(site, "list"):
        made = thing(site, path, "CollectionPage")
        entries = made["mainEntity"]["itemListElement"]
        assert [entry["position"] for entry in entries] == list(range(1, len(entries) + 1))
        cards = "//article//*[contains(@class, 'card-title')]/a/@href"
        noted = "//main//li[@id]//a[contains(@href, '#correction_')]/@href"
        shown = noted if path.startswith("koreksi/") else cards
        found = (link.partition("#")[0] for link in site.html("/" + path).xpath(shown))
        titles = list(dict.fromkeys(found))
        assert [entry["url"].rstrip("/").rpartition("/")[2] for entry in entries] == [
            re.sub(r"/(index\.html)?$", "", link).rpartition("/")[2] for link in titles
        ]
        assert all(published(site, entry["url"]).is_file() for entry in entries)


def test_the_front_page_names_the_site(site: Build) -> None:
    made = thing(site, "index.html", "WebSite")
    assert made["url"] == base_of(site) + "/"
    assert made["name"]


def test_no_other_script_than_files_and_data_stands_in_a_page(site: Build) -> None:
    for path in (p for p in site.files() if p.endswith(".html")):
        for script in site.html("/" + path).xpath("//head//script"):
            assert script.get("src") or script.get("type") == "application/ld+json", path


def test_hostile_text_stays_inside_its_script(sulit: Build) -> None:
    text = sulit.read("/2022/02/28/skrip/")
    data = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    assert len(data) == 2
    for one in data:
        assert not re.search("[<>&\u2028\u2029]", one)
        json.loads(one)


@given(st.text())
def test_any_text_comes_back_and_never_ends_a_script(text: str) -> None:
    written = script_text(Person(name=text))
    assert json.loads(written)["name"] == text
    assert not re.search("[<>&\u2028\u2029]", written)


def test_what_is_empty_is_left_out() -> None:
    assert json.loads(script_text(ListItem(position=1))) == {"@type": "ListItem", "position": 1}


@pytest.mark.parametrize("block", ["structured", "head_extra"])
def test_a_theme_may_add_to_it(make_site: MakeSite, block: str) -> None:
    template = (
        '{% extends "harian:article.html" %}{% block ' + block + " %}{{ super() }}"
        '<script type="application/ld+json">{{ json_ld({"@type": "Event", "name": page.title}) }}'
        "</script>{% endblock %}"
    )
    site = make_site(
        {
            "content/articles/a.md": article("A </script>"),
            "overrides/templates/article.html": template,
            "digest.toml": 'title = "T"\ntheme.name = "harian"\n',
        }
    )
    found = {value["@type"]: value for value in things(site, "2022/02/13/a/index.html")}
    assert found["Event"]["name"] == "A </script>"
    assert "NewsArticle" in found
