"""Who publishes, from which commit of the site's repository, under which name."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from digest.publish.values import File

_ACTORS = ("DIGEST_PUBLISHER", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "CI_COMMIT_AUTHOR")


def release_id(files: Iterable[File], now: datetime) -> str:
    """A name that sorts by time and by content: ``20221125-090500-1a2b3c4d``."""
    hashing = blake2b(digest_size=4)
    for file in files:
        hashing.update(f"{file.path}\0{file.digest}\n".encode("utf-8", "surrogateescape"))
    return f"{now:%Y%m%d-%H%M%S}-{hashing.hexdigest()}"


def who(site: Path, environment: Mapping[str, str]) -> str:
    """The name of whoever publishes, for the history: of CI's actor, git's user, or the login."""
    named = next((environment[name] for name in _ACTORS if environment.get(name)), "")
    return named or _git(site, environment, "config", "user.name") or _login()


def commit_of(site: Path, environment: Mapping[str, str]) -> str:
    """The commit the site's folder is at, with ``+`` when files differ from it; "" without one."""
    head = _git(site, environment, "rev-parse", "--short=12", "HEAD")
    if not head:
        return ""
    changed = _git(site, environment, "status", "--porcelain", "--untracked-files=no", "--", ".")
    return f"{head}+" if changed else head


def _login() -> str:
    import getpass  # only without any better name

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _git(site: Path, environment: Mapping[str, str], *arguments: str) -> str:
    """What git says, "" when it fails; it takes no lock, so that the index stays as it is."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", "--no-optional-locks", *arguments],  # noqa: S607 - the user's own git
            cwd=site,
            check=False,
            env={**environment, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return os.fsdecode(done.stdout).strip() if done.returncode == 0 else ""
