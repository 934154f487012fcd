"""Where Baca Juga stands: small articles with one trap each, against one table of outlines.

An outline names the blocks of the text in order, ``[…]`` an aside by the slugs it links. Behind the
bar come the closing list, and the follow-ups after ``+``.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import lxml.html  # type: ignore[import-untyped]  # has no stubs
import pytest
from relating import NOW

from digest.build import Outcome, build
from digest.compose import Options

SITES = Path(__file__).parent / "placement"

# Pins of nearly every article, in order: gudang jembatan kereta pasar sekolah.
OUTLINES = """
di-daftar           p ul                                        | gudang jembatan
di-kutipan          p blockquote                                | gudang jembatan
di-tabel            p section                                   | gudang jembatan
di-catatan-kaki     p section                                   | gudang jembatan
di-html-mentah      p div p                                     | gudang jembatan
sebelum-judul       p [gudang jembatan] p h2 p                  | kereta pasar
sesudah-titik-dua   p [gudang jembatan] p ul                    | kereta pasar
dua-penanda         p [gudang jembatan] p [kereta pasar] p      | sekolah
penanda-di-awal     [gudang jembatan] p                         | kereta pasar
penanda-di-akhir    p [gudang jembatan]                         | kereta pasar
satu-paragraf       p                                           | gudang jembatan
teks-pendek         p p p p                                     | gudang jembatan
panjang             p p [gudang jembatan] p p                   | kereta pasar
panjang-daftar      p p ul p [gudang jembatan] p                | kereta pasar
panjang-gambar      p p figure p [gudang jembatan] p            | kereta pasar
panjang-judul       p p h2 p [gudang jembatan] p                | kereta pasar
panjang-tabel       p p section p [gudang jembatan] p               | kereta pasar
panjang-titik-dua   p p p [gudang jembatan] p                   | kereta pasar
tertaut             p [jembatan kereta] p                       | pasar sekolah
tertaut-wiki        p [gudang kereta] p                         | pasar sekolah
tanpa-apa-apa       p p                                         |
penanda-tebal       p [gudang jembatan] p                       | kereta pasar
penanda-titik-dua   p [gudang jembatan] p                       | kereta pasar
dicabut                                                         |
banyak-tempat       p [gudang jembatan] p [kereta] p p          |
waduk-surut         p                                           | + waduk-hujan waduk-naskah
waduk-ziarah        p                                           |
waduk-naskah        p                                           | waduk-surut waduk-ziarah
waduk-hujan         p                                           | waduk-surut waduk-naskah
"""


def built(source: str, root: Path, was: str = "", now: str = "") -> Outcome:
    """A site, built below ``root`` with one of its settings changed."""
    shutil.copytree(SITES / source, root)
    file = root / "digest.toml"
    file.write_text(file.read_text("utf-8").replace(was, now), "utf-8")
    return build(Options(site=root, now=NOW), lambda *_: None, lambda: None)


def page(outcome: Outcome, slug: str) -> Any:
    (file,) = outcome.output.rglob(f"{slug}/index.html")
    return lxml.html.document_fromstring(file.read_bytes())


def slugs(element: Any) -> list[str]:
    return [
        href.rstrip("/").split("/")[-1] for href in element.xpath(".//li/a/@href|.//h3/a/@href")
    ]


def outline(html: Any) -> str:
    """The page as a line of the table."""
    words = []
    for block in html.xpath("//div[@class='prose']/*"):
        aside = block.tag == "aside"
        words.append(f"[{' '.join(slugs(block))}]" if aside else block.tag)
    words.append("|")
    for section in html.xpath("//section[@class='related']"):
        words += slugs(section)
    for section in html.xpath("//section[@class='follow-ups']"):
        words += ["+", *slugs(section)]
    return " ".join(words)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return built("id", tmp_path_factory.mktemp("situs") / "id")


@pytest.mark.parametrize("line", OUTLINES.strip().splitlines(), ids=lambda line: line.split()[0])
def test_blocks_stand_where_they_may(site: Outcome, line: str) -> None:
    slug, *expected = line.split()
    assert outline(page(site, slug)) == " ".join(expected)


def test_every_article_of_the_site_has_a_line_or_is_a_target(site: Outcome) -> None:
    named = {line.split()[0] for line in OUTLINES.strip().splitlines()}
    targets = {"gudang", "jembatan", "kereta", "pasar", "sekolah"}
    files = (SITES / "id/content/articles").glob("*.md")
    assert {file.stem for file in files} == named | targets


def test_no_article_is_offered_twice_on_a_page_nor_on_its_own(site: Outcome) -> None:
    for line in OUTLINES.strip().splitlines():
        slug = line.split()[0]
        html = page(site, slug)
        offered = [
            *slugs(html.xpath("//main")[0]),
            *(href.split("/")[-2] for href in html.xpath("//div[@class='prose']/p/a/@href")),
        ]
        tags = {"tag", "kanal"}
        shown = [name for name in offered if name not in tags]
        assert len(set(shown)) == len(shown), slug
        assert slug not in shown


def test_what_links_here_is_named_once_among_the_mentions(site: Outcome) -> None:
    html = page(site, "waduk-surut")
    (mentions,) = html.xpath("//section[@class='backlinks']")
    assert slugs(mentions) == ["waduk-ziarah"]
    assert outline(html).endswith("+ waduk-hujan waduk-naskah")


@pytest.mark.parametrize("slug", ["di-daftar", "di-kutipan", "di-tabel", "di-catatan-kaki"])
def test_a_marker_that_finds_no_place_stays_and_is_told(site: Outcome, slug: str) -> None:
    assert "Baca Juga" in page(site, slug).xpath("//div[@class='prose']")[0].text_content()
    told = [problem.where.path for problem in site.problems if problem.where]
    assert f"content/articles/{slug}.md" in told


def test_a_marker_of_a_page_leaves_nothing_behind(site: Outcome) -> None:
    html = page(site, "tentang")
    assert [block.tag for block in html.xpath("//div[@class='prose']/*")] == ["p", "p"]
    assert "Baca Juga" not in html.text_content()


def test_nothing_to_show_leaves_no_trace(site: Outcome) -> None:
    assert "Baca Juga" not in page(site, "tanpa-apa-apa").text_content()
    assert "baca-juga" not in lxml.html.tostring(page(site, "tanpa-apa-apa"), encoding="unicode")


def test_each_block_of_a_page_is_labelled_and_told_apart(site: Outcome) -> None:
    labels = page(site, "dua-penanda").xpath("//aside/@aria-label")
    assert labels == [
        "Baca Juga: Gudang tua di Semarang dipugar",
        "Baca Juga: Lokomotif uap Ambarawa berjalan lagi",
    ]
    (closing,) = page(site, "panjang").xpath("//section[@class='related']")
    heading = closing.get("aria-labelledby")
    assert closing.xpath(f".//*[@id='{heading}']")[0].text_content() == "Baca Juga"
    assert "Kantor Berita Contoh" in closing.text_content()
    assert closing.xpath(".//time/@datetime")[0].startswith("2023-01-03")


def test_no_score_is_shown(site: Outcome) -> None:
    html = page(site, "waduk-hujan").xpath("//section[@class='related']")[0]
    assert not any("score" in name for element in html.iter() for name in element.attrib)


@pytest.mark.parametrize(("slug", "found"), [("lantern", "lighthouse"), ("lens", "lighthouse")])
def test_both_words_work_in_an_english_site(tmp_path: Path, slug: str, found: str) -> None:
    outcome = built("en", tmp_path / "en")
    html = page(outcome, slug)
    assert outline(html).startswith(f"p [{found}] p |")
    assert html.xpath("//aside/@aria-label") == ["Read Also: Lighthouse keeper retires"]


def test_no_block_is_placed_by_itself_when_that_is_switched_off(tmp_path: Path) -> None:
    outcome = built("id", tmp_path / "id", "auto_after = 2", "auto_after = 0")
    assert outline(page(outcome, "panjang")) == "p p p p | gudang jembatan"
    assert outline(page(outcome, "penanda-tebal")) == "p [gudang jembatan] p | kereta pasar"


def test_without_links_for_blocks_markers_leave_nothing(tmp_path: Path) -> None:
    outcome = built("id", tmp_path / "id", "inline = 2", "inline = 0")
    assert outline(page(outcome, "dua-penanda")) == "p p p | gudang jembatan"
    assert outline(page(outcome, "panjang")) == "p p p p | gudang jembatan"
