"""The programs behind the checks: where they are, and what happens where one is missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
NODE_MODULES = HERE / "node_modules"
VNU = NODE_MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
HTML_VALIDATE = NODE_MODULES / "html-validate" / "bin" / "html-validate.mjs"


def need(name: str) -> str:
    """The path of a program.

    Without it the test is skipped on a developer's machine and fails where ``CI`` is set, so that
    nothing goes unchecked there.
    """
    found = _beside_python(name) or shutil.which(name)
    if found is None:
        _missing(f"{name} is not installed (see `make web` and .ci/run)")
    return found


def need_package(name: str) -> Path:
    """The folder of an npm package; missing ones as for ``need``."""
    folder = NODE_MODULES / name
    if not folder.is_dir():
        _missing(f"npm package {name} is not installed: run `make web`")
    return folder


def node(script: str, job: dict[str, Any], timeout: float = 1200) -> Any:
    """Run a script of this folder: a JSON job on its input, a JSON answer on its output."""
    need_package("playwright-core")
    ran = subprocess.run(
        [need("node"), str(HERE / script)],
        input=json.dumps({**job, "chromium": need("chromium")}),
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    return json.loads(ran.stdout)


def digest(*arguments: str) -> None:
    """Run the real command line; its messages are shown when it fails."""
    ran = subprocess.run(
        [sys.executable, "-m", "digest", *arguments], capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr[-4000:]


def _beside_python(name: str) -> str | None:
    return shutil.which(name, path=str(Path(sys.executable).parent))


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
