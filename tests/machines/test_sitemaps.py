"""Sitemap, news sitemap and robots.txt."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import lxml.etree  # type: ignore[import-untyped]  # has no stubs
import pytest
from sitekit import NOW, Build, MakeSite, article, build_site, document, many

from digest.sitemaps import Location, parts
from machines.conftest import copy_of_sulit
from machines.reading import HERE, base_of, published, thing

SPACES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
}
SCHEMA = lxml.etree.XMLSchema(lxml.etree.parse(str(HERE / "schemas/sitemap.xsd")))


def tree(site: Build, path: str) -> lxml.etree._Element:
    found = lxml.etree.fromstring(site.file(path).read_bytes())
    SCHEMA.assertValid(found)
    return found


def listed(site: Build, path: str = "/sitemap.xml") -> dict[str, str]:
    """Address → lastmod."""
    return {
        node.findtext("s:loc", namespaces=SPACES): node.findtext(
            "s:lastmod", default="", namespaces=SPACES
        )
        for node in tree(site, path)
    }


def news(site: Build, path: str = "/sitemap-news.xml") -> dict[str, str]:
    """Last part of the address → title."""
    return {
        node.findtext("s:loc", namespaces=SPACES).split("/")[-2]: node.findtext(
            "n:news/n:title", namespaces=SPACES
        )
        for node in tree(site, path)
    }


def test_both_sitemaps_satisfy_their_schemas(site: Build) -> None:
    assert listed(site)
    assert news(site)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<loc>", b"<loc>/"),
        (b"</loc>", b"</loc><priority>1</priority>"),
        (b"<lastmod>2", b"<lastmod>kemarin 2"),
        (b"+09:00</lastmod>", b"</lastmod>"),
    ],
)
def test_the_schema_of_sitemaps_refuses_what_is_wrong(sulit: Build, old: bytes, new: bytes) -> None:
    data = sulit.file("/sitemap.xml").read_bytes()
    assert old in data
    assert not SCHEMA.validate(lxml.etree.fromstring(data.replace(old, new, 1)))


def test_the_sitemap_lists_just_the_canonical_pages_that_may_be_indexed(site: Build) -> None:
    wanted = set()
    for path in site.files():
        if not path.endswith(".html") or path == "404.html":
            continue
        page = site.html("/" + path)
        robots = page.xpath("string(//meta[@name='robots']/@content)")
        if "noindex" not in robots and not page.xpath("//meta[@http-equiv='refresh']"):
            wanted.add(page.xpath("string(//link[@rel='canonical']/@href)"))
    assert set(listed(site)) == wanted
    assert all(published(site, address).is_file() for address in wanted)


def test_drafts_scheduled_and_hidden_articles_are_not_in_it(sulit: Build) -> None:
    found = " ".join(listed(sulit))
    assert "skrip" in found
    for slug in ("ditarik", "tersembunyi", "nanti", "lewat", "diam"):
        assert slug not in found


def test_a_preview_with_drafts_lists_none_of_them(make_site: MakeSite) -> None:
    files = {
        "content/articles/a.md": article(),
        "content/articles/b.md": article("B", status="draft"),
        "content/articles/c.md": article("C", "2022-04-01"),
        "content/pages/d.md": document(title="D", status="draft"),
    }
    site = make_site(files, drafts=True, future=True)
    assert {a.split("/")[-2] for a in listed(site)} >= {"a"}
    assert not {a.split("/")[-2] for a in listed(site)} & {"b", "c", "d"}
    assert set(news(site)) == set()


def test_lastmod_is_the_time_of_the_article_itself(site: Build) -> None:
    base, found = base_of(site), listed(site)
    checked = 0
    for address, modified in found.items():
        if re.search(r"/\d{4}/\d\d/\d\d/[^/]+/$", address) and "/indeks/" not in address:
            path = address.removeprefix(base + "/")
            assert modified == thing(site, path, "NewsArticle")["dateModified"]
            checked += 1
    assert checked > 8


def test_addresses_are_in_no_other_alphabet(make_site: MakeSite) -> None:
    files = {"content/articles/a.md": article(tags=["Ü"], slug="größe")}
    site = make_site(files, settings='permalinks.tag = "/label-é/{slug}/"\n')
    assert all(address.isascii() for address in listed(site))
    assert all(published(site, address).is_file() for address in listed(site))


# news


def test_the_news_sitemap_holds_the_last_48_hours(site: Build) -> None:
    now = NOW.replace(year=2025, month=9, day=18) if site.root.name != "situs" else NOW
    for node in tree(site, "/sitemap-news.xml"):
        story = node.find("n:news", SPACES)
        date = story.findtext("n:publication_date", namespaces=SPACES)
        assert now - timedelta(hours=48) < datetime.fromisoformat(date) <= now
        assert story.findtext("n:publication/n:name", namespaces=SPACES)
        assert story.findtext("n:publication/n:language", namespaces=SPACES) in {"id", "en"}
        address = node.findtext("s:loc", namespaces=SPACES)
        page = address.removeprefix(base_of(site) + "/")
        assert date == thing(site, page, "NewsArticle")["datePublished"]


def test_news_are_left_out_to_the_second(sulit: Build) -> None:
    found = news(sulit)
    assert "emoji" in found  # 48 hours but one second old
    assert "kanan" not in found  # 48 hours old
    assert not found.keys() & {"tersembunyi", "ditarik", "nanti", "iklan"}
    assert found["skrip"].startswith("Uji </script>")


def test_an_empty_news_sitemap_is_still_one(make_site: MakeSite) -> None:
    site = make_site({"content/articles/a.md": article("A", "2021-01-01")})
    assert news(site) == {}


def test_no_news_sitemap_holds_more_than_a_thousand(make_site: MakeSite) -> None:
    files = {
        f"content/articles/a{n:04}.md": article(f"A {n}", f"2022-03-01 {n // 60:02}:{n % 60:02}")
        for n in range(1005)
    }
    files["overrides/templates/base.html"] = "<h1>{{ page.title }}</h1>"  # no page is read
    now = datetime(2022, 3, 2, tzinfo=UTC)
    site = make_site(files, now=now, settings="related.closing = 0\nrelated.inline = 0\n", jobs=2)
    first, second = news(site), news(site, "/sitemap-news-2.xml")
    assert (len(first), len(second)) == (1000, 5)
    assert len({*first, *second}) == 1005
    assert site.read("/robots.txt").count("sitemap-news") == 2


# the clock


def test_a_day_later_only_the_news_differ_and_no_lastmod_moves(tmp_path: Path) -> None:
    trees = []
    for name, days in (("hari-ini", 0), ("besok", 1)):
        copy_of_sulit(tmp_path / name)
        site = build_site(tmp_path / name, now=NOW + timedelta(days=days))
        trees.append((site.tree(), listed(site), news(site)))
    (first, before, fresh), (second, after, stale) = trees
    assert first.keys() == second.keys()
    assert {path for path in first if first[path] != second[path]} == {"sitemap-news.xml"}
    assert before == after
    assert stale.keys() < fresh.keys()


def test_what_becomes_due_moves_only_its_own_lastmod(tmp_path: Path) -> None:
    copy_of_sulit(tmp_path / "situs")
    before = listed(build_site(tmp_path / "situs"))
    site = build_site(tmp_path / "situs", now=NOW + timedelta(days=4))
    after = listed(site)
    new = {address for address in after if address not in before}
    assert any("nanti" in address for address in new)
    moved = {a for a in before if a in after and before[a] != after[a]}
    assert all(after[address] == "2022-03-04T10:00:00+09:00" for address in moved)
    assert not any(re.search(r"/kabar/\d{4}/", address) for address in moved)


def test_a_build_notices_that_an_article_is_no_longer_news(make_site: MakeSite) -> None:
    at = datetime(2022, 3, 1, 2, tzinfo=UTC)
    site = make_site({"content/articles/a.md": article("A", "2022-03-01 09:00")}, now=at)
    assert set(news(site)) == {"a"}
    almost = make_site(now=at + timedelta(hours=48, seconds=-1))
    assert set(news(almost)) == {"a"}
    old = make_site(now=at + timedelta(hours=48))
    assert set(news(old)) == set()
    assert old.done.made == 1
    back = make_site(now=at)
    assert set(news(back)) == {"a"}


# robots and the index


def test_robots_txt_names_the_sitemaps(site: Build) -> None:
    lines = site.read("/robots.txt").splitlines()
    assert lines[0] == "User-agent: *"
    named = [line.removeprefix("Sitemap: ") for line in lines if line.startswith("Sitemap: ")]
    assert [published(site, address).name for address in named] == [
        "sitemap.xml",
        "sitemap-news.xml",
    ]
    assert all(published(site, address).is_file() for address in named)


def test_a_robots_txt_of_the_site_takes_the_place_of_ours(make_site: MakeSite) -> None:
    site = make_site({"static/robots.txt": "User-agent: x\n", "content/articles/a.md": article()})
    assert site.read("/robots.txt") == "User-agent: x\n"


def test_a_site_that_one_file_does_not_hold_gets_an_index(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = listed(make_site(many(30)))
    monkeypatch.setattr("digest.sitemaps.parts.__defaults__", (0, 20, 10**6))
    site = make_site({"content/articles/b.md": article("B", "2020-01-01")})
    index = listed(site)
    assert len(index) > 1
    assert all(address.rpartition("/")[2].startswith("sitemap-") for address in index)
    inner = [listed(site, "/" + address.rpartition("/")[2]) for address in index]
    assert all(0 < len(part) <= 20 for part in inner)
    together = {address for part in inner for address in part}
    assert whole.keys() < together
    assert sum(map(len, inner)) == len(together)
    for address, part in zip(index, inner, strict=True):
        assert index[address] == max(part.values())


def test_files_of_a_sitemap_count_from_the_oldest_and_keep_to_both_limits() -> None:
    urls = [Location(f"https://x.example/{n}/") for n in range(100_010, 0, -1)]
    found = parts(urls)
    assert [len(part) for part in found] == [50_000, 50_000, 10]
    assert found[0][-1].url.endswith("/1/")
    assert found[2][0] == urls[0]
    assert parts([Location("https://x.example/0/"), *urls])[:2] == found[:2]
    large = [Location("https://x.example/" + "a" * 1900 + str(n)) for n in range(10_000)]
    assert len(parts(large)) > 1
    assert [one for part in reversed(parts(large)) for one in part] == large
    assert parts([]) == [()]
