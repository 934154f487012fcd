"""Full-page pictures of a page of each kind, to look at after a change of the theme.

    make web-tools
    .venv/bin/python tests/web/screenshots.py FOLDER [--site demonstration|penuh] [KIND ...]

Writes FOLDER/KIND-WIDTH-SCHEME.png at 390 and 1280 px, light and dark. A kind is the class of the
page's body (``home``, ``article``, ``archive archive-month`` as ``archive-month``); all by default.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from web.programs import node
from web.server import serving
from web.sites import Built, build_demonstration, build_penuh

_WIDTHS = (390, 1280)
_SCHEMES = ("light", "dark")


def main() -> None:
    """Build a site, serve it, and take the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--site", choices=["demonstration", "penuh"], default="demonstration")
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        build = build_demonstration if given.site == "demonstration" else build_penuh
        site = build(Path(work) / "out")
        with serving(site.root, site.prefix) as base:
            shots = [
                {"url": site.address(base, path), "width": width, "scheme": scheme, "file": file}
                for kind, path in _pages(site, given.kinds).items()
                for width in _WIDTHS
                for scheme in _SCHEMES
                for file in [str(given.folder.resolve() / f"{kind}-{width}-{scheme}.png")]
            ]
            node("shots.mjs", {"shots": shots})
    for shot in shots:
        print(shot["file"])


def _pages(site: Built, kinds: list[str]) -> dict[str, str]:
    """The fullest page of each kind by the kind's short name."""
    short = {site.pages[path].split(" ", 1)[-1].replace(" ", "-"): path for path in site.samples()}
    return {name: path for name, path in short.items() if not kinds or name in kinds}


if __name__ == "__main__":
    main()
