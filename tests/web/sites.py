"""The two sites under test, as folders of finished pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from web import penuh
from web.programs import REPOSITORY, digest

_BODY_CLASS = re.compile(r'<body class="([^"]*)"')


@dataclass(frozen=True)
class Built:
    """A built site: ``root`` is what a host serves, the site stands under ``prefix`` in it."""

    name: str
    root: Path
    prefix: str
    base_url: str

    @property
    def folder(self) -> Path:
        """Where the site's home page is."""
        return self.root / self.prefix.strip("/")

    @cached_property
    def pages(self) -> dict[str, str]:
        """The kind of each page by its path from ``folder``: the class of its body.

        The further pages of a list are a kind of their own.
        """
        kinds = {}
        for file in sorted(self.folder.rglob("*.html")):
            path = file.relative_to(self.folder).as_posix()
            found = _BODY_CLASS.search(file.read_text(encoding="utf-8"))
            assert found, f"{path}: a body without a class"
            kinds[path] = found[1] + (" numbered" if "/hal/" in path else "")
        return kinds

    @property
    def shown(self) -> list[str]:
        """All pages that stay: redirects leave at once."""
        return [path for path, kind in self.pages.items() if kind != "redirect"]

    def of_kind(self, kind: str) -> list[str]:
        """The pages of one kind."""
        return [path for path, found in self.pages.items() if found == kind]

    def samples(self) -> list[str]:
        """One page of each kind, the fullest, without redirects."""
        largest: dict[str, tuple[int, str]] = {}
        for path in self.shown:
            size = (self.folder / path).stat().st_size
            largest[self.pages[path]] = max(largest.get(self.pages[path], (0, "")), (size, path))
        return sorted(path for _, path in largest.values())

    def address(self, base: str, path: str) -> str:
        """The URL of a page as readers have it, below the server's address of the site."""
        return f"{base}/{path.removesuffix('index.html')}"


def build_demonstration(root: Path) -> Built:
    """Build the repository's own site into ``root``."""
    digest("build", "--site", str(REPOSITORY), "--output", str(root), "--quiet")
    return Built("demonstration", root, "", "https://harian-digest.example")


def build_penuh(folder: Path) -> Built:
    """Write and build the site of every feature, with its drafts, under a path prefix."""
    penuh.write(folder / "site")
    site = Built("penuh", folder / "out", penuh.PREFIX, "https://kabar-penuh.example")
    digest(
        *("build", "--site", str(folder / "site"), "--output", str(site.folder)),
        *("--drafts", "--now", penuh.NOW, "--quiet"),
    )
    return site
