"""Small archives, and other languages than Indonesian."""

from __future__ import annotations

from pathlib import Path

import pytest
from relating import SETTINGS, article, composed, lists, write

# Five pairs: the second of each follows the first up.
STORIES = {
    "tanggul-jebol": (
        "Tanggul Sungai Wulan jebol di Demak",
        "Tanggul Sungai Wulan di Kabupaten Demak jebol pada Kamis malam setelah hujan dua hari. Air"
        " merendam jalan Pantura dan ribuan rumah warga Karanganyar.",
    ),
    "bunga-tetap": (
        "BI tahan suku bunga acuan",
        "Bank Indonesia menahan suku bunga acuan pada level enam persen. Gubernur Perry Warjiyo"
        " mengatakan keputusan itu menjaga nilai tukar rupiah.",
    ),
    "pengungsi-demak": (
        "Pengungsi banjir Demak bertambah",
        "Jumlah pengungsi banjir di Demak bertambah setelah tanggul Sungai Wulan jebol. Warga"
        " Karanganyar menempati balai desa dan menunggu bantuan.",
    ),
    "rupiah-menguat": (
        "Rupiah menguat setelah keputusan BI",
        "Nilai tukar rupiah menguat setelah Bank Indonesia menahan suku bunga acuan. Pelaku pasar"
        " menilai Gubernur Perry Warjiyo berhati-hati.",
    ),
    "komodo": (
        "Anak komodo menetas di kebun binatang",
        "Tujuh anak komodo menetas di Kebun Binatang Surabaya setelah inkubasi delapan bulan."
        " Dokter hewan memeriksa berat tiap anak reptil itu.",
    ),
    "penyu": (
        "Tukik mencapai laut di Pangumbahan",
        "Ratusan tukik penyu hijau mencapai laut di Pantai Pangumbahan, Sukabumi. Relawan"
        " mengumpulkan telur dari sarang sejak musim kemarau.",
    ),
    "ganda-putra": (
        "Fajar/Rian ke final di Birmingham",
        "Ganda putra Fajar Alfian dan Rian Ardianto melangkah ke final All England di Birmingham"
        " seusai menang dua gim langsung.",
    ),
    "batik": (
        "Perajin batik Lasem menanam indigo",
        "Perajin batik di Lasem kembali menanam tarum untuk pewarna alami. Kain yang dicelup"
        " berkali itu dijual ke kolektor.",
    ),
    "juara": (
        "Fajar/Rian juara All England",
        "Fajar Alfian dan Rian Ardianto menjuarai All England setelah menang atas pasangan Malaysia"
        " di final. Gelar ganda putra itu yang kedua beruntun bagi Indonesia.",
    ),
    "komodo-pulang": (
        "Komodo muda dilepas ke Flores",
        "Enam komodo muda hasil penetasan di Kebun Binatang Surabaya dilepas di Pulau Flores."
        " Reptil itu dipasangi pemancar oleh dokter hewan.",
    ),
}
BELONGS = {
    "pengungsi-demak": "tanggul-jebol",
    "rupiah-menguat": "bunga-tetap",
    "juara": "ganda-putra",
    "komodo-pulang": "komodo",
}


@pytest.mark.parametrize("size", [2, 3, 5, 10])
def test_a_small_archive_links_what_belongs_together_and_nothing_else(
    tmp_path: Path, size: int
) -> None:
    chosen = list(STORIES)[:size]
    write(
        tmp_path,
        {slug: article(STORIES[slug][0], f"2023-03-{n + 10}", STORIES[slug][1])
         for n, slug in enumerate(chosen)},
    )  # fmt: skip
    assert lists(composed(tmp_path).edition.related) == {
        slug: [BELONGS[slug]] if slug in BELONGS else [] for slug in chosen
    }


def test_two_articles_on_one_matter_are_linked(tmp_path: Path) -> None:
    pair = {
        slug: article(*(STORIES[slug][0], day, STORIES[slug][1]))
        for slug, day in (("bunga-tetap", "2023-01-01"), ("rupiah-menguat", "2023-01-02"))
    }
    write(tmp_path, pair)
    found = lists(composed(tmp_path).edition.related)
    assert found == {"bunga-tetap": [], "rupiah-menguat": ["bunga-tetap"]}


ENGLISH = {
    "dam": ("Dam fails above Riverton", "The Harlow dam above Riverton failed on Friday night."),
    "bread": ("Baker wins prize", "A village baker won the national prize for sourdough."),
    "homes": ("Families leave Riverton", "Families left Riverton after the Harlow dam failed."),
    "vote": ("Council votes on buses", "The council voted to buy electric buses on Monday night."),
}
JAPANESE = {
    "jishin": ("能登半島で地震", "石川県の能登半島で強い地震があり、住宅が倒壊した。"),
    "sumo": ("大相撲で新横綱", "大相撲の番付が発表され、新しい横綱が誕生した。"),
    "hinan": ("能登半島の避難所", "能登半島の地震で倒壊した住宅の住民が避難所に入った。"),
    "sakura": ("桜の開花", "東京で桜が咲いた。昨年より三日早い開花である。"),
}


@pytest.mark.parametrize(
    ("language", "texts", "expected"),
    [("en", ENGLISH, {"homes": ["dam"]}), ("ja", JAPANESE, {"hinan": ["jishin"]})],
)
def test_other_languages_work_alike(
    tmp_path: Path,
    language: str,
    texts: dict[str, tuple[str, str]],
    expected: dict[str, list[str]],
) -> None:
    made = {
        slug: article(title, f"2023-03-{n + 10}", text)
        for n, (slug, (title, text)) in enumerate(texts.items())
    }
    (tmp_path / "locales").mkdir()
    (tmp_path / "locales/ja.toml").write_text('name = "日本語"\n', encoding="utf-8")
    write(tmp_path, made, f'{SETTINGS}language = "{language}"\n')
    site = composed(tmp_path)
    assert lists(site.edition.related) == {slug: expected.get(slug, []) for slug in texts}
    assert ("the" in site.locale.common) == (language == "en")
