"""Files that are published as they are: the site's static folder and what lies beside articles."""

from __future__ import annotations

from pathlib import Path

import pytest
from sitekit import MakeSite, article, write_site

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"></svg>'
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000030000000208020000001216714d0000000049454e44ae426082"
)
AT = "/2022/02/13/a/"


@pytest.mark.parametrize(
    "name",
    [
        "CNAME",
        "ads.txt",
        "a/b/c.pdf",
        ".well-known/assetlinks.json",
        ".well-known/tanpa-titik",
        "a#b.txt",
        "a?b.txt",
        "100%.txt",
        "a%20b.txt",
        "a b.txt",
        "café.txt",
        "a&b.txt",
        "index.json",
    ],
)
def test_a_static_file_is_published_under_its_own_name(make_site: MakeSite, name: str) -> None:
    site = make_site({f"static/{name}": "isi", "content/articles/a.md": article()})
    assert site.tree()[name] == b"isi"
    assert site.done.copied == 2, "the theme's style sheet and the file"


@pytest.mark.parametrize("name", [".env", ".git/config", "a/.rahasia", ".htpasswd"])
def test_hidden_static_files_are_not_published(make_site: MakeSite, name: str) -> None:
    site = make_site({f"static/{name}": "isi", "content/articles/a.md": article()})
    assert site.ok
    assert b"isi" not in site.tree().values()


@pytest.mark.parametrize("place", ["static", "static/dalam", "overrides/static"])
def test_a_link_out_of_the_site_is_not_published(
    make_site: MakeSite, root: Path, tmp_path: Path, place: str
) -> None:
    (tmp_path / "rahasia.txt").write_text("kata sandi")
    write_site(root, {"content/articles/a.md": article()})
    (root / place).mkdir(parents=True)
    (root / place / "x.txt").symlink_to(tmp_path / "rahasia.txt")
    site = make_site({})
    problem = site.problem("D505" if place.startswith("overrides") else "D305")
    assert not site.ok
    assert problem.where is not None
    assert problem.where.path == f"{place}/x.txt"
    assert problem.hint


def test_a_static_folder_that_is_a_link_out_of_the_site_is_not_published(
    make_site: MakeSite, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "luar").mkdir()
    (tmp_path / "luar/rahasia.txt").write_text("kata sandi")
    write_site(root, {"content/articles/a.md": article()})
    (root / "static").symlink_to(tmp_path / "luar")
    site = make_site({})
    assert not site.ok or b"kata sandi" not in site.tree().values()


def test_an_image_reached_by_a_link_out_of_the_site_is_not_published(
    make_site: MakeSite, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "rahasia.svg").write_text(SVG)
    write_site(root, {"content/articles/a.md": article(text="![Foto](/x.svg)")})
    (root / "static").mkdir()
    (root / "static/x.svg").symlink_to(tmp_path / "rahasia.svg")
    assert not make_site({}).ok


def test_an_image_is_copied_beside_the_article_with_its_size(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/2022/a.md": article(text="Awal.\n\n![Peta](gambar/peta.svg)"),
            "content/articles/2022/gambar/peta.svg": SVG,
        }
    )
    image = site.html(AT).xpath("//img[@alt='Peta']")[0]
    assert image.get("src") == f"{AT}peta.svg"
    assert (image.get("width"), image.get("height")) == ("40", "30")
    assert image.get("loading") is None, "nothing stands above it"
    assert site.tree()["2022/02/13/a/peta.svg"].decode() == SVG


def test_a_picture_of_pixels_has_its_size(make_site: MakeSite) -> None:
    site = make_site(
        {"content/articles/a.md": article(text="![x](x.png)"), "content/articles/x.png": PNG}
    )
    image = site.html(AT).xpath("//*[@id='body']//img")[0]
    assert (image.get("width"), image.get("height")) == ("3", "2")


def test_an_image_of_the_static_folder_stays_there(make_site: MakeSite) -> None:
    site = make_site(
        {"content/articles/a.md": article(text="![x](/g/x.svg)"), "static/g/x.svg": SVG}
    )
    assert site.html(AT).xpath("//*[@id='body']//img/@src") == ["/g/x.svg"]
    assert site.has("/g/x.svg")
    assert not site.has(f"{AT}x.svg")


def test_an_image_of_another_site_is_left_alone(make_site: MakeSite) -> None:
    url = "https://lain.example/x.svg"
    site = make_site({"content/articles/a.md": article(text=f"![x]({url})")})
    assert site.html(AT).xpath("//*[@id='body']//img/@src") == [url]


def test_the_lead_image_is_copied_and_named_in_the_head(make_site: MakeSite) -> None:
    image = {"src": "peta.svg", "alt": "Peta", "caption": "Peta kota", "credit": "Redaksi"}
    site = make_site(
        {"content/articles/a.md": article(image=image), "content/articles/peta.svg": SVG}
    )
    fields = site.fields(AT)
    assert fields["page.image.src"] == f"{AT}peta.svg"
    assert (fields["page.image.width"], fields["page.image.height"]) == ("40", "30")
    assert fields["page.image.caption"] == "Peta kota"
    assert fields["page.image.credit"] == "Redaksi"
    assert fields["page.head.image"] == f"https://kabar.example{AT}peta.svg"
    assert fields["page.head.image_alt"] == "Peta"
    assert site.fields("/")["page.lead.image.src"] == f"{AT}peta.svg"


def test_a_lead_image_of_another_site_keeps_its_address(make_site: MakeSite) -> None:
    image = {"src": "https://lain.example/x.jpg", "alt": "x"}
    fields = make_site({"content/articles/a.md": article(image=image)}).fields(AT)
    assert fields["page.image.src"] == fields["page.head.image"] == "https://lain.example/x.jpg"


def test_one_picture_in_two_articles_is_beside_both(make_site: MakeSite) -> None:
    files = {f"content/articles/{n}.md": article(n, text="![x](x.svg)") for n in "ab"}
    site = make_site({**files, "content/articles/x.svg": SVG})
    assert site.has(f"{AT}x.svg")
    assert site.has("/2022/02/13/b/x.svg")


def test_one_picture_twice_in_an_article_is_copied_once(make_site: MakeSite) -> None:
    text = "![x](x.svg)\n\nKata.\n\n![y](./x.svg)"
    site = make_site({"content/articles/a.md": article(text=text), "content/articles/x.svg": SVG})
    assert site.html(AT).xpath("//*[@id='body']//img/@src") == [f"{AT}x.svg"] * 2


@pytest.mark.parametrize("name", ["lampiran.pdf", "LAMPIRAN", "peta kota.pdf", "daftar-1.0"])
def test_a_linked_file_is_published_beside_the_article(make_site: MakeSite, name: str) -> None:
    site = make_site(
        {"content/articles/a.md": article(text=f"[x](<{name}>)"), f"content/articles/{name}": "isi"}
    )
    assert site.tree()[f"2022/02/13/a/{name}"] == b"isi"
    (href,) = site.html(AT).xpath("//*[@id='body']//a/@href")
    assert site.file(href).read_text() == "isi"


def test_files_nobody_links_to_are_not_published(make_site: MakeSite) -> None:
    site = make_site({"content/articles/a.md": article(), "content/articles/catatan.txt": "isi"})
    assert b"isi" not in site.tree().values()


def test_files_beside_html_articles_lie_in_their_folder(make_site: MakeSite) -> None:
    site = make_site(
        {"content/articles/a.md": article(text="![x](x.svg)"), "content/articles/x.svg": SVG},
        settings='permalinks.article = "/{date:%Y}/{slug}.html"\n',
    )
    assert site.html("/2022/a.html").xpath("//*[@id='body']//img/@src") == ["/2022/x.svg"]
    assert site.has("/2022/x.svg")
