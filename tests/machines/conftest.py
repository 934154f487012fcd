"""Two sites that machines read: the repository's own, and one that does its worst."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sitekit import HERE, NOW, REPOSITORY, Build, build_site

DEMONSTRATION_NOW = NOW.replace(year=2025, month=9, day=18)
"""Hours after the demonstration's newest article."""


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The repository's own site."""
    output = tmp_path_factory.mktemp("demonstration") / "output"
    site = build_site(
        REPOSITORY, output=output, now=DEMONSTRATION_NOW, jobs=2, keep=False, cache=False
    )
    assert site.ok, site.problems
    return site


def copy_of_sulit(root: Path, theme: str = "harian") -> None:
    """The hostile golden site, with a theme that has a head."""
    shutil.copytree(HERE / "sites/sulit", root, ignore=shutil.ignore_patterns("expected"))
    settings = (root / "digest.toml").read_text(encoding="utf-8")
    (root / "digest.toml").write_text(settings.replace('"polos"', f'"{theme}"'), encoding="utf-8")


@pytest.fixture(scope="session")
def sulit(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The hostile site."""
    root = tmp_path_factory.mktemp("sulit") / "situs"
    copy_of_sulit(root)
    site = build_site(root)
    assert site.ok, site.problems
    return site


@pytest.fixture(scope="session", params=["demonstration", "sulit"])
def site(request: pytest.FixtureRequest) -> Build:
    """Each of the two in turn."""
    built: Build = request.getfixturevalue(request.param)
    return built
