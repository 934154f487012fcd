"""Fixtures of the publishing tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from publish.kit import Site
from publish.servers import Sshd, sshd


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site without articles and without a target yet."""
    for name in ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "CI_COMMIT_AUTHOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DIGEST_PUBLISHER", "Siti")
    return Site(tmp_path / "situs", monkeypatch)


@pytest.fixture(scope="module")
def shell_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """OpenSSH with a shell."""
    with sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture(scope="module")
def sftp_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """OpenSSH that takes SFTP and nothing else."""
    with sshd(tmp_path_factory.mktemp("sftp"), sftp_only=True) as server:
        yield server
