"""What a site asks of a host beyond files: redirects, and headers by path."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

import msgspec

from digest.config import Config

FOREVER = "public, max-age=31536000, immutable"
FRESH = "public, max-age=0, must-revalidate"
_FINGERPRINT = re.compile(r"\.[0-9a-f]{10}\.\w+$")


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
    """What the site asks for. ``domain`` is the host of ``base_url``; ``prefix`` its path or "".

    ``assets`` is the folder of the theme's files, whose names change with their content.
    """

    domain: str = ""
    prefix: str = ""
    redirects: tuple[Redirect, ...] = ()
    headers: tuple[HeaderRule, ...] = ()
    assets: str = ""

    def cache_control(self, path: str) -> str:
        """The ``Cache-Control`` of a file of the site, by its path."""
        own = self.assets and path.startswith(self.assets)
        return FOREVER if own and _FINGERPRINT.search(path) else FRESH


def hosting_of(config: Config, redirects: Iterable[tuple[str, str]], csp: str) -> Hosting:
    """What the site with these settings asks of a host; ``redirects`` as its manifest notes them.

    Headers that later rules repeat are replaced by those, on hosts that would else join them.
    """
    prefix, assets = config.prefix, config.permalinks.assets
    everywhere = [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ]
    if csp:
        everywhere.insert(0, ("Content-Security-Policy", csp))
    rules = (
        HeaderRule(f"{prefix}/*", tuple(everywhere)),
        HeaderRule(f"{prefix}{assets}*", (("Cache-Control", FOREVER),)),
    )
    moved = {_path(prefix, old): _path(prefix, new) for old, new in redirects}
    leads = tuple(Redirect(old, new) for old, new in sorted(moved.items()) if old != new)
    domain = urlsplit(config.base_url).hostname or ""
    return Hosting(domain, prefix, leads, rules, assets.lstrip("/"))


def _path(prefix: str, url: str) -> str:
    """A path of the site as it stands in a request: with the prefix, quoted once."""
    return quote(prefix + url, safe="/%:@!$&'()*+,;=~-._")


def redirects_file(hosting: Hosting) -> bytes:
    """``_redirects``, one rule a line; the file behind an old address never hides the rule.

    Both forms of an old address lead on, with and without its closing slash. Sources:
    https://docs.netlify.com/manage/routing/redirects/overview/
    https://developers.cloudflare.com/pages/configuration/redirects/
    """
    lines = []
    for redirect in hosting.redirects:
        sources = sorted({redirect.source, redirect.source.rstrip("/") or "/"})
        lines += [f"{source} {redirect.target} {redirect.status}" for source in sources]
    return "".join(line + "\n" for line in lines).encode()


def headers_file(hosting: Hosting) -> bytes:
    """``_headers``: a path pattern, then its headers indented.

    Sources: https://docs.netlify.com/manage/routing/headers/
    https://developers.cloudflare.com/pages/configuration/headers/
    """
    lines = []
    for rule in hosting.headers:
        lines.append(rule.pattern)
        lines += [f"  {name}: {value}" for name, value in rule.headers]
    return "".join(line + "\n" for line in lines).encode()
