"""One preview for all tests that only ask, and one site a test for those that edit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from previewkit import Preview, previewing
from sitekit import article, many, write_site

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """A preview that no test changes."""
    root = tmp_path_factory.mktemp("tetap") / "situs"
    files: dict[str, str | bytes] = {
        **many(4),
        "content/articles/gambar.md": article("Bergambar", text="![Peta](peta.svg)"),
        "content/articles/peta.svg": PICTURE,
        "static/berkas.txt": "isi berkas",
        "static/.well-known/sandi.txt": "umum",
        "static/.rahasia": "TERSEMBUNYI",
        ".env": "TOKEN=1",
    }
    write_site(root, files)
    with previewing(root) as preview:
        yield preview


@pytest.fixture
def site(root: Path) -> Path:
    """A site of a few articles, to be edited."""
    write_site(root, many(4))
    return root
