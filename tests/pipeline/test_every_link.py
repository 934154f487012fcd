"""No page of any site leads to anything missing: from the root, under a prefix, from a disk."""

from __future__ import annotations

import pytest
from crawling import dead_links
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sitekit import Build, Files, article, build_site, document, many, write_site

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"></svg>'

MODES = {
    "root": ("https://x.example", False, ""),
    "prefix": ("https://x.example/kabar/", False, "/kabar"),
    "deep prefix": ("https://x.example/a/b%20c/", False, "/a/b%20c"),
    "relative": ("https://x.example", True, ""),
    "relative under a prefix": ("https://x.example/kabar", True, "/kabar"),
}

FEATURES: Files = {
    **many(9, source={"name": "Antara", "url": "https://antara.example/x"}),
    "content/articles/tuan rumah.md": article(
        "Tuan & <Rumah>",
        text=(
            "Satu [a](a0001.md), [b](a0002.md?x=1#), [[a0003]], [[a0004|teks]], [c](/terkini/),\n"
            "[d](/tag/umum/?urut=1#isi), [e](#bagian), [f](../pages/tentang.md#redaksi),\n"
            "[g](<lampiran kami.pdf>), [h](/berkas/a%20b.txt), [i](/), [j](/indeks/2022/02/),\n"
            "[k](../tags/umum.md), [l](/lama/), [m](https://lain.example/),\n"
            "[n](mailto:a@x.example).\n"
            "\nBaca Juga\n\n## Bagian\n\n![Peta](peta.svg) dan[^1]\n\n![Logo](/g/logo.svg)\n"
            "\n[^1]: Catatan.\n"
        ),
        image={"src": "peta.svg", "alt": "Peta"},
        aliases=["/lama/", "/lama/berita.html", "/dalam/sekali"],
        tags=["Umum", "Ü & <b>"],
    ),
    "content/articles/peta.svg": SVG,
    "content/articles/lampiran kami.pdf": "%PDF",
    "content/articles/tarik.md": article(
        "Ditarik", status="withdrawn", withdrawn_reason="x", tags=["Umum"]
    ),
    "content/pages/tentang.md": document(
        "## Redaksi\n\n[a](../articles/a0001.md)", title="Tentang", weight=1, aliases=["/about/"]
    ),
    "content/tags/umum.md": document(
        "## Isi\n\n[a](../articles/a0001.md) [b](/tentang/)",
        title="Umum",
        links=[
            {"title": "Tentang", "url": "/tentang/"},
            {"title": "X", "url": "https://x.example/"},
        ],
    ),
    "static/g/logo.svg": SVG,
    "static/berkas/a b.txt": "isi",
}
MENU = '[[menu]]\ntitle = "Indeks"\nurl = "/indeks/"\n[[menu]]\ntitle = "Luar"\nurl = "https://l.example/"\n'


def build(root_name: str, files: Files, mode: str, tmp: pytest.TempPathFactory, more: str) -> Build:
    base, relative, _ = MODES[mode]
    root = tmp.mktemp(root_name)
    theme = 'theme.name = "polos"\n' if "theme." not in more else ""
    settings_text = (
        f'title = "T"\nbase_url = "{base}"\nrelative_urls = {str(relative).lower()}\n{theme}{more}'
    )
    write_site(root, {**files, "digest.toml": settings_text})
    site = build_site(root)
    assert site.ok, site.problems
    return site


def assert_all_links_live(site: Build, mode: str) -> None:
    """Every link of the site works in ``mode``; relative ones from a disk, too."""
    _, relative, prefix = MODES[mode]
    assert dead_links(site, prefix=prefix) == []
    if relative:
        assert dead_links(site, prefix=prefix, disk=True) == []


@pytest.mark.parametrize("theme", ["polos", "harian"])
@pytest.mark.parametrize("mode", MODES)
def test_every_link_of_a_site_with_every_feature_works(
    tmp_path_factory: pytest.TempPathFactory, mode: str, theme: str
) -> None:
    more = f'theme.name = "{theme}"\n[lists]\npage_size = 3\n{MENU}'
    assert_all_links_live(build("situs", FEATURES, mode, tmp_path_factory, more), mode)


@pytest.mark.parametrize("mode", MODES)
def test_every_link_works_when_pages_are_html_files(
    tmp_path_factory: pytest.TempPathFactory, mode: str
) -> None:
    more = """
[permalinks]
article = "/{category}/{slug}.html"
page = "/{slug}.html"
tag = "/topik/{slug}.html"
category = "/rubrik/{slug}.html"
tags = "/topik.html"
latest = "/terkini/"
numbered = "{number}/"
[lists]
page_size = 2
"""
    files = {path: text for path, text in FEATURES.items() if "pages/" not in path}
    host = FEATURES["content/articles/tuan rumah.md"]
    assert isinstance(host, str)
    files["content/articles/tuan rumah.md"] = host.replace(
        "/tag/umum/", "/topik/umum.html"
    ).replace("[f](../pages/tentang.md#redaksi),", "")
    files["content/tags/umum.md"] = document("## Isi", title="Umum")
    assert_all_links_live(build("situs", files, mode, tmp_path_factory, more), mode)


NAMES = st.sampled_from(["a", "b", "c d", "é", "e.f", "g_h"])
LINKS = st.sampled_from(
    ["[x](<%s.md>)", "[x](<./%s.md#>)", "![x](p.svg)", "[x](/terkini/?a=b)", "[x](#)"]
)


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(
    names=st.lists(NAMES, min_size=1, max_size=5, unique=True),
    data=st.data(),
    mode=st.sampled_from(sorted(MODES)),
    size=st.integers(1, 3),
    tags=st.lists(
        st.sampled_from(["A", "B b", "É", "C/D", "#", "100%", "?"]), max_size=4, unique=True
    ),
)
def test_every_link_of_any_site_works(
    tmp_path_factory: pytest.TempPathFactory,
    names: list[str],
    data: st.DataObject,
    mode: str,
    size: int,
    tags: list[str],
) -> None:
    files: dict[str, str | bytes | None] = {"content/articles/p.svg": SVG}
    for name in names:
        texts = []
        for link in data.draw(st.lists(LINKS, max_size=3)):
            other = data.draw(st.sampled_from(names))
            texts.append(link.replace("%s", other))
        files[f"content/articles/{name}.md"] = article(
            f"Judul {name}", text="\n\n".join([*texts, "Baca Juga", "Kata."]), tags=tags
        )
    site = build("situs", files, mode, tmp_path_factory, f"[lists]\npage_size = {size}\n")
    assert_all_links_live(site, mode)


def test_relative_sites_hold_no_link_from_the_root(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    site = build("situs", FEATURES, "relative", tmp_path_factory, "")
    for path in site.files():
        if path.endswith(".html") and path != "404.html":
            links = site.html(path).xpath("//@href | //@src")
            assert not [link for link in links if link.startswith("/")], path


def test_style_sheets_name_files_that_are_there(tmp_path_factory: pytest.TempPathFactory) -> None:
    import re

    files = {
        **FEATURES,
        "overrides/static/css/a.css": "@import url(sub/c.css);\n"
        "b { background: url('../g/x.svg?v=1') }",
        "overrides/static/css/sub/c.css": "i { background: url(../../g/x.svg#y) }",
        "overrides/static/g/x.svg": SVG,
    }
    site = build("situs", files, "prefix", tmp_path_factory, "")
    sheets = [path for path in site.files() if path.endswith(".css")]
    found = []
    for path in sheets:
        for url in re.findall(r"url\(['\"]?([^'\")?#]+)", site.read(path)):
            file = (site.file(path).parent / url).resolve()
            assert file.is_file(), f"{path}: {url}"
            found.append(file.name)
    assert len(found) == 3
    assert all(re.fullmatch(r"\w+\.[0-9a-f]{10}\.\w+", name) for name in found)


def test_titles_of_pages_differ(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Search engines and tabs tell pages apart by them."""
    from collections import Counter

    from crawling import titles_of

    site = build("situs", many(12), "root", tmp_path_factory, "lists.page_size = 2\n")
    twice = [title for title, count in Counter(titles_of(site)).items() if count > 1]
    assert twice == []
