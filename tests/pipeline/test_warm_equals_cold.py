"""Law 2: after any sequence of edits, an incremental build leaves the bytes of a clean one."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from living import World, copied, settled
from living_edits import EDITS
from living_harms import HARMS, PROCESSES
from living_themes import THEMES
from trees import in_memory

STEPS = {step.__name__: step for step in (*EDITS, *THEMES, *HARMS, *PROCESSES)}
OFTEN = sorted(step.__name__ for step in (*EDITS, *EDITS, *EDITS, *THEMES, *THEMES, *HARMS))
RANDOM = st.tuples(
    st.sampled_from([*OFTEN, *(step.__name__ for step in PROCESSES)]), st.integers(0, 10**6)
)
LENGTH = 34
"""Steps of a random history."""

QUIET = settings(
    deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False
)


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """Where the sites live."""
    with in_memory() as folder:
        yield folder


@pytest.fixture(scope="module")
def begun(memory: Path) -> World:
    """A site that was built, from which every history starts."""
    return settled(memory / "mula")


def live(begun: World, steps: Sequence[tuple[str, int]], theme: str = "anak") -> None:
    """A history of a copy of the site, checked after each step."""
    folder = begun.folder.parent / "hidup"
    shutil.rmtree(folder, ignore_errors=True)
    world = copied(begun, folder)
    world.state.settings["theme.name"] = f'"{theme}"'
    for name, number in steps:
        world.step(STEPS[name], number)


@pytest.mark.parametrize("part", range(2))
def test_every_kind_of_change_leaves_what_a_clean_build_makes(begun: World, part: int) -> None:
    """Each kind once, in a random order, in two histories."""
    rng = random.Random(1)
    names = sorted(STEPS)
    rng.shuffle(names)
    live(begun, [(name, rng.randrange(10**6)) for name in names][part::2])


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_any_history_leaves_what_a_clean_build_makes(
    begun: World, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hypothesis makes histories of forty steps, and a short one of what fails."""
    if part % 2:  # let other processes pay for few articles, too
        monkeypatch.setattr("digest.parallel.THRESHOLD", 8, raising=False)
        monkeypatch.setattr("digest.compose.THRESHOLD", 8)
        monkeypatch.setattr("digest.write.trees.ASIDE", 8)

    @seed(part)
    @settings(QUIET, max_examples=6)
    @given(st.lists(RANDOM, min_size=LENGTH, max_size=LENGTH))
    def history(steps: list[tuple[str, int]]) -> None:
        live(begun, steps, "harian" if part == 9 else "anak")

    history()
