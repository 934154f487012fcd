"""Social cards of articles without an image, and smaller versions of images."""

from __future__ import annotations

import importlib.util
import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sitekit import Build, Files, MakeSite, RunCli, article, build_site

from digest import images
from machines.reading import base_of, metas, pages, published, thing

ON = 'title = "Kabar"\nbase_url = "https://x.example"\n'
HARIAN = ON + 'theme.name = "harian"\n'


def photo(width: int = 1000, height: int = 500, form: str = "JPEG") -> bytes:
    """A picture with some detail."""
    image = Image.radial_gradient("L").resize((width, height)).convert("RGB")
    written = io.BytesIO()
    image.save(written, form)
    return written.getvalue()


def opened(site: Build, url: str) -> Image.Image:
    return Image.open(io.BytesIO(site.file(url).read_bytes()))


# cards


def test_every_article_is_shown_by_an_image_that_networks_know(demonstration: Build) -> None:
    cards = 0
    for path in pages(demonstration, "article"):
        head = metas(demonstration, path)
        if thing(demonstration, path, "NewsArticle").get("creativeWorkStatus") == "Withdrawn":
            continue  # it shows nothing of what it was
        file = published(demonstration, head["og:image"])
        assert file.suffix in {".jpg", ".png", ".jpeg", ".webp"}
        image = Image.open(io.BytesIO(file.read_bytes()))
        size = (int(head["og:image:width"]), int(head["og:image:height"]))
        assert image.size == size == images.CARD_SIZE
        assert head["twitter:card"] == "summary_large_image"
        made = thing(demonstration, path, "NewsArticle")["image"][0]
        assert made["url"] == head["og:image"]
        cards += file.name == images.CARD
    assert cards > 10


def test_a_card_has_the_colour_of_the_site_and_is_not_blank(make_site: MakeSite) -> None:
    toml = HARIAN + 'theme.options.accent = "#00605a"\n'
    site = make_site({"digest.toml": toml, "content/articles/a.md": article("Judul berita")})
    card = opened(site, "/2022/02/13/a/card.jpg").convert("RGB")
    red, green, blue = card.getpixel((600, 8))  # type: ignore[misc]
    assert abs(red - 0) + abs(green - 0x60) + abs(blue - 0x5A) < 12
    dark = sum(card.convert("L").histogram()[:90])
    assert dark > 2000, "there is no title"


@pytest.mark.parametrize(
    "title",
    ["🚀", "مرحبا بالعالم", "x" * 300, "kata " * 60, "Uji </script> & ]]>", "Ωμέγα", "i", "“”"],
)
def test_any_title_gives_a_card_and_always_the_same(title: str) -> None:
    from digest.images.draw import draw

    card = images.Card(title=title, category=title, date=title, site=title, accent="#a3123a")
    assert draw(card) == draw(card)
    assert Image.open(io.BytesIO(draw(card))).size == images.CARD_SIZE


def test_a_card_is_the_same_in_every_process(tmp_path: Path, make_site: MakeSite) -> None:
    files = {"digest.toml": ON, "content/articles/a.md": article("Judul “kutip” – ujung")}
    first = make_site(files).file("/2022/02/13/a/card.jpg").read_bytes()
    command = [sys.executable, "-m", "digest", "build", "--no-cache", "--quiet"]
    place = ["--site", str(make_site().root), "--output", str(tmp_path / "lain")]
    subprocess.run([*command, *place, "--now", "2022-03-01T05:00:00Z"], check=True)
    assert (tmp_path / "lain/2022/02/13/a/card.jpg").read_bytes() == first


def test_an_article_with_an_image_of_points_has_no_card(make_site: MakeSite) -> None:
    lead = {"src": "foto.jpg", "alt": "Foto"}
    files: Files = {
        "digest.toml": HARIAN,
        "content/articles/a.md": article(image=lead),
        "content/articles/foto.jpg": photo(),
        "content/articles/tarik.md": article("T", status="withdrawn", withdrawn_reason="x"),
    }
    site = make_site(files)
    assert not site.has("/2022/02/13/a/card.jpg")
    assert not site.has("/2022/02/13/tarik/card.jpg")
    assert metas(site, "2022/02/13/a/index.html")["og:image"].endswith("/foto.jpg")


def test_a_title_that_changes_gives_another_card_and_no_other(make_site: MakeSite) -> None:
    files = {f"content/articles/{n}.md": article(f"Judul {n}") for n in "ab"}
    before = make_site({"digest.toml": ON, **files})
    one, two = (before.file(f"/2022/02/13/{n}/card.jpg").stat().st_ino for n in "ab")
    old = before.file("/2022/02/13/a/card.jpg").read_bytes()
    after = make_site({"content/articles/a.md": article("Lain")})
    assert after.file("/2022/02/13/a/card.jpg").read_bytes() != old
    assert after.file("/2022/02/13/a/card.jpg").stat().st_ino != one
    assert after.file("/2022/02/13/b/card.jpg").stat().st_ino == two


def test_made_images_are_kept_by_content_and_damage_is_noticed(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site({"digest.toml": ON, "content/articles/a.md": article()})
    card = site.file("/2022/02/13/a/card.jpg").read_bytes()
    kept = [path for path in (site.root / ".digest/images").iterdir() if len(path.name) == 32]
    assert len(kept) == 1
    from digest.images import draw

    drawn: list[object] = []
    real = draw.draw

    def noting(card: images.Card) -> bytes:
        drawn.append(card)
        return real(card)

    monkeypatch.setattr(draw, "draw", noting)
    elsewhere = build_site(site.root, output=site.root.parent / "lain")
    assert elsewhere.file("/2022/02/13/a/card.jpg").read_bytes() == card
    assert drawn == []
    kept[0].write_bytes(kept[0].read_bytes()[:-9])
    again = build_site(site.root, output=site.root.parent / "lagi")
    assert again.file("/2022/02/13/a/card.jpg").read_bytes() == card
    assert len(drawn) == 1


# smaller versions


def figures(site: Build) -> Any:
    return site.html("/2022/02/13/a/").xpath("//picture")


PHOTOS: Files = {
    "digest.toml": HARIAN,
    "content/articles/a.md": article(
        text="Satu.\n\n![Dua](dua.png)\n\nTiga ![kecil](kecil.jpg) dan ![garis](g.svg).",
        image={"src": "foto besar.jpg", "alt": "Foto"},
    ),
    "content/articles/foto besar.jpg": photo(),
    "content/articles/dua.png": photo(900, 300, "PNG"),
    "content/articles/kecil.jpg": photo(100, 50),
    "content/articles/g.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
}


def test_images_get_smaller_versions_that_are_what_they_say(make_site: MakeSite) -> None:
    site = make_site(PHOTOS)
    found = figures(site)
    assert len(found) == 2
    for picture, height in zip(found, (500 / 1000, 300 / 900), strict=True):
        types = picture.xpath(".//source/@type")
        assert types == ["image/avif", "image/webp"]
        for source in picture.xpath(".//source"):
            assert source.get("sizes")
            candidates = re.findall(r"(\S+) (\d+)w", source.get("srcset"))
            assert [int(width) for _, width in candidates] == [480, 800]
            for url, width in candidates:
                image = opened(site, url)
                assert image.size == (int(width), round(int(width) * height))
                assert f"image/{(image.format or '').lower()}" == source.get("type")
        image = picture.xpath(".//img")[0]
        assert image.get("width")
        assert image.get("height")
    assert not site.html("/2022/02/13/a/").xpath("//img[contains(@src, 'kecil')]/@srcset")


def test_only_images_below_the_first_are_lazy(make_site: MakeSite) -> None:
    text = "![A](a.png)\n\n![B](b.png)"
    files: Files = {
        "digest.toml": HARIAN,
        "content/articles/a.md": article(text=text),
        "content/articles/a.png": photo(form="PNG"),
        "content/articles/b.png": photo(800, 400, "PNG"),
        "content/articles/c.md": article("C", text=text, image={"src": "a.png", "alt": "A"}),
    }
    site = make_site(files)
    for url, count in (("/2022/02/13/a/", 2), ("/2022/02/13/c/", 3)):
        found = site.html(url).xpath("//article[contains(@class, 'text')]//img")
        assert [image.get("loading") for image in found] == [None, *["lazy"] * (count - 1)]
        assert found[0].get("fetchpriority") == "high"
    listed = site.html("/terkini/").xpath("//main//img")
    assert listed
    assert listed[0].get("loading") is None
    assert {image.get("loading") for image in listed[1:]} <= {"lazy"}


def test_every_image_of_the_demonstration_has_its_size(demonstration: Build) -> None:
    for path in (p for p in demonstration.files() if p.endswith(".html")):
        for image in demonstration.html("/" + path).xpath("//img"):
            assert image.get("width"), path
            assert image.get("height"), path


def test_a_changed_image_gives_other_versions_under_the_same_names(make_site: MakeSite) -> None:
    before = make_site(PHOTOS)
    names = [path for path in before.files() if "foto%20besar" in path or "foto besar" in path]
    old = {name: before.file("/" + name).read_bytes() for name in names}
    other = Image.new("RGB", (1000, 500), "#00605a")
    written = io.BytesIO()
    other.save(written, "JPEG")
    after = make_site({"content/articles/foto besar.jpg": written.getvalue()})
    assert all(after.file("/" + name).read_bytes() != old[name] for name in names)
    assert len(names) == 5


def test_feeds_carry_the_image_itself(make_site: MakeSite) -> None:
    site = make_site(PHOTOS)
    for name in ("/feed.xml", "/feed.json"):
        text = site.read(name)
        assert "<picture" not in text
        assert "&lt;picture" not in text
        assert "dua.png" in text


def test_a_damaged_image_is_told(make_site: MakeSite) -> None:
    broken = photo(900, 300, "PNG")[:200]
    site = make_site({**PHOTOS, "content/articles/dua.png": broken})
    assert not site.ok
    assert set(site.codes) == {"D252"}
    assert "dua.png" in site.problems[0].message
    assert str(site.problems[0].where) == "content/articles/a.md:8:8"


def test_a_damaged_lead_image_is_told_where_the_front_matter_names_it(make_site: MakeSite) -> None:
    site = make_site({**PHOTOS, "content/articles/foto besar.jpg": photo()[:400]})
    assert set(site.codes) == {"D252"}
    assert str(site.problems[0].where) == "content/articles/a.md:4:17"


def test_a_card_that_cannot_be_drawn_is_told_at_its_title(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bytes:
        raise OSError("no font")

    monkeypatch.setattr("digest.images.draw.drawn", refuse)
    site = make_site({"digest.toml": HARIAN, "content/articles/a.md": article()})
    assert site.place("D252") == "content/articles/a.md:2:1"


def test_versions_and_cards_can_be_switched_off(make_site: MakeSite) -> None:
    toml = HARIAN + "images.cards = false\nimages.variants = false\n"
    site = make_site({**PHOTOS, "digest.toml": toml, "content/articles/b.md": article("B")})
    assert figures(site) == []
    assert not [path for path in site.files() if "card" in path or "480" in path]
    assert metas(site, "2022/02/13/b/index.html")["og:image"].startswith(base_of(site) + "/aset/")


def test_without_the_extra_the_site_is_built_and_it_is_said_once(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    missing = {"PIL", "font_roboto"}
    monkeypatch.setattr(images, "find_spec", lambda name: None if name in missing else real(name))
    for found in (images.forms, images.fonts):
        found.cache_clear()
    try:
        site = make_site({**PHOTOS, "content/articles/b.md": article("B")})
    finally:
        for found in (images.forms, images.fonts):
            found.cache_clear()
    assert site.ok
    problem = site.problem("D801")
    assert problem.severity == "note"
    assert "digest-ssg[images]" in problem.hint
    assert "social cards" in problem.message
    assert "smaller versions" in problem.message
    assert figures(site) == []
    assert site.html("/2022/02/13/a/").xpath("//img/@width")


def test_a_check_makes_no_image_and_loads_no_pillow(make_site: MakeSite, run_cli: RunCli) -> None:
    make_site({**PHOTOS, "digest.toml": HARIAN + "images.cards = false\n"})
    root = make_site({"digest.toml": HARIAN}).root
    for path in (root / ".digest/images").iterdir():
        path.unlink()
    code = (
        "import sys; from digest.cli import main; sys.argv = ['digest', 'check', '--quiet']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "assert 'PIL.Image' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert list((root / ".digest/images").iterdir()) == []
    assert run_cli("check").exit_code == 0
