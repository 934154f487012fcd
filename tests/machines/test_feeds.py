"""Feeds: RSS 2.0, Atom and JSON Feed of the site, its tags and categories."""

from __future__ import annotations

import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime

import jsonschema  # type: ignore[import-untyped]  # has no stubs
import lxml.etree  # type: ignore[import-untyped]  # has no stubs
import lxml.html  # type: ignore[import-untyped]
import pytest
from sitekit import Build, MakeSite, article, many

from machines.reading import HERE, NAMES, base_of, feed_folders, json_feed, parsed, published

ATOM = {"a": "http://www.w3.org/2005/Atom"}
RSS = {
    "atom": ATOM["a"],
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
SCHEMA = json.loads((HERE / "schemas/jsonfeed-1.1.json").read_text(encoding="utf-8"))


def tree(site: Build, path: str) -> lxml.etree._Element:
    return lxml.etree.fromstring(site.file("/" + path).read_bytes())


def test_the_site_every_tag_and_every_category_has_its_feeds(site: Build) -> None:
    folders = feed_folders(site)
    assert "" in folders
    lists = {path.removesuffix("index.html") for path in site.files() if "/hal/" not in path}
    terms = {p for p in lists if re.fullmatch(r"(tag|kanal)/[^/]+/", p) and has_items(site, p)}
    assert terms
    assert set(folders) == {"", *terms, *(lists & {"edisi/"})}
    for folder in folders:
        assert all(site.has(f"/{folder}{name}") for name in NAMES), folder


def has_items(site: Build, folder: str) -> bool:
    return bool(site.html(f"/{folder}").xpath("//article[contains(@class, 'card')]"))


def test_feedparser_finds_nothing_wrong_and_the_same_items_in_all_three(site: Build) -> None:
    for folder in feed_folders(site):
        rss, atom = (parsed(site, folder + name) for name in NAMES[:2])
        assert (rss.bozo, atom.bozo) == (0, 0), (rss, atom)
        assert (rss.version, atom.version) == ("rss20", "atom10")
        ids = [item["id"] for item in json_feed(site, folder)["items"]]
        assert ids
        assert [entry.id for entry in rss.entries] == ids
        assert [entry.id for entry in atom.entries] == ids
        assert len(set(ids)) == len(ids)


def test_a_json_feed_satisfies_its_schema(site: Build) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    for folder in feed_folders(site):
        assert list(validator.iter_errors(json_feed(site, folder))) == []


@pytest.mark.parametrize(
    "harm",
    [
        {"version": "1.1"},
        {"items": [{"id": 3, "content_html": "x"}]},
        {"items": [{"id": "x"}]},
        {"items": [{"content_html": "x"}]},
        {"title": None},
        {"items": [{"id": "x", "content_html": "x", "date_published": "kemarin"}]},
    ],
)
def test_the_schema_of_json_feed_refuses_what_is_wrong(sulit: Build, harm: object) -> None:
    assert isinstance(harm, dict)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json_feed(sulit, ""), **harm}, SCHEMA)


def test_a_channel_of_rss_has_all_it_must_and_its_date_is_that_of_its_newest_item(
    site: Build,
) -> None:
    for folder in feed_folders(site):
        channel = tree(site, folder + "feed.xml").find("channel")
        for name in ("title", "link", "description", "language"):
            assert channel.findtext(name).strip(), (folder, name)
        own = channel.find("atom:link", RSS)
        assert own.get("rel") == "self"
        assert own.get("type") == "application/rss+xml"
        assert published(site, own.get("href")) == site.file(f"/{folder}feed.xml")
        built = parsedate_to_datetime(channel.findtext("lastBuildDate"))
        changed = [item["date_modified"] for item in json_feed(site, folder)["items"]]
        assert built == max(map(datetime.fromisoformat, changed))


def test_an_item_of_rss_has_all_it_must_in_the_order_it_must(site: Build) -> None:
    for folder in feed_folders(site):
        for item in tree(site, folder + "feed.xml").iter("item"):
            for name in ("title", "link", "guid", "pubDate", "description"):
                assert item.findtext(name).strip(), (folder, name)
            assert parsedate_to_datetime(item.findtext("pubDate")).tzinfo is not None
            assert item.find("guid").get("isPermaLink") == "false"
            names = [child.tag for child in item]
            content = f"{{{RSS['content']}}}encoded"
            assert names.index("description") < names.index(content)
            assert item.find("source") is None, "the address of the source's feed is not known"


def test_atom_has_all_it_must_and_names_the_source_as_via(site: Build) -> None:
    for folder in feed_folders(site):
        feed = tree(site, folder + "atom.xml")
        for node in (feed, *feed.iterfind("a:entry", ATOM)):
            for name in ("id", "title", "updated"):
                assert node.findtext(f"a:{name}", namespaces=ATOM).strip(), (folder, name)
            updated = datetime.fromisoformat(node.findtext("a:updated", namespaces=ATOM))
            assert updated.tzinfo is not None
        assert feed.find("a:author/a:name", ATOM) is not None
        for entry, item in zip(
            feed.iterfind("a:entry", ATOM), json_feed(site, folder)["items"], strict=True
        ):
            links = {link.get("rel"): link.get("href") for link in entry.iterfind("a:link", ATOM)}
            assert links["alternate"] == item["url"]
            assert links.get("via", "") == item.get("external_url", "")
            assert entry.find("a:content", ATOM) is not None


def test_sources_are_named_in_some_item(site: Build) -> None:
    assert any("external_url" in item for item in json_feed(site, "")["items"])


def test_every_address_is_absolute_and_leads_somewhere(site: Build) -> None:
    base = base_of(site)
    for folder in feed_folders(site):
        feed = json_feed(site, folder)
        assert published(site, feed["home_page_url"]).is_file()
        assert published(site, feed["feed_url"]) == site.file(f"/{folder}feed.json")
        for item in feed["items"]:
            assert published(site, item["url"]).is_file()
            body = lxml.html.fragment_fromstring(item["content_html"], create_parent=True)
            for link in body.xpath(".//@href | .//@src"):
                assert re.match(r"(https?|mailto|tel):", link), (item["url"], link)
                if link.startswith(base + "/"):
                    assert published(site, link).is_file(), (item["url"], link)


def test_the_text_of_an_article_stands_in_its_item_as_html(site: Build) -> None:
    for item in json_feed(site, "")["items"]:
        path = published(site, item["url"]).relative_to(site.output).as_posix()
        page = site.html("/" + path)
        prose = page.xpath("//div[contains(@class, 'prose')]")[0]
        for aside in prose.xpath(".//aside | .//script | .//*[contains(@class, 'baca-juga')]"):
            aside.drop_tree()
        body = lxml.html.fragment_fromstring(item["content_html"], create_parent=True)
        shown = " ".join(prose.text_content().split())
        assert shown in " ".join(body.text_content().split()), path
        assert len(body.xpath(".//p")) >= len(prose.xpath(".//p"))


def test_nothing_runs_and_no_baca_juga_block_stands_in_a_text(site: Build) -> None:
    for folder in feed_folders(site):
        for item in json_feed(site, folder)["items"]:
            body = lxml.html.fragment_fromstring(item["content_html"], create_parent=True)
            elements = list(body.iter(lxml.etree.Element))
            tags = {element.tag for element in elements}
            assert not tags & {"script", "style", "iframe", "form", "object", "svg", "aside"}
            names = {name for element in elements for name in element.attrib}
            assert not [name for name in names if name.startswith("on") or name == "style"]
            assert "baca juga" not in body.text_content().lower()
            assert not [a for a in body.xpath(".//@href") if a.lower().startswith("javascript")]


def test_no_control_character_and_no_raw_marked_section_stands_in_any_feed(sulit: Build) -> None:
    for folder in feed_folders(sulit):
        for name in NAMES:
            text = sulit.read(f"/{folder}{name}")
            assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text)
            if name != "feed.json":
                assert "<![CDATA[" not in text
                assert "]]>" not in text


def test_hostile_titles_are_read_as_they_were_written(sulit: Build) -> None:
    titles = {item["title"] for item in json_feed(sulit, "")["items"]}
    wanted = "Uji </script><script>alert(1)</script> & ]]> <!– “kutip”"
    assert wanted in titles
    assert "🚀 Roket 👨‍👩‍👧 lepas 🇮🇩 𝕬𝖇𝖈" in titles
    assert max(map(len, titles)) == 300
    assert any("Bel dan" in title for title in titles)
    atom = tree(sulit, "atom.xml")
    assert titles == {t.text for t in atom.iterfind("a:entry/a:title", ATOM)}
    rss = tree(sulit, "feed.xml")
    assert titles == {item.findtext("title") for item in rss.iter("item")}


def test_withdrawn_scheduled_and_expired_articles_are_in_no_feed(sulit: Build) -> None:
    urls = {item["url"] for f in feed_folders(sulit) for item in json_feed(sulit, f)["items"]}
    assert not [url for url in urls if re.search("ditarik|nanti|lewat", url)]


def test_paid_items_and_corrections_are_labelled_in_feeds(sulit: Build) -> None:
    items = {item["url"].split("/")[-2]: item for item in json_feed(sulit, "")["items"]}
    assert "Advertorial" in items["iklan"]["content_html"].partition("berbayar")[0]
    assert items["koreksi"]["content_html"].count("Koreksi ke-") == 10
    assert items["koreksi"]["date_modified"] == "2022-02-10T10:00:00+09:00"


def test_pages_lead_to_the_feeds_from_their_head(site: Build) -> None:
    xpath = "//head/link[@rel='alternate' and @type]/@type"
    kinds = {"application/rss+xml", "application/atom+xml", "application/feed+json"}
    for path in (p for p in site.files() if p.endswith(".html")):
        if "http-equiv" in site.read("/" + path):
            continue  # a redirect
        assert set(site.html("/" + path).xpath(xpath)) == kinds, path
    for folder in feed_folders(site)[1:]:
        assert len(site.html(f"/{folder}").xpath(xpath)) == 6, folder


def test_a_page_explains_the_feeds_and_lists_them_all(site: Build) -> None:
    page = site.html("/rss/")
    listed = page.xpath("//main//a[contains(@type, 'rss+xml')]/@href")
    assert len(listed) == len(feed_folders(site))
    assert page.xpath("//main//p[string-length(.) > 60]")
    assert site.html("/").xpath("//footer//a[contains(@href, 'rss')]")


def test_a_style_sheet_for_browsers_and_no_xsl(site: Build) -> None:
    for name in NAMES[:2]:
        feed = site.read(f"/{name}")
        found = re.findall(r"<\?xml-stylesheet (.*?)\?>", feed)
        assert len(found) == 1
        assert 'type="text/css"' in found[0]
        address = re.search(r'href="([^"]+)"', found[0])
        assert address
        assert published(site, address[1]).is_file()


# editions


def test_the_feed_of_editions_has_an_item_an_edition_with_all_its_articles(
    demonstration: Build,
) -> None:
    items = json_feed(demonstration, "edisi/")["items"]
    listed = demonstration.html("/edisi/index.html").xpath("//main//h2//a/@href")
    assert len(items) == len(listed) >= 4
    for item in items:
        page = published(demonstration, item["url"])
        linked = re.findall(r'<a href="([^"]+)"', item["content_html"])
        assert linked, "an edition without articles"
        for url in linked:
            if url.startswith(base_of(demonstration)):
                assert published(demonstration, url).is_file()
        assert item["title"] in lxml.html.fromstring(page.read_bytes()).text_content()


def test_an_edition_keeps_its_id_when_number_title_and_slug_change(make_site: MakeSite) -> None:
    edition = "---\nnumber: {n}\ndate: 2022-02-13\n{more}sections:\n- items: [a]\n---\n"
    files = {"content/articles/a.md": article("A", "2022-02-13 06:00")}
    path = "content/editions/satu.md"
    first = make_site({**files, path: edition.format(n=1, more="")})
    old = json_feed(first, "edisi/")["items"][0]
    other = make_site({path: edition.format(n=7, more="title: Lain\nslug: tujuh\n")})
    new = json_feed(other, "edisi/")["items"][0]
    assert (new["id"], new["title"]) == (old["id"], "Lain")
    assert new["url"] != old["url"]


# ids


def ids_of(site: Build) -> dict[str, str]:
    return {item["url"].split("/")[-2]: item["id"] for item in json_feed(site, "")["items"]}


def test_an_id_stays_when_title_slug_and_date_change_and_the_old_url_redirects(
    make_site: MakeSite,
) -> None:
    before = make_site({"content/articles/a.md": article("Satu"), **many(2)})
    old = ids_of(before)["a"]
    after = make_site(
        {
            "content/articles/a.md": article(
                "Lain", "2022-02-14 10:00", slug="baru", aliases=["/2022/02/13/a/"]
            )
        }
    )
    assert ids_of(after)["baru"] == old
    assert "/2022/02/14/baru/" in after.read("/2022/02/13/a/")


def test_an_article_that_is_moved_keeps_its_id_by_its_front_matter(make_site: MakeSite) -> None:
    old = ids_of(make_site({"content/articles/2022/a.md": article("Satu")}))["a"]
    moved = {
        "content/articles/2022/a.md": None,
        "content/articles/b.md": article("Satu", id="2022/a"),
    }
    assert ids_of(make_site(moved))["b"] == old


def test_ids_stay_when_the_site_moves_and_says_where_it_was(make_site: MakeSite) -> None:
    settings = 'feeds.id_base = "https://kabar.example"\n'
    old = ids_of(make_site({"content/articles/a.md": article()}, settings=settings))
    toml = f'title = "T"\nbase_url = "https://baru.example"\ntheme.name = "polos"\n{settings}'
    assert ids_of(make_site({"digest.toml": toml})) == old


def test_two_articles_with_one_id_are_told(make_site: MakeSite) -> None:
    site = make_site(
        {"content/articles/a.md": article("A", id="b"), "content/articles/b.md": article("B")}
    )
    problem = site.problem("D307")
    assert str(problem.where) == "content/articles/b.md:1:1"
    assert [str(where) for where in problem.also] == ["content/articles/a.md:1:1"]


# settings


def test_feeds_can_be_short_or_left_out(make_site: MakeSite) -> None:
    settings = 'feeds.items = 3\nfeeds.term_items = 0\nfeeds.content = "summary"\n'
    site = make_site(many(8), settings=settings)
    assert feed_folders(site) == [""]
    items = json_feed(site, "")["items"]
    assert len(items) == 3
    assert all("content_html" not in item and item["content_text"] for item in items)
    assert parsed(site, "feed.xml").bozo == 0


def test_a_site_without_articles_has_no_feed(make_site: MakeSite) -> None:
    site = make_site({})
    assert feed_folders(site) == []
    assert not site.has("/rss/")


def test_an_edit_makes_only_the_feeds_anew_that_hold_the_article(make_site: MakeSite) -> None:
    site = make_site(many(12), settings="feeds.term_items = 2\nfeeds.items = 4\n")
    before = {path: site.file(path).stat().st_ino for path in site.files()}
    edited = article("Kabar 1", "2022-02-27 08:00", "Lain.", tags=["Tag 1", "Umum"])
    after = make_site({"content/articles/a0001.md": edited})
    changed = {p for p in after.files() if after.file(p).stat().st_ino != before.get(p)}
    feeds = {path.removesuffix("feed.xml") for path in changed if path.endswith("feed.xml")}
    assert {"", "tag/tag-1/", "tag/umum/"} <= feeds
    assert not feeds & {"tag/tag-2/", "tag/tag-3/", "kanal/kanal-0/"}


def test_relative_links_change_no_byte_of_a_feed(make_site: MakeSite) -> None:
    absolute = make_site({"content/articles/a.md": article(text="[x](b.md)"), **B})
    kept = {name: absolute.read(f"/{name}") for name in NAMES}
    relative = make_site(settings="relative_urls = true\n")
    assert {name: relative.read(f"/{name}") for name in NAMES} == kept


B = {"content/articles/b.md": article("B", "2022-02-01")}
