"""The head of pages, icons and the manifest."""

from __future__ import annotations

import json
import re
import struct
from urllib.parse import urljoin

from sitekit import Build, Files, MakeSite, article, document

from machines.reading import base_of, metas, pages, published


def shown(site: Build) -> list[str]:
    """All pages but redirects."""
    found = (path for path in site.files() if path.endswith(".html"))
    return [path for path in found if "http-equiv" not in site.read("/" + path)]


def test_every_page_has_what_open_graph_must_have(site: Build) -> None:
    for path in shown(site):
        head = metas(site, path)
        for name in ("og:title", "og:type", "og:image", "og:url"):
            assert head[name].strip(), (path, name)
        assert published(site, head["og:image"]).is_file()
        assert head["og:site_name"]
        assert head["og:locale"] == "id_ID"
        assert head["og:image:alt"]
        assert int(head["og:image:width"]) > 0
        assert int(head["og:image:height"]) > 0
        assert head["twitter:card"] in {"summary", "summary_large_image"}


def test_articles_tell_their_times_section_and_tags(site: Build) -> None:
    for path in pages(site, "article"):
        head = metas(site, path)
        assert head["og:type"] == "article"
        assert re.search(r"[+-]\d\d:\d\d$", head["article:published_time"])
        assert head["article:modified_time"] >= head["article:published_time"]
    tagged = [path for path in pages(site, "article") if "article:tag" in metas(site, path)]
    assert tagged


def test_every_page_has_its_own_canonical_address(site: Build) -> None:
    for path in shown(site):
        if path == "404.html":
            continue
        links = site.html("/" + path).xpath("//head/link[@rel='canonical']/@href")
        assert len(links) == 1, path
        assert published(site, links[0]) == site.file("/" + path)


def test_robots_allow_large_previews_or_forbid_the_page(site: Build) -> None:
    found = {metas(site, path)["robots"] for path in shown(site)}
    assert found <= {"max-image-preview:large", "noindex"}
    assert "max-image-preview:large" in found


def test_the_icons_are_there_in_three_forms(site: Build) -> None:
    for path in shown(site):
        here = f"{base_of(site)}/{path}"
        links = {
            (link.get("rel"), link.get("sizes")): urljoin(here, link.get("href"))
            for link in site.html("/" + path).xpath("//head/link[contains(@rel, 'icon')]")
        }
        assert set(links) == {
            ("icon", "32x32"),
            ("icon", "any"),
            ("apple-touch-icon", "180x180"),
        }
        files = {key: published(site, address) for key, address in links.items()}
    assert files["icon", "32x32"].read_bytes()[:4] == b"\0\0\1\0"
    assert files["icon", "32x32"] == site.file("/favicon.ico")
    assert files["icon", "any"].suffix == ".svg"
    png = files["apple-touch-icon", "180x180"].read_bytes()
    assert struct.unpack(">II", png[16:24]) == (180, 180)


def test_the_manifest_names_the_site_and_icons_that_are_there(site: Build) -> None:
    links = site.html("/").xpath("//head/link[@rel='manifest']/@href")
    assert len(links) == 1
    file = published(site, urljoin(base_of(site) + "/", links[0]))
    manifest = json.loads(file.read_text(encoding="utf-8"))
    assert manifest["name"]
    assert urljoin(base_of(site) + "/", manifest["start_url"]) == base_of(site) + "/"
    sizes = set()
    for icon in manifest["icons"]:
        path = published(site, urljoin(base_of(site) + "/", icon["src"]))
        assert path.is_file()
        sizes.add(icon["sizes"])
    assert {"192x192", "512x512"} <= sizes


def test_the_sites_own_icon_and_manifest_take_the_place_of_ours(make_site: MakeSite) -> None:
    own: Files = {"static/favicon.ico": b"ikon", "static/manifest.webmanifest": "{}"}
    site = make_site({**own, "content/articles/a.md": article(), "digest.toml": 'title = "T"\n'})
    assert site.read("/favicon.ico") == "ikon"
    assert site.read("/manifest.webmanifest") == "{}"


# versions in other languages


def versions(site: Build, path: str) -> dict[str, str]:
    found = site.html("/" + path).xpath("//head/link[@hreflang]")
    return {link.get("hreflang"): link.get("href") for link in found}


def test_versions_of_a_text_name_each_other_and_themselves(sulit: Build) -> None:
    one = versions(sulit, "2022/02/27/emoji/index.html")
    other = versions(sulit, "2022/02/28/english/index.html")
    assert one == other
    assert set(one) == {"id", "en-GB", "x-default"}
    assert one["x-default"] == one["id"]
    assert all(published(sulit, address).is_file() for address in one.values())
    canonical = sulit.html("/2022/02/28/english/").xpath("string(//link[@rel='canonical']/@href)")
    assert one["en-GB"] == canonical
    assert versions(sulit, "2022/02/28/skrip/index.html") == {}


def test_pages_have_versions_too_and_a_new_one_is_noticed(make_site: MakeSite) -> None:
    settings = 'theme.name = "harian"\ntitle = "T"\nbase_url = "https://x.example"\n'
    original = {"content/pages/tentang.md": document(title="Tentang"), "digest.toml": settings}
    assert versions(make_site(original), "tentang/index.html") == {}
    about = document(title="About", lang="en", translation_of="tentang")
    site = make_site({"content/pages/about.md": about})
    assert versions(site, "tentang/index.html") == {
        "id": "https://x.example/tentang/",
        "en": "https://x.example/about/",
        "x-default": "https://x.example/tentang/",
    }


def test_a_translation_of_nothing_is_told(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/asli.md": article("Asli"),
            "content/articles/b.md": article("B", lang="en", translation_of="asil"),
        }
    )
    problem = site.problem("D247")
    assert str(problem.where) == "content/articles/b.md:5:18"
    assert "'asli'" in problem.hint
    assert problem.severity == "warning"


def test_two_versions_in_one_language_are_told(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/asli.md": article("Asli"),
            "content/articles/b.md": article("B", translation_of="asli"),
        }
    )
    problem = site.problem("D248")
    assert str(problem.where) == "content/articles/b.md:1:1"
    assert [str(where) for where in problem.also] == ["content/articles/asli.md:1:1"]


def test_a_hidden_or_unpublished_version_is_not_named(make_site: MakeSite) -> None:
    files = {
        "content/articles/asli.md": article("Asli"),
        "content/articles/b.md": article("B", lang="en", translation_of="asli", status="draft"),
        "content/articles/c.md": article("C", lang="fr", translation_of="b"),
        "content/articles/d.md": article("D", lang="de", translation_of="asli", noindex=True),
        "digest.toml": 'title = "T"\ntheme.name = "harian"\nsources.missing = "ignore"\n',
    }
    site = make_site(files)
    assert site.problems == ()
    assert versions(site, "2022/02/13/asli/index.html") == {}
