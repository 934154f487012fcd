"""Whatever is edited, the preview comes to show exactly what a clean build makes."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from living import World, copied, settled
from living_edits import EDITS
from living_themes import THEMES
from sitekit import NOW
from trees import in_memory

from digest.compose import Options
from digest.preview.composer import Done, Order, compose_order
from digest.preview.desk import Desk
from digest.preview.pages import File, Page

OPTIONS = {"change_the_clock", "change_the_flags", "change_the_number_of_processes"}
"""Steps that edit nothing, but build otherwise."""
STEPS = {s.__name__: s for s in (*EDITS, *THEMES) if s.__name__ not in OPTIONS}
STEPS_OF_TEXT = ("edit_text", "edit_title", "change_summary", "change_tags", "change_links")
"""What the fast path puts on top of the composed site."""
RENDERING = {"D510", "D511", "D512", "D513", "D514"}
"""Problems of making a page."""
OF_WHAT_IS_KEPT = {"D701"}
"""Notes about the index that earlier builds left; a clean build finds none."""
PRESENT = ("nothing", "compose", "adopt")
"""What happens between two edits: the composer starts, or hands over what it made before."""
QUIET = settings(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
    phases=(Phase.explicit, Phase.generate),  # what failed is told by its steps; no shrinking
)


class Browser:
    """All pages on screen; they show what they were sent last."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str]] = {}

    def looked_at(self) -> Mapping[str, str]:
        """Path → mark of each page."""
        return {path: mark for path, (mark, _) in self.pages.items()}

    def tell(self, message: Mapping[str, Any]) -> None:
        """Show a page."""
        if message["type"] == "page":
            self.pages[message["path"]] = (message["mark"], message["html"])


class Slow:
    """A composer that makes a site at once and hands it over when it is asked to."""

    def __init__(self) -> None:
        self.done: Done | None = None

    def order(self, order: Order) -> None:
        """Compose."""
        self.done = compose_order(order)


class Session:
    """A preview of a world, without server and watcher."""

    def __init__(self, world: World) -> None:
        self.world, self.browser, self.composer = world, Browser(), Slow()
        options = Options(site=world.site, now=NOW, keep=False)
        self.desk = Desk(options, "", lambda _: None, fixed=True)
        self.desk.open()
        self.desk.attend(self.browser, self.composer)  # type: ignore[arg-type]
        self.seen = stamps(world.site)
        tree = world.expected().tree or {}
        for file in tree:
            if file.endswith("index.html"):
                path = "/" + file.removesuffix("index.html")
                page = self.desk.show(path)
                assert isinstance(page, Page)
                self.browser.pages[path] = (page.mark, page.html.decode())

    def step(self, name: str, number: int, present: str) -> None:
        """Edit, tell the desk, and let the composer do something."""
        kept = self.world.state.copy()
        self.world.log.append(f"{name} {number}, {present}")
        STEPS[name](self.world, random.Random(number))
        self.take()
        if self.world.expected().tree is None:
            self.finish()
            self.tells_errors()
            self.world.state = kept
            self.world.log.append("mend that")
            self.take()
        if present == "adopt" and self.composer.done is not None:
            self.adopt()
        elif present == "compose" and self.desk.due and self.composer.done is None:
            self.desk.compose()

    def take(self) -> None:
        """Write the world, and tell the desk which files changed."""
        self.world.write()
        now = stamps(self.world.site)
        paths = self.seen.keys() | now.keys()
        changed = {path for path in paths if self.seen.get(path) != now.get(path)}
        self.seen = now
        if changed:
            self.desk.changed(changed)

    def adopt(self) -> None:
        """Hand over what was composed."""
        done, self.composer.done = self.composer.done, None
        assert done is not None
        self.desk.adopt(done)

    def finish(self) -> None:
        """Until nothing is under way."""
        while self.composer.done is not None or self.desk.due:
            if self.composer.done is None:
                self.desk.compose()
            self.adopt()

    def tells_errors(self) -> None:
        """What stops a build is told, but for pages that nobody looks at (see ``proof``)."""
        problems = self.world.expected().problems
        wanted = {p[:3] for p in problems if p[1] == "error" and p[0] not in RENDERING}
        found = {(p.code, p.severity, str(p.where)) for p in self.desk.trouble.all()}
        self.world.sure(wanted <= found, f"{found} lacks some of {wanted}")

    def agrees(self) -> None:
        """All pages, those on screen as well, and all problems are those of a clean build."""
        self.finish()
        wanted = self.world.expected()
        assert wanted.tree is not None
        for file, (_, data) in wanted.tree.items():
            if data is None or file == ".digest.json":
                continue
            shown = self.desk.show("/" + file)
            own = data_of(shown)
            self.world.sure(own == data, f"{file} is not what a build makes: {shown}")
            path = "/" + file.removesuffix("index.html")
            if path in self.browser.pages:
                html = self.browser.pages[path][1].encode()
                self.world.sure(html == data, f"{file} on screen is old")
        told = [p for p in self.desk.trouble.all() if p.code not in OF_WHAT_IS_KEPT]
        problems = {(p.code, str(p.where), p.message) for p in told}
        clean = {(p[0], p[2], p[3]) for p in wanted.problems}
        own_root = {(c, w, m.replace(str(self.world.site), "")) for c, w, m in problems}
        self.world.sure(own_root == clean, f"{own_root ^ clean}")


def data_of(shown: object) -> bytes | None:
    """The bytes of what the preview has at a path."""
    if isinstance(shown, Page):
        return shown.html if shown.status == 200 else None
    assert isinstance(shown, File), shown
    if shown.make is not None:
        return shown.make()
    return shown.data if shown.path is None else shown.path.read_bytes()


def stamps(site: Path) -> dict[str, tuple[int, ...]]:
    """What tells a change of each file of a site, by absolute path."""
    found: dict[str, tuple[int, ...]] = {}
    for folder, inner, files in os.walk(os.path.realpath(site)):
        inner[:] = [name for name in inner if name not in {"output", ".digest", ".output.digest"}]
        for name in files:
            status = Path(folder, name).stat()
            stamp = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            found[f"{folder}/{name}"] = stamp
    return found


@pytest.fixture(scope="module")
def begun() -> Iterator[World]:
    """A site that was built, from which every history starts."""
    with in_memory() as folder:
        yield settled(folder / "mula")


def live(begun: World, steps: Sequence[tuple[str, int, str]]) -> None:
    """A history of a copy of the site; at its end all is held against a clean build."""
    folder = begun.folder.parent / "pratinjau"
    shutil.rmtree(folder, ignore_errors=True)
    session = Session(copied(begun, folder))
    for step in steps:
        session.step(*step)
    session.agrees()
    session.desk.memo.close()


def history(names: Sequence[str]) -> st.SearchStrategy[list[tuple[str, int, str]]]:
    """Random edits, with what the composer does after each."""
    step = st.tuples(st.sampled_from(names), st.integers(0, 10**6), st.sampled_from(PRESENT))
    return st.lists(step, min_size=1, max_size=8)


@settings(QUIET, max_examples=5)
@given(steps=history(STEPS_OF_TEXT))
def test_edits_of_texts_end_in_what_a_build_makes(
    begun: World, steps: list[tuple[str, int, str]]
) -> None:
    live(begun, steps)


@settings(QUIET, max_examples=5)
@given(steps=history(sorted(STEPS)))
@example(steps=[("edit_title", 1, "compose"), ("change_theme", 204716, "nothing")])
def test_edits_of_any_kind_end_in_what_a_build_makes(
    begun: World, steps: list[tuple[str, int, str]]
) -> None:
    live(begun, steps)


@pytest.mark.slow
@settings(QUIET, max_examples=40)
@given(steps=history([*sorted(STEPS), *STEPS_OF_TEXT * 4]))
def test_many_histories_end_in_what_a_build_makes(
    begun: World, steps: list[tuple[str, int, str]]
) -> None:
    live(begun, steps)
