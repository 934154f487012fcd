"""Which programs make the results that are kept: a new one must not use what an old one left."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from pathlib import Path

from digest import __version__

_USED = ("babel", "imagesize", "jinja2", "markdown", "markupsafe", "msgspec", "nh3", "numpy")
_ALSO = ("font_roboto", "pillow", "python_frontmatter", "python_slugify", "pyyaml", "tzdata")


@cache
def signature() -> str:
    """A text that changes with the version of digest, of Python and of every library used.

    Of a checkout it holds a digest of the code, since its version says nothing of edits.
    """
    python = ".".join(map(str, sys.version_info[:3]))
    parts = [f"digest {__version__}", f"python {python}", *_libraries()]
    package = Path(__file__).parent
    if (package.parent / "pyproject.toml").is_file():
        parts.append(_code(package))
    return "; ".join(parts)


def _libraries() -> list[str]:
    """Name and version of each library, as the names of its metadata folders say."""
    found = set()
    for folder in sys.path:
        for name in _listed(folder):
            package, _, version = name.removesuffix(".dist-info").partition("-")
            if package.lower().replace(".", "_") in (*_USED, *_ALSO):
                found.add(f"{package} {version}")
    return sorted(found)


def _listed(folder: str) -> Iterator[str]:
    try:
        names = [entry.name for entry in os.scandir(folder or ".")]
    except OSError:
        return  # an archive, or nothing
    yield from (name for name in names if name.endswith(".dist-info"))


def _code(package: Path) -> str:
    hashed = blake2b(digest_size=16)
    for path in sorted(package.rglob("*.py")):
        hashed.update(path.relative_to(package).as_posix().encode())
        hashed.update(path.read_bytes())
    return hashed.hexdigest()
