"""The programs and libraries behind the publishing tests, and what happens where one is missing."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest


def need(name: str) -> str:
    """The path of a program.

    Without it the test is skipped on a developer's machine and fails where ``CI`` is set, so that
    nothing goes unchecked there.
    """
    beside = shutil.which(name, path=str(Path(sys.executable).parent))
    found = beside or shutil.which(
        name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/bin"
    )
    if found is None:
        missing(f"{name} is not installed (see `make publish-tools` and .ci/run)")
    return found


def need_library(name: str) -> None:
    """A Python library that only these tests use; missing ones as for ``need``."""
    if find_spec(name) is None:
        missing(f"{name} is not installed (see `make publish-tools`)")


def missing(reason: str) -> NoReturn:
    """Skip on a developer's machine, fail where ``CI`` is set."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
