"""The site that uses every feature: the texts of ``sites/penuh`` and what is made by program."""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

TEXTS = Path(__file__).parent / "sites" / "penuh"
NOW = "2024-06-10T12:00:00+08:00"
"""When the site is built: after all of its articles."""
PREFIX = "/edisi"
_ARTICLES = 56
_CATEGORIES = ("Nasional", "Ekonomi", "Olahraga", "Sains", "Budaya", "Kesehatan")

Color = tuple[int, int, int]


def write(folder: Path) -> None:
    """Write the whole site into ``folder``: texts, pictures, and enough articles to paginate."""
    shutil.copytree(TEXTS, folder)
    content = folder / "content"
    stripes = _png(640, 360, lambda x, y: (240, 190, 40) if (x + y) % 120 < 30 else (30, 60, 140))
    (content / "articles/2024/05/peta.png").write_bytes(stripes)
    checks = _png(
        300, 500, lambda x, y: (90, 90, 90) if (x // 50 + y // 50) % 2 else (210, 210, 210)
    )
    (content / "pages/petunjuk.png").write_bytes(checks)
    for number in range(_ARTICLES):
        _write_article(content / "articles" / "banyak", number)


def _write_article(folder: Path, number: int) -> None:
    # Twelve on one day, so that a page of the archive is paginated, too.
    day = date(2024, 4, 30) - timedelta(days=max(0, number - 12) * 5)
    folder.mkdir(exist_ok=True)
    (folder / f"kabar-{number:02}.md").write_text(
        f"---\ntitle: Kabar singkat nomor {number}\ndate: {day} {6 + number % 12:02}:00\n"
        f"category: {_CATEGORIES[number % len(_CATEGORIES)]}\n"
        f"tags: [Harian, Tanda {number % 26:02}, Kota {number * 7 % 40:02}]\n"
        "source: Kantor Uji\n---\n"
        f"Paragraf pembuka kabar nomor {number} dari kota ke-{number * 7 % 40}.\n\n"
        "Paragraf penutup yang pendek.\n",
        encoding="utf-8",
    )


def _png(width: int, height: int, color: Callable[[int, int], Color]) -> bytes:
    """A picture of 8-bit RGB pixels, drawn by a function of the place."""
    rows = b"".join(
        b"\0" + b"".join(bytes(color(x, y)) for x in range(width)) for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
