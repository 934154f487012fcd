"""Writes the file with which a CI service builds and publishes the site."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

import msgspec

from digest import __version__
from digest import config as settings
from digest.config import Loaded
from digest.errors import ConfigError, Problem
from digest.publish.registry import SCHEMES


class Service(msgspec.Struct, frozen=True):
    """A CI service: our template, and where its file lies in a repository."""

    template: str
    path: str


SERVICES = {
    "github-actions": Service("github-actions.yml", ".github/workflows/publish.yml"),
    "gitlab-ci": Service("gitlab-ci.yml", ".gitlab-ci.yml"),
    "netlify": Service("netlify.toml", "netlify.toml"),
    "cloudflare": Service("cloudflare.yml", ".github/workflows/publish.yml"),
}


def write_ci(start: Path, service: str, target: str) -> Path:
    """Write the file of a service and return its path; an existing one is never replaced (D909).

    Raises ConfigError.
    """
    loaded = settings.load(start)
    chosen = SERVICES[service]
    top = _top(loaded.root)
    path = top / chosen.path
    if path.exists():
        message = f"{path} exists already"
        raise ConfigError(Problem("D909", message, hint="move it away, then run this again"))
    template = files("digest.publish.ci").joinpath(chosen.template).read_text("utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(filled(template, loaded, target, os.path.relpath(loaded.root, top)), "utf-8")
    return path


def filled(template: str, loaded: Loaded, target: str, folder: str) -> str:
    """The template for a site that lies in ``folder`` of its repository ("." at its top)."""
    targets = loaded.config.publish
    name = target or ("production" if len(targets) != 1 else next(iter(targets)))
    scheme = targets[name].url.partition(":")[0] if name in targets else ""
    extra = SCHEMES[scheme].extra if scheme in SCHEMES else ""
    inside = "" if folder == "." else f"{folder}/"
    values = {
        "PACKAGE": f"digest-ssg[{extra}]~={__version__}" if extra else f"digest-ssg~={__version__}",
        "TARGET": name,
        "SITE": folder,
        "INSIDE": inside,
        "OUTPUT": loaded.config.output,
    }
    for key, value in values.items():
        template = template.replace(f"@{key}@", value)
    return template


def _top(site: Path) -> Path:
    """The top of the repository that holds the site; the site itself outside of one."""
    for folder in (site, *site.parents):
        if (folder / ".git").exists():
            return folder
    return site
