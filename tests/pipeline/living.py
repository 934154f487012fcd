"""A site that is changed and built, step by step, and held against a clean build each time."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import living_site
from living_site import Doc
from sitekit import NOW, Build, build_site
from trees import Photo, difference, litter, opened, photo

STORE_NOTES = frozenset({"D308", "D701", "D702"})
"""Notes on what is kept between builds, or known by it: a clean build has none of them."""


@dataclass(frozen=True)
class Made:
    """What a build leaves: its problems, its output (None: no site) and what it says it did."""

    problems: tuple[tuple[str, ...], ...]
    tree: Photo | None
    numbers: tuple[object, ...] = ()


def _made(build: Build, tree: Photo) -> Made:
    problems = tuple(
        (p.code, p.severity, str(p.where), p.message.replace(str(build.root), ""), p.hint)
        for p in build.problems
        if p.code not in STORE_NOTES
    )
    if build.outcome is None:
        return Made(problems, None)
    out = build.outcome
    return Made(problems, tree, (out.pages, out.copied, out.size, out.skipped, out.next_change))


@dataclass(frozen=True)
class State:
    """All that a site is made from; a step makes another one of it."""

    docs: dict[str, Doc]
    files: dict[str, bytes]
    settings: dict[str, str]
    options: dict[str, Any]

    def sources(self) -> dict[str, bytes]:
        """Path → bytes of every file of the site."""
        settings = "".join(f"{key} = {value}\n" for key, value in self.settings.items())
        docs = {path: bytes(doc) for path, doc in self.docs.items()}
        return {**self.files, **docs, "digest.toml": settings.encode()}

    def key(self) -> bytes:
        """The same for states that must give the same site."""
        hashed = blake2b()
        for path, data in sorted(self.sources().items()):
            hashed.update(f"{path}\0{len(data)}\0".encode() + data)
        given = {key: value for key, value in self.options.items() if key != "jobs"}
        return hashed.digest() + repr(sorted(given.items())).encode()

    def copy(self) -> State:
        """One that can be changed."""
        parts = (self.docs, self.files, self.settings, self.options)
        return State(*(dict(part) for part in parts))


def first_state(theme: str = "anak") -> State:
    """The state every site begins with."""
    settings = living_site.settings() | {"theme.name": f'"{theme}"'}
    return State(living_site.documents(), living_site.other_files(), settings, {"now": NOW})


@dataclass(repr=False)
class World:
    """A site on disk, its state, what was done to it, and where clean builds are made."""

    folder: Path
    state: State = field(default_factory=first_state)
    log: list[str] = field(default_factory=list)
    disk: dict[str, bytes] = field(default_factory=dict)
    """Path → bytes as they were last written to the disk."""
    gone: dict[str, Doc] = field(default_factory=dict)
    """Files that were deleted and may come back."""
    clean: OrderedDict[bytes, Made] = field(default_factory=OrderedDict)
    """Clean builds of the latest states."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What Hypothesis prints of it; else it would print all fields."""
        printer.text(f"World({str(self.folder)!r})")

    @property
    def site(self) -> Path:
        """The folder of the site."""
        return self.folder / "situs"

    @property
    def output(self) -> Path:
        """Where it is built to."""
        return self.site / "output"

    @property
    def now(self) -> datetime:
        """The time of its builds."""
        found = self.state.options["now"]
        assert isinstance(found, datetime)
        return found

    def write(self) -> None:
        """Bring the disk to the state; every other time as editors do that save by renaming."""
        wanted = self.state.sources()
        for path in self.disk.keys() - wanted.keys():
            (self.site / path).unlink()
            parents = list((self.site / path).parents)
            for parent in parents[: parents.index(self.site)]:
                if not any(parent.iterdir()):
                    parent.rmdir()
        for path, data in wanted.items():
            if self.disk.get(path) != data:
                save(self.site / path, data, renaming=len(self.log) % 2 == 0)
        self.disk = wanted

    def build(self) -> Build:
        """An incremental build, in this process."""
        return build_site(self.site, **self.state.options)

    def expected(self) -> Made:
        """A clean build of the state: another folder, nothing kept from before."""
        key = self.state.key()
        if key not in self.clean:
            root = Path(tempfile.mkdtemp(prefix="bersih", dir=self.folder))
            for path, data in self.state.sources().items():
                save(root / path, data, renaming=False)
            built = build_site(root, **{**self.state.options, "jobs": 1})
            self.clean[key] = _made(built, photo(root / "output"))
            shutil.rmtree(root)
        self.clean.move_to_end(key)
        while len(self.clean) > 40:
            self.clean.popitem(last=False)
        return self.clean[key]

    def check(self) -> bool:
        """Build, and hold what is left against a clean build; whether there is a site."""
        self.write()
        before = photo(self.output)
        wanted = self.expected()
        built = self.build()
        found = photo(self.output)
        self.same(before if wanted.tree is None else wanted.tree, found)
        made = _made(built, found)
        self.sure(made.problems == wanted.problems, f"{made.problems} is not {wanted.problems}")
        self.sure(made.numbers == wanted.numbers, f"{made.numbers} is not {wanted.numbers}")
        notes = [p for p in built.problems if p.code in STORE_NOTES]
        self.sure(all(note.severity == "note" for note in notes), f"no notes: {notes}")
        self.whole()
        return wanted.tree is not None

    def whole(self) -> None:
        """The sources are untouched, and no litter lies about."""
        for path, data in self.disk.items():
            self.sure((self.site / path).read_bytes() == data, f"{path} was changed")
        self.sure(not litter(self.site), f"litter: {litter(self.site)}")

    def closed(self) -> None:
        """No build of this process has left a file open: to harm one would harm this process."""
        self.sure(not opened(self.folder), f"open after a build: {opened(self.folder)}")

    def same(self, wanted: Photo, found: Photo) -> None:
        """Fail with the steps and the first difference unless two trees are the same."""
        if wanted != found:
            self.sure(False, difference(wanted, found))

    def sure(self, holds: bool, complaint: str) -> None:
        """Fail with the steps so far unless something holds."""
        if not holds:
            steps = "\n".join(f"{number:3}. {line}" for number, line in enumerate(self.log, 1))
            raise AssertionError(f"after these steps:\n{steps}\n\n{complaint}")

    def step(self, change: Callable[[World, random.Random], str], number: int) -> None:
        """Change something and check; what stops a build is mended at once, and checked again."""
        kept = self.state.copy()
        name = change.__name__.replace("_", " ")
        self.log.append(name)
        said = change(self, random.Random(number))
        self.log[-1] = f"{name}: {said}"
        if not self.check():
            self.state = kept
            self.log.append("mend that")
            self.sure(self.check(), "it cannot be mended")


def save(path: Path, data: bytes, *, renaming: bool) -> None:
    """Write a file in place, or under another name that is then given to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = path.with_name(path.name + "~") if renaming else path
    target.write_bytes(data)
    if renaming:
        target.replace(path)


def settled(folder: Path, theme: str = "anak") -> World:
    """A site that has been built twice: nothing is left to do."""
    world = World(folder, first_state(theme))
    assert world.check(), world.build().problems
    assert world.check()
    return world


def copied(world: World, folder: Path) -> World:
    """The same site elsewhere, with all that was kept between its builds."""
    shutil.copytree(world.folder, folder)
    return World(folder, world.state.copy(), [], dict(world.disk), {}, world.clean)
