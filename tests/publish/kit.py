"""A small site that is published in tests, and a policy that waits for nobody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sitekit import NOW, many, write_site

from digest.compose import Options
from digest.publish import flow
from digest.publish.retry import Policy

QUICK = Policy(first=0.01, longest=0.05, patience=20, timeout=20)


class Site:
    """A site with a target; ``publish`` is what the command does, without its words."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self._patch = root, monkeypatch
        self.output = root / "output"

    def write(self, files: Mapping[str, str | bytes | None] | None = None, **target: Any) -> None:
        """Write articles and the settings of one target."""
        lines = [f"{key} = {_toml(value)}" for key, value in target.items()]
        settings = "\n[publish.tujuan]\n" + "\n".join(lines) + "\n" if target else ""
        write_site(self.root, files or {}, settings)

    def environ(self, **values: str) -> None:
        """Set variables of the environment."""
        for key, value in values.items():
            self._patch.setenv(key, value)

    def publish(self, *, policy: Policy = QUICK, drafts: bool = False, **wish: Any) -> flow.Done:
        """Build and publish."""
        given = Options(site=self.root, now=NOW, drafts=drafts)
        if "allow" in wish:
            wish["allow"] = frozenset(wish["allow"])
        ears = wish.pop("ears", flow.Ears())
        return flow.publish(given, flow.Wish(**wish), ears, policy)

    def built(self) -> dict[str, bytes]:
        """What readers must see: the built files."""
        return {
            path.relative_to(self.output).as_posix(): path.read_bytes()
            for path in sorted(self.output.rglob("*"))
            if path.is_file() and path.name != ".digest.json"
        }


def _toml(value: Any) -> str:
    return json.dumps(value)


def tree(folder: Path, *hidden: str) -> dict[str, bytes]:
    """Path → content of all files below a folder, but those below the hidden names."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in hidden
    }


def edited(number: int = 3, text: str = "Kalimat yang diganti.") -> dict[str, str]:
    """One article of ``many`` with another text."""
    (found,) = many(1, start=number).items()
    return {found[0]: found[1].replace("Paragraf kedua.", text)}
