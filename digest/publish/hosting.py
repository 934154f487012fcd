"""What a site asks of a host beyond files: redirects, and headers by path."""

from __future__ import annotations

import msgspec


class Redirect(msgspec.Struct, frozen=True, order=True):
    """An old address: ``source`` and ``target`` are paths on the host, with its prefix, quoted."""

    source: str
    target: str
    status: int = 301


class HeaderRule(msgspec.Struct, frozen=True):
    """Headers of all answers below a path pattern (``/aset/*``), in order."""

    pattern: str
    headers: tuple[tuple[str, str], ...]


class Hosting(msgspec.Struct, frozen=True):
    """What the site asks for. ``domain`` is the host of ``base_url``; ``prefix`` its path or ""."""

    domain: str = ""
    prefix: str = ""
    redirects: tuple[Redirect, ...] = ()
    headers: tuple[HeaderRule, ...] = ()
    immutable: tuple[str, ...] = ()
    """Folders ("aset/") and files whose names change with their content: cached for ever."""

    def cache_control(self, path: str) -> str:
        """The ``Cache-Control`` of a file of the site, by its path."""
        if path.startswith(self.immutable):
            return "public, max-age=31536000, immutable"
        return "public, max-age=0, must-revalidate"
