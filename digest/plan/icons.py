"""The web manifest, and the icon that browsers ask for by its old name.

Source: https://www.w3.org/TR/appmanifest/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import msgspec

from digest.plan.files import File, made_file
from digest.plan.keys import Keys
from digest.plan.printer import FAVICON, MANIFEST, Edition
from digest.theme import Theme


class ManifestIcon(msgspec.Struct, frozen=True, kw_only=True):
    """An icon of the manifest; ``sizes`` is ``192x192`` or ``any``."""

    src: str
    sizes: str
    type: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A web manifest as its specification names its parts."""

    name: str
    short_name: str
    description: str = ""
    lang: str
    dir: str
    start_url: str
    scope: str
    display: str
    background_color: str
    theme_color: str
    icons: tuple[ManifestIcon, ...] = ()


ICONS = {
    "icon.svg": ("any", "image/svg+xml"),
    "icon-192.png": ("192x192", "image/png"),
    "icon-512.png": ("512x512", "image/png"),
}
"""Files of a theme that are its icons → size and media type."""
PAPER = "#ffffff"


def icon_files(edition: Edition, theme: Theme, taken: Mapping[str, object]) -> Iterator[File]:
    """The manifest and ``favicon.ico``, unless files of the site's own (``taken``) are there."""
    if MANIFEST.lstrip("/") not in taken:
        manifest = _manifest(edition, theme)
        make = partial(_json, manifest)
        yield made_file(MANIFEST, "icon", "the web manifest", partial(Keys.of, manifest), make)
    icon = theme.assets.get("favicon.ico")
    if icon is not None and FAVICON.lstrip("/") not in taken:
        make = partial(bytes, icon.data)
        yield made_file(FAVICON, "icon", "the icon of the theme", partial(Keys.of, icon.url), make)


def _manifest(edition: Edition, theme: Theme) -> Manifest:
    """Addresses are relative to the manifest, which lies beside the home page."""
    config, colour = edition.config, theme.options.get("accent")
    return Manifest(
        name=config.title,
        short_name=config.title,
        description=config.description or config.tagline,
        lang=edition.locale.language,
        dir=edition.locale.catalog.direction,
        start_url="./",
        scope="./",
        display="browser",
        background_color=PAPER,
        theme_color=str(colour) if isinstance(colour, str) else PAPER,
        icons=tuple(
            ManifestIcon(src=edition.assets[name].lstrip("/"), sizes=sizes, type=kind)
            for name, (sizes, kind) in ICONS.items()
            if name in edition.assets
        ),
    )


def _json(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
