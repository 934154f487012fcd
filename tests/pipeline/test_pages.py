"""The pages of a site: permalinks, neighbours, redirects, backlinks, the head, the 404 page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sitekit import MakeSite, article, build_site, document, many, titles, write_site

AT = "/2022/02/13/a/"


def test_an_empty_site_builds_with_a_home_and_404_page(make_site: MakeSite) -> None:
    site = make_site({})
    assert [path for path in site.files() if path.endswith(".html")] == ["404.html", "index.html"]
    fields = site.fields("/")
    assert fields["page.lead"] == "None"
    assert fields["site.archive"] == fields["site.tags"] == ""


def test_a_site_has_all_its_kinds_of_pages(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article(tags=["T"], category="K", aliases=["/lama/"]),
            "content/pages/p.md": document(title="P"),
        }
    )
    assert [path for path in site.files() if path.endswith(".html")] == [
        "2022/02/13/a/index.html",
        "404.html",
        "indeks/2022/02/13/index.html",
        "indeks/2022/02/index.html",
        "indeks/2022/index.html",
        "indeks/index.html",
        "index.html",
        "kanal/k/index.html",
        "lama/index.html",
        "p/index.html",
        "rss/index.html",
        "tag/index.html",
        "tag/t/index.html",
        "terkini/index.html",
    ]


# permalinks

PATTERNS = """
[permalinks]
article = "/{category}/{date:%Y-%m}/{slug}.html"
page = "/halaman/{slug}.html"
tag = "/topik/{slug}/"
category = "/rubrik/{slug}.html"
tags = "/topik.html"
archive = "/arsip/"
latest = "/baru.html"
numbered = "p{number}/"
assets = "/_/"
"""


def test_every_url_pattern_is_a_setting(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article(tags=["T"], category="Dalam Negeri"),
            "content/articles/b.md": article("B"),
            "content/pages/p.md": document("[a](../articles/a.md)", title="P"),
        },
        settings=PATTERNS + "[lists]\npage_size = 1\n",
    )
    made = [path for path in site.files() if path.endswith(".html")]
    assert made == [
        "2022-02/b.html",
        "404.html",
        "arsip/2022/02/13/index.html",
        "arsip/2022/02/13/p1/index.html",
        "arsip/2022/02/index.html",
        "arsip/2022/index.html",
        "arsip/index.html",
        "baru.html",
        "baru/p1/index.html",
        "dalam-negeri/2022-02/a.html",
        "halaman/p.html",
        "index.html",
        "rss/index.html",
        "rubrik/dalam-negeri.html",
        "topik.html",
        "topik/t/index.html",
    ]
    assert 'href="/dalam-negeri/2022-02/a.html"' in site.body("/halaman/p.html")
    assert any(path.startswith("_/polos.") for path in site.files())


@pytest.mark.parametrize(
    ("path", "front", "slug"),
    [
        ("kabar.md", {}, "kabar"),
        ("Kabar Hari Ini.md", {}, "kabar-hari-ini"),
        ("2022-02-13-kabar.md", {}, "kabar"),
        ("kabar/index.md", {}, "kabar"),
        ("kabar.md", {"slug": "lain"}, "lain"),
        ("café.md", {}, "cafe"),
        ("kabar.markdown", {}, "kabar"),
        ("kabar.md", {"slug": "Überblick ü"}, "Überblick ü"),
    ],
)
def test_the_slug_comes_from_the_front_matter_or_the_name(
    make_site: MakeSite, path: str, front: dict[str, str], slug: str
) -> None:
    site = make_site({f"content/articles/{path}": article(**front)})
    assert f"2022/02/13/{slug}/index.html" in site.files()


# neighbours


def test_articles_know_their_neighbours_in_time(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("Tua", "2022-02-11"),
            "content/articles/b.md": article("Tengah", "2022-02-12"),
            "content/articles/c.md": article("Baru", "2022-02-13"),
            "content/articles/d.md": article("Draf", "2022-02-12 12:00", status="draft"),
        }
    )
    middle = site.fields("/2022/02/12/b/")
    assert (middle["page.newer.title"], middle["page.older.title"]) == ("Baru", "Tua")
    assert middle["page.newer.url"] == "/2022/02/13/c/"
    assert site.fields("/2022/02/13/c/")["page.newer"] == "None"
    assert site.fields("/2022/02/11/a/")["page.older"] == "None"


def test_articles_of_one_instant_have_an_order_of_their_own(make_site: MakeSite) -> None:
    files = {f"content/articles/{name}.md": article(name.upper()) for name in "cab"}
    assert titles(make_site(files), "/terkini/") == ["A", "B", "C"]


# aliases


def test_aliases_redirect_to_the_page(make_site: MakeSite) -> None:
    old = ["/lama/", "/2020/berita.html", "/tanpa-garis", "/caf%C3%A9/", "/berita lama/"]
    site = make_site({"content/articles/a.md": article(aliases=old)})
    made = ["lama/index.html", "2020/berita.html", "tanpa-garis/index.html"]
    for path in [*made, "café/index.html", "berita lama/index.html"]:
        fields = site.fields(path)
        assert fields["page.target"] == AT
        assert fields["page.head.canonical"] == f"https://kabar.example{AT}"
        assert fields["page.head.robots"] == "noindex"


@pytest.mark.parametrize("kind", ["pages", "tags", "categories"])
def test_pages_and_register_entries_have_aliases_too(make_site: MakeSite, kind: str) -> None:
    site = make_site(
        {
            f"content/{kind}/x.md": document(title="X", aliases=["/lama/"]),
            "content/articles/a.md": article(tags=["X"], category="X"),
        }
    )
    target = {"pages": "/x/", "tags": "/tag/x/", "categories": "/kanal/x/"}[kind]
    assert site.fields("/lama/")["page.target"] == target


def test_a_withdrawn_article_keeps_its_aliases(make_site: MakeSite) -> None:
    front: dict[str, Any] = {"status": "withdrawn", "withdrawn_reason": "x", "aliases": ["/lama/"]}
    site = make_site({"content/articles/a.md": article(**front)})
    assert site.fields("/lama/")["page.target"] == AT


# backlinks


def test_an_article_knows_who_links_to_it(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("A"),
            "content/articles/b.md": article("Zeta", text="[x](a.md) dan [lagi](a.md)"),
            "content/articles/c.md": article("Beta", text="[[a]]"),
            "content/pages/p.md": document("[[a|teks]]", title="Alfa"),
            "content/articles/d.md": article("Draf", text="[[a]]", status="draft"),
        }
    )
    assert titles(site, AT, "page.backlinks") == ["Alfa", "Beta", "Zeta"]
    assert "page.backlinks[0].title" not in site.fields("/2022/02/13/b/")


def test_a_path_from_the_root_is_a_backlink_like_any_other(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("A"),
            "content/articles/b.md": article("B", text=f"[x]({AT})"),
        }
    )
    assert titles(site, AT, "page.backlinks") == ["B"]


def test_links_have_the_title_of_what_they_lead_to(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("A <&> B"),
            "content/articles/b.md": article("B", text="[[a]] [[a|teks]] [[a#]]"),
        }
    )
    body = site.body("/2022/02/13/b/")
    assert f'<a href="{AT}">A &lt;&amp;&gt; B</a>' in body
    assert f'<a href="{AT}">teks</a>' in body


def test_lists_tell_the_language_of_a_foreign_title(make_site: MakeSite) -> None:
    fields = make_site({"content/articles/a.md": article("News", lang="en")}).fields("/")
    assert fields["page.lead.language"] == "en"


# the head


def test_addresses_in_the_head_are_absolute_and_under_the_prefix(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article(),
            "digest.toml": 'title = "T"\ntheme.name = "polos"\n'
            'base_url = "https://x.example/kabar/"\n',
        }
    )
    fields = site.fields(AT)
    assert fields["page.head.canonical"] == f"https://x.example/kabar{AT}"
    assert fields["site.base"] == "https://x.example/kabar/"
    assert fields["page.url"] == f"/kabar{AT}"
    assert fields["site.home"] == "/kabar/"


def test_the_404_page_is_kept_from_engines_and_offers_a_way_on(make_site: MakeSite) -> None:
    site = make_site(many(3))
    fields = site.fields("/404.html")
    assert fields["page.head.robots"] == "noindex"
    assert fields["page.latest[0].url"].startswith("/2022/")


def test_the_404_page_works_at_any_address(make_site: MakeSite) -> None:
    """A server shows it for /a/b/c, so its links must not be relative."""
    site = make_site(many(1), settings="relative_urls = true\n")
    links = site.html("/404.html").xpath("//@href | //@src")
    assert links
    assert all(link.startswith(("/", "https://")) for link in links)


def test_noindex_is_in_the_head(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article(noindex=True),
            "content/pages/p.md": document(title="P", noindex=True),
        }
    )
    assert site.fields(AT)["page.head.robots"] == "noindex"
    assert site.fields("/p/")["page.head.robots"] == "noindex"


def test_a_missing_content_folder_is_an_error(make_site: MakeSite, root: Path) -> None:
    write_site(root, {})
    (root / "content").rmdir()
    assert build_site(root).codes == ["D150"]
