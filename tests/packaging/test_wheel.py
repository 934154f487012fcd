"""The wheel, installed in a bare environment and used from another folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from sitekit import REPOSITORY

pytestmark = pytest.mark.slow


def call(*command: str | Path, cwd: Path, env: Mapping[str, str]) -> str:
    """Run a command that must work."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=dict(env), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment without this repository and without its virtual environment."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL"))
    }
    return {**kept, "HOME": str(tmp_path_factory.mktemp("rumah"))}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, bare: dict[str, str]) -> Path:
    """The wheel, built from a copy of the sources as git knows them."""
    folder = tmp_path_factory.mktemp("sumber")
    listed = call(
        "git", "ls-files", "-co", "--exclude-standard", "-z", cwd=REPOSITORY, env=os.environ
    )
    for name in filter(None, listed.split("\0")):
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, folder / name)
    out = tmp_path_factory.mktemp("roda")
    call(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", out, ".", cwd=folder, env=bare)
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory, bare: dict[str, str]) -> Path:
    """The command in a new virtual environment that holds the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("telanjang")
    call(sys.executable, "-m", "venv", folder, cwd=folder, env=bare)
    call(folder / "bin/python", "-m", "pip", "install", "-q", wheel, cwd=folder, env=bare)
    return folder / "bin/digest"


def test_the_wheel_holds_everything_it_needs_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "digest/__main__.py",
        "digest/py.typed",
        "digest/codes.toml",
        "digest/locales/id.toml",
        "digest/locales/en.toml",
        "digest/starter/id/digest.toml",
        "digest/themes/harian/theme.toml",
        "digest/themes/harian/templates/article.html",
    ):
        assert needed in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"digest"}
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]


def test_a_site_is_made_and_built_from_any_folder(
    installed: Path, tmp_path: Path, bare: dict[str, str]
) -> None:
    call(installed, "new", "site", "kabar", cwd=tmp_path, env=bare)
    call(installed, "new", "article", "Judul Baru", "--site", "kabar", cwd=tmp_path, env=bare)
    call(installed, "build", "--site", "kabar", "--drafts", cwd=tmp_path, env=bare)
    pages = list((tmp_path / "kabar/output").rglob("judul-baru/index.html"))
    assert len(pages) == 1
    assert "Judul Baru" in pages[0].read_text("utf-8")
    assert list((tmp_path / "kabar/output/aset").rglob("*.css"))


def test_every_command_works_where_it_is_installed(
    installed: Path, tmp_path: Path, bare: dict[str, str]
) -> None:
    call(installed, "new", "site", "kabar", "--lang", "en", cwd=tmp_path, env=bare)
    site = tmp_path / "kabar"
    assert "D240" in call(installed, "explain", cwd=tmp_path, env=bare)
    assert '"title"' in call(installed, "schema", "page", cwd=tmp_path, env=bare)
    assert "published" in call(installed, "list", cwd=site, env=bare)
    call(installed, "check", "--strict", cwd=site, env=bare)
    call(installed, "clean", cwd=site, env=bare)
    assert call(installed, "--version", cwd=tmp_path, env=bare).startswith("digest, version ")
