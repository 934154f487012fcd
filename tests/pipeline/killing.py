"""Builds in processes of their own, to be killed, and a site in two states to tell them apart."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from nursery import Process
from sitekit import NOW, Files, article, build_site, environment, many, start, write_site
from trees import Photo, difference, litter, photo

COUNT = 220
"""Articles: enough for a build to use two processes."""

QUICK = {
    "overrides/templates/base.html": "<h1>{{ page.title }}</h1>"
    "{{ page.sources is defined and page.sources | length }}"
}
"""A template that is quick, so that the kills fall on all steps of a build alike."""


def slow(turns: int) -> dict[str, str]:
    """A template that takes its time, so that a signal surely meets a build that writes."""
    loop = f"{{% for n in range({turns}) %}}{{% endfor %}}<h1>lambat</h1>"
    return {"overrides/templates/base.html": loop}


@dataclass(frozen=True)
class Twins:
    """A site in two states, ``old`` and ``new``: the files in which they differ, and the trees."""

    files: dict[str, dict[str, str]]
    trees: dict[str, Photo]

    def write(self, root: Path, state: str) -> None:
        """Bring the sources in ``root`` to a state."""
        for path in self.files["old"].keys() | self.files["new"].keys():
            if path in self.files[state]:
                write_site(root, {path: self.files[state][path]})
            else:
                (root / path).unlink(missing_ok=True)

    def shown(self, root: Path) -> str:
        """Which of the two the output in ``root`` is; fails for anything else."""
        left = photo(root / "output")
        names = [name for name, tree in self.trees.items() if tree == left]
        assert names, "neither:\n" + "\n".join(
            f"as {name}: {difference(tree, left)}" for name, tree in self.trees.items()
        )
        return names[0]

    def rebuilt(self, root: Path, state: str) -> None:
        """Build in peace: all is as it would be had nothing happened before."""
        site = build_site(root, now=NOW)
        assert site.ok, site.problems
        assert photo(site.output) == self.trees[state], difference(
            self.trees[state], photo(site.output)
        )
        assert not litter(root)


FEW = {
    "old": {
        "content/articles/x.md": article("Lama", "2022-02-28", tags=["Umum"]),
        "content/articles/hanya-dulu.md": article("Dulu", "2022-02-27", tags=["Tag Dulu"]),
    },
    "new": {
        "content/articles/x.md": article("Baru", "2022-02-28", tags=["Lain"], source="Antara"),
        "content/articles/hanya-kini.md": article("Kini", "2021-12-01", category="Kanal Kini"),
    },
}
"""Two states that differ in few pages, one of which the other does not have."""

ALL = {"old": many(COUNT), "new": many(COUNT, source="Antara")}
"""Two states that differ in every article."""


def twins(root: Path, files: Mapping[str, dict[str, str]], more: Files) -> Twins:
    """A site in ``root``, built twice in each state and left in the old one; ``more`` is in both.

    A third build has nothing to do.
    """
    made = Twins(dict(files), {})
    write_site(root, more)
    for state in ("new", "old"):
        made.write(root, state)
        clean = root.with_name("bersih")
        shutil.copytree(root, clean, ignore=shutil.ignore_patterns("output", ".*digest"))
        site = build_site(clean, now=NOW)
        assert site.ok, site.problems
        made.trees[state] = photo(site.output)
        shutil.rmtree(clean)
        made.rebuilt(root, state)
    made.rebuilt(root, "old")
    return made


class Builds:
    """Builds that run in the background; ``home`` holds what they say."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._started: list[Process] = []

    def start(self, root: Path, *flags: str) -> Process:
        """Start ``digest build``, in a process group of its own."""
        with self._said(len(self._started)).open("wb") as stderr:
            process = start(
                ["build", *(flags or ("--jobs", "2"))],
                root,
                environment(self._home),
                stderr=stderr,
                own_session=True,
            )
        self._started.append(process)
        return process

    def said(self, process: Process) -> str:
        """What a build has written to stderr so far."""
        return self._said(self._started.index(process)).read_text()

    def end(self, process: Process) -> tuple[int, str]:
        """Wait for a build: its exit code and what it wrote to stderr."""
        code = process.wait(timeout=60)
        return code, self.said(process)

    def kill_all(self) -> None:
        """End whatever is left of them."""
        for process in self._started:
            if process.poll() is None:  # once waited for, its number may be another's
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _said(self, number: int) -> Path:
        return self._home / f"stderr{number}"


@contextmanager
def background(home: Path) -> Iterator[Builds]:
    """Builds whose processes end with the block."""
    builds = Builds(home)
    try:
        yield builds
    finally:
        builds.kill_all()
