"""Addresses that open a file in the editor, at its line."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

SCHEMES: Mapping[str, str] = {
    "code": "vscode://file{path}:{line}:{column}",
    "code-insiders": "vscode-insiders://file{path}:{line}:{column}",
    "codium": "vscodium://file{path}:{line}:{column}",
    "cursor": "cursor://file{path}:{line}:{column}",
    "windsurf": "windsurf://file{path}:{line}:{column}",
    "zed": "zed://file{path}:{line}:{column}",
    "subl": "subl://open?url=file://{path}&line={line}&column={column}",
    "idea": "idea://open?file={path}&line={line}&column={column}",
    "pycharm": "pycharm://open?file={path}&line={line}&column={column}",
    "webstorm": "webstorm://open?file={path}&line={line}&column={column}",
    "emacs": "emacs://open?url=file://{path}&line={line}&column={column}",
    "vim": "mvim://open?url=file://{path}&line={line}&column={column}",
    "mate": "txmt://open?url=file://{path}&line={line}&column={column}",
}
"""The address scheme of each editor that has one, by its command."""

_ALSO = {
    "vscode": "code",
    "vscodium": "codium",
    "sublime_text": "subl",
    "sublime": "subl",
    "emacsclient": "emacs",
    "gvim": "vim",
    "mvim": "vim",
    "nvim": "vim",
    "txmt": "mate",
    "intellij": "idea",
}


def editor_pattern(environment: Mapping[str, str] = os.environ) -> str:
    """The pattern of addresses, with ``{path}``, ``{line}`` and ``{column}``; "" for none.

    ``DIGEST_EDITOR`` is a pattern or a command; else ``VISUAL`` and ``EDITOR`` are commands.
    """
    own = environment.get("DIGEST_EDITOR", "")
    if "{path}" in own:
        return own
    for command in (own, environment.get("VISUAL", ""), environment.get("EDITOR", "")):
        name = _program(command)
        pattern = SCHEMES.get(_ALSO.get(name, name), "")
        if pattern:
            return pattern
    return ""


def _program(command: str) -> str:
    """``/usr/bin/code --wait`` is ``code``."""
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    return Path(words[0]).stem if words else ""


def edit_url(pattern: str, path: Path, line: int = 1, column: int = 1) -> str:
    """The address that opens ``path``; "" without a pattern."""
    place = quote(path.absolute().as_posix())
    filled = pattern.replace("{path}", place)
    return filled.replace("{line}", str(line or 1)).replace("{column}", str(column or 1))
