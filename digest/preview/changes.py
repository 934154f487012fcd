"""What a changed path means to a site."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from digest.config import Loaded
from digest.discover import is_litter
from digest.theme import Layer


class Changes(msgspec.Struct):
    """What changed: content files that were there, the list of files, theme parts, settings."""

    edited: set[str] = msgspec.field(default_factory=set)
    listing: bool = False
    statics: set[str] = msgspec.field(default_factory=set)
    templates: set[str] = msgspec.field(default_factory=set)
    theme: bool = False
    settings: bool = False

    @property
    def some(self) -> bool:
        """Whether anything changed that a page can show."""
        return bool(
            self.edited
            or self.listing
            or self.statics
            or self.templates
            or self.theme
            or self.settings
        )


class Map:
    """Knows which folder of a site a path belongs to."""

    def __init__(self, loaded: Loaded, layers: Iterable[Layer]) -> None:
        config, root = loaded.config, loaded.root
        self._root = _real(root)
        self._settings = f"{self._root}/{loaded.file}"
        self._content = _real(root / config.content)
        self._content_name = Path(config.content).as_posix()
        self._static = _real(root / config.static)
        self._layers = [_real(layer.folder) for layer in layers]
        self._themes = [_real(root / name) for name in ("themes", "overrides")]
        self._locales = _real(root / "locales")

    def sort(self, paths: Iterable[str], known: Iterable[str] = ()) -> Changes:
        """What these absolute paths mean; ``known`` are content files by path in the site."""
        files = frozenset(known)
        changes = Changes()
        for path in paths:
            if not is_litter(os.path.basename(path)):  # noqa: PTH119
                self._sort(path, files, changes)
        return changes

    def _sort(self, path: str, known: frozenset[str], changes: Changes) -> None:
        if path == self._settings or _inside(path, self._locales):
            changes.settings = True
        elif _inside(path, self._content):
            inner = f"{self._content_name}{path[len(self._content) :]}"
            if inner in known and os.path.isfile(path):  # noqa: PTH113
                changes.edited.add(inner)
            else:
                changes.listing = True
        elif _inside(path, self._static):
            changes.statics.add(path[len(self._static) :])
        elif layer := next((one for one in self._layers if _inside(path, one)), ""):
            inner = path[len(layer) :]
            if inner.startswith("/templates/"):
                changes.templates.add(inner.removeprefix("/templates/"))
            else:
                changes.theme = True
        elif any(_inside(path, folder) for folder in self._themes):
            changes.theme = True
        elif path == self._root:
            changes.listing = changes.settings = True


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)


def _real(path: Path) -> str:
    return os.path.realpath(path)
