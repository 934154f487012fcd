"""Addresses that open an editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.preview.editor import edit_url, editor_pattern


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({"DIGEST_EDITOR": "code"}, "vscode://file/s/a%20b.md:3:7"),
        ({"EDITOR": "/usr/bin/code --wait"}, "vscode://file/s/a%20b.md:3:7"),
        ({"EDITOR": "subl"}, "subl://open?url=file:///s/a%20b.md&line=3&column=7"),
        ({"VISUAL": "idea", "EDITOR": "vi"}, "idea://open?file=/s/a%20b.md&line=3&column=7"),
        ({"EDITOR": "emacsclient -n"}, "emacs://open?url=file:///s/a%20b.md&line=3&column=7"),
        ({"EDITOR": "gvim"}, "mvim://open?url=file:///s/a%20b.md&line=3&column=7"),
        ({"DIGEST_EDITOR": "x://{path}#{line}", "EDITOR": "code"}, "x:///s/a%20b.md#3"),
        ({"DIGEST_EDITOR": "'", "EDITOR": "nano"}, ""),
        ({}, ""),
    ],
)
def test_the_address_follows_the_editor(environment: dict[str, str], address: str) -> None:
    assert edit_url(editor_pattern(environment), Path("/s/a b.md"), 3, 7) == address
