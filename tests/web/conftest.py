"""Fixtures of the web checks: both sites, built once and served."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from web.server import serving
from web.sites import Built, build_demonstration, build_penuh


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The repository's own site, built by the real command."""
    return build_demonstration(tmp_path_factory.mktemp("demonstration") / "out")


@pytest.fixture(scope="session")
def penuh(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The site of every feature, under a path prefix."""
    return build_penuh(tmp_path_factory.mktemp("penuh"))


@pytest.fixture(scope="session", params=["demonstration", "penuh"])
def site(request: pytest.FixtureRequest) -> Built:
    """Each of the two sites in turn."""
    built: Built = request.getfixturevalue(request.param)
    return built


@pytest.fixture(scope="session")
def address(site: Built) -> Iterator[str]:
    """Where ``site`` is served."""
    with serving(site.root, site.prefix) as base:
        yield base
