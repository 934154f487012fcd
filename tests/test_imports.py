"""Each third-party library belongs to one module or package; heavy ones load only when needed."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import digest

PACKAGE = Path(digest.__file__).parent

OWNERS = {
    "markdown": {"markup"},
    "nh3": {"markup"},
    "numpy": {"related"},
    "frontmatter": {"parse"},
    "yaml": {"parse"},
    "jinja2": {"theme", "templates", "render"},
    "babel": {"locale"},
    "click": {"cli"},
    "imagesize": {"links"},
    "slugify": {"text", "markup"},
    "starlette": {"preview"},
    "uvicorn": {"preview"},
    "watchdog": {"preview"},
    "asyncssh": {"publish"},
    "blake3": {"publish"},
    "boto3": {"publish"},
    "botocore": {"publish"},
}


def imports() -> dict[str, set[str]]:
    """Library → modules or packages of digest that import it, anywhere in their code."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        module = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                found.setdefault(name.split(".")[0], set()).add(module)
    return found


def test_each_library_has_one_owner() -> None:
    used = imports()
    assert {library: used.get(library, set()) for library in OWNERS} == OWNERS


def test_nothing_else_is_imported() -> None:
    allowed = {*OWNERS, "digest", "msgspec", "markupsafe", *sys.stdlib_module_names}
    assert set(imports()) <= allowed
