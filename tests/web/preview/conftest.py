"""A site with the shipped theme, its preview, and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from previewkit import Preview, previewing
from sitekit import article, document, write_site

from web.preview.browser import Browser, browsing

SETTINGS = 'title = "Kabar Uji"\nbase_url = "https://kabar.example"\n'
FIRST = "content/articles/a0.md"
PAGE = "/2022/02/13/a0/"
SCRIPT = """
document.querySelector(".prose").insertAdjacentHTML("beforeend", "<p id=oleh-skrip>dari skrip</p>");
document.querySelector("h1").setAttribute("data-oleh-skrip", "ya");
window.hitungan = 41;
"""
STATEFUL = """
<details id="lebih"><summary>Lebih jauh</summary><p>Isi.</p></details>

<form>
<input id="kotak" value=""><input id="lain" value="asal"><input id="centang" type="checkbox">
</form>
"""


def text(first: str, *, title: str = "Kabar nol", **front: object) -> str:
    """An article with a form, details and forty paragraphs."""
    paragraphs = "\n\n".join(f"Paragraf nomor {n} dari artikel panjang." for n in range(40))
    given: dict[str, object] = {"tags": ["Air"], "category": "Daerah", **front}
    return document(
        f"{first}\n\n{STATEFUL}\n\n{paragraphs}", title=title, date="2022-02-13 09:15", **given
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with browsing() as found:
        yield found


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two articles; every page runs a script that changes it."""
    root = tmp_path / "situs"
    head = '{% extends "harian:base.html" %}{% block head_extra %}'
    head += '<script src="{{ asset("uji.js") }}" defer></script>{% endblock %}'
    write_site(
        root,
        {
            "digest.toml": SETTINGS,
            FIRST: text("Kalimat pertama."),
            "content/articles/a1.md": article("Kabar satu", "2022-02-12 08:00", "Isi satu."),
            "overrides/templates/base.html": head,
            "overrides/static/uji.js": f"if (document.querySelector('.prose')) {{ {SCRIPT} }}",
            "overrides/static/css/tambahan.css": "h1 { color: rgb(1, 2, 3); }",
        },
        theme=False,
    )
    return root


@pytest.fixture
def preview(site: Path) -> Iterator[Preview]:
    """The preview of that site."""
    with previewing(site, env={"DIGEST_EDITOR": "code"}) as running:
        yield running
