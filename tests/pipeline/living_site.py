"""The site that lives in ``living``: small, with a little of everything, cheap to build."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

from sitekit import HERE, document

FOLDER = "content/articles/2022/02"
COUNT = 14
SENTENCES = (
    "Banjir merendam ratusan rumah di Demak setelah tanggul sungai jebol pada malam hari.",
    "Tanggul sungai yang jebol di Demak mulai ditambal dengan karung pasir oleh warga.",
    "Komisi Pemilihan Umum menetapkan jadwal kampanye dan rekapitulasi suara pemilu.",
    "Rekapitulasi suara pemilu di tingkat provinsi selesai lebih cepat dari jadwal.",
    "Harga beras naik karena panen mundur, dan Bulog menyiapkan impor dari Vietnam.",
    'Bulog menyebut "impor" beras cukup sampai panen raya --- petani meminta harga dasar.',
    "Warga mengungsi ke balai desa dan menunggu air surut sebelum pulang ke rumah.",
)
TAGS = ("Banjir", "Pemilu", "Pangan", "Jawa Tengah", "Warga")
CATEGORIES = ("Nasional", "Daerah")
OUTLETS = ("Antara", "Reuters", "Kompas")
PEOPLE = ("Ani", "Budi", "Citra")


@dataclass(frozen=True)
class Doc:
    """A content file in two parts: its front matter and its text."""

    text: str = SENTENCES[0]
    front: dict[str, object] = field(default_factory=dict)

    def __bytes__(self) -> bytes:
        return document(self.text, **self.front).encode()

    def having(self, **front: object) -> Doc:
        """The same with other front matter; None takes a key away."""
        merged = {**self.front, **front}
        return Doc(self.text, {key: value for key, value in merged.items() if value is not None})

    def saying(self, text: str) -> Doc:
        """The same with another text."""
        return Doc(text, self.front)


def png(width: int, height: int) -> bytes:
    """A grey image of a size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    made = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + made


def svg(width: int, height: int) -> bytes:
    """An empty drawing of a size."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"/>'.encode()


def plain(number: int) -> Doc:
    """An article of two or three sentences on one of three subjects."""
    text = "\n\n".join(SENTENCES[(2 * number + n) % 7] for n in range(2 + number % 2))
    day = ("2021-12-31 23:30", "2022-01-01 00:15", "2022-02-27 08:00", "2022-02-28")[number % 4]
    front: dict[str, object] = {"title": f"Kabar {number}: {SENTENCES[number % 7][:24]}"}
    front |= {"date": day, "tags": [TAGS[number % 5], TAGS[(number + 2) % 5]]}
    front |= {"source": OUTLETS[number % 3], "authors": [PEOPLE[number % 2]]}
    if number % 4 == 0:
        front |= {"story": "banjir", "editor": PEOPLE[number % 3]}
    return Doc(text, front | {"category": CATEGORIES[number % 2]})


LONG = "\n\n".join([*SENTENCES, "Baca Juga", *SENTENCES, "## Latar", *SENTENCES[::-1]])
RICH = (
    "Teks *miring* dengan catatan.[^1]\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    '<div class="kotak">mentah</div>\n\n- satu\n- dua\n\n[^1]: Isi catatan.'
)


def special() -> dict[str, Doc]:
    """Articles in every state and with every kind of tie, by slug."""

    def made(day: str, text: str = SENTENCES[1], **front: object) -> Doc:
        return Doc(text, {"title": f"Khusus {day}", "date": day, **front})

    ties = "Lihat [yang ini](kabar-01.md) dan [[kabar-02]]; [laporan](laporan.pdf). ![P](peta.svg)"
    noted = {"at": "2022-02-28 10:00", "kind": "ralat", "text": "Angka diperbaiki."}
    return {
        "draf": made("2022-02-27", status="draft", tags=["Banjir"]),
        "nanti": made("2022-03-04 07:00", tags=["Banjir"]),
        "tahun-depan": made("2023-01-02 06:00", category="Nasional"),
        "lewat": made("2022-02-27", expires="2022-02-28 12:00"),
        "akan-lewat": made("2022-02-28", expires="2022-03-03 00:00", tags=["Banjir"]),
        "ditarik": made("2022-02-28", status="withdrawn", withdrawn_reason="Keliru."),
        "bertaut": made("2022-02-28 09:00", ties, image={"src": "foto.png", "alt": "Foto"}),
        "wiki": made("2022-02-28", "Baca [[kabar-03|itu]], [[bertaut]], [[tentang]]."),
        "ralat": made("2022-02-27", corrections=[noted], source="Antara"),
        "disemat": made("2022-02-28", related=["kabar-04", "wiki"], related_exclude=["kabar-05"]),
        "pindahan": made("2022-02-27", aliases=["/lama/pindahan.html"], slug="sudah-pindah"),
        "panjang": made("2022-02-28 20:00", LONG, dateline="Demak", tags=["Banjir", "Warga"]),
        "kaya": made("2022-02-28", RICH, sponsored="iklan", authors=["Budi", "Ani"]),
    }


def documents() -> dict[str, Doc]:
    """Path → document of all content at first."""
    made = {f"{FOLDER}/kabar-{n:02}.md": plain(n) for n in range(COUNT)}
    made |= {f"{FOLDER}/{slug}.md": doc for slug, doc in special().items()}
    about = {"title": "Tentang", "weight": 1, "aliases": ["/about/"]}
    made["content/pages/tentang.md"] = Doc("Tentang [[kabar-06]] dan redaksi.", about)
    made["content/pages/kontak.md"] = Doc("Alamat.", {"title": "Kontak", "weight": 2})
    made["content/tags/banjir.md"] = Doc("Isi.", {"title": "Banjir", "description": "Air"})
    made["content/categories/daerah.md"] = Doc("", {"title": "Daerah", "weight": 1})
    made["content/sources/antara.md"] = Doc("Kantor berita.", {"title": "Antara"})
    made["content/stories/banjir.md"] = Doc("Latar.", {"title": "Banjir Demak"})
    made["content/authors/ani.md"] = Doc("Riwayat.", {"title": "Ani", "role": "Penulis"})
    for n in range(1, 4):
        items = [f"kabar-{n + 4:02}", {"slug": f"kabar-{n + 8:02}", "form": "lead"}]
        front: dict[str, object] = {"number": n, "date": f"2022-02-2{n + 5}"}
        front["sections"] = [{"title": "Daerah", "items": items}, {"items": ["kaya"] * (n == 2)}]
        made[f"content/editions/e{n}.md"] = Doc("Catatan [[kabar-06]].", front)
    return made


BASE = """{% import "alat.html" as alat %}
<!doctype html>
<html lang="{{ site.language }}">
<link rel="stylesheet" href="{{ asset("anak.css") }}">
<h1>{{ page.title }}</h1>
<p>{{ t("home") }} {{ number(12345) }} {{ theme.accent }} {{ theme.salam }}</p>
{% block main %}{{ alat.isi(page) }}{% endblock %}
{% include "partials/kaki.html" %}
{% include "partials/tambahan.html" ignore missing %}
"""
ARTICLE = """{% extends "base.html" %}
{% block main %}
{{ super() }}
{% for part in page.body %}{% if part.kind == "html" %}{{ part }}{% endif %}{% endfor %}
{% include "kotak-" ~ theme.font ~ ".html" %}
{% endblock %}
"""
CHILD = """name = "anak"
parent = "polos"
[options.salam]
type = "text"
default = "Salam"
"""
THEME = {
    "theme.toml": CHILD,
    "templates/base.html": BASE,
    "templates/article.html": ARTICLE,
    "templates/home.html": '{% extends "polos:home.html" %}',
    "templates/alat.html": "{% macro isi(page) %}<pre>{{ page }}</pre>{% endmacro %}",
    "templates/partials/kaki.html": "<footer>{{ site }}</footer>",
    "templates/kotak-serif.html": "<p>serif</p>",
    "templates/kotak-sans.html": "<p>sans</p>",
    "static/anak.css": "h1 { background: url(ikon.svg) }",
    "static/ikon.svg": svg(1, 1).decode(),
}


def other_files() -> dict[str, bytes]:
    """Path → bytes of everything at first that is neither content nor settings."""
    made = {
        f"{FOLDER}/peta.svg": svg(40, 30),
        f"{FOLDER}/foto.png": png(5, 4),
        f"{FOLDER}/laporan.pdf": b"%PDF-1.4 laporan",
        "static/robots.txt": b"User-agent: *\n",
        "static/unduh/data.csv": b"a,b\n1,2\n",
    }
    made |= {f"themes/anak/{path}": text.encode() for path, text in THEME.items()}
    parent = HERE / "sites/_themes/polos"
    for path in sorted(parent.rglob("*")):
        if path.is_file():
            made[f"themes/polos/{path.relative_to(parent).as_posix()}"] = path.read_bytes()
    return made


def settings() -> dict[str, str]:
    """Key → TOML value of the settings at first."""
    return {
        "title": '"Kabar Uji"',
        "base_url": '"https://kabar.example"',
        "theme.name": '"anak"',
        "lists.page_size": "4",
        "sources.missing": '"ignore"',
        "images.cards": "false",
    }
