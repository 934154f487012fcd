"""Law 3 under fire: builds killed or interrupted at any instant leave the old or the new site."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sitekit import COMMAND, NOW, article, build_site, environment, many, snapshot, write_site

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

ROUNDS = 20
COUNT = 220
PLAIN = {
    "overrides/templates/base.html": "<h1>{{ page.title }}</h1>"
    "{{ page.sources is defined and page.sources | length }}"
}
"""A template that is quick, so that the kills fall on all steps of a build alike."""
SLOW = {"overrides/templates/base.html": "{% for n in range(200000) %}{% endfor %}<h1>lambat</h1>"}
"""A template that takes its time, so that a signal surely meets a build that writes."""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An old and a new site, and what each looks like when it is built in peace."""
    folder = tmp_path_factory.mktemp("dua")
    write_site(folder / "old", {**many(COUNT), **PLAIN})
    write_site(folder / "new", {**many(COUNT, source="Antara"), **PLAIN})
    for name in ("old", "new"):
        assert build_site(folder / name, output=folder / f"{name}-built", now=NOW).ok
    return {entry.name: entry for entry in folder.iterdir()}


Start = Callable[[Path], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts builds in the background; whatever is left of them ends with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def call(root: Path) -> subprocess.Popen[bytes]:
        with (tmp_path / f"stderr{len(started)}").open("wb") as stderr:
            process = subprocess.Popen(
                [*COMMAND, "build", "--jobs", "2"],
                cwd=root,
                env=environment(tmp_path),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
                # A shell's background job ignores it, and so would what it starts.
                preexec_fn=obey_interrupts,  # noqa: PLW1509 - no threads here
            )
        started.append(process)
        return process

    yield call
    for process in started:
        if process.poll() is None:  # once waited for, its number may be another's
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def obey_interrupts() -> None:
    """Take Ctrl-C as usual again."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def end(process: subprocess.Popen[bytes], tmp_path: Path, number: int = 0) -> tuple[int, str]:
    """Exit code and stderr of the ``number``-th process that was started."""
    code = process.wait(timeout=30)
    return code, (tmp_path / f"stderr{number}").read_text()


def beside(root: Path) -> set[str]:
    """What lies beside the output folder and is not the site's own."""
    return {entry.name for entry in root.iterdir()} - {
        "content",
        "themes",
        "overrides",
        "digest.toml",
        "output",
        ".digest",  # the cache
    }


def delays(length: float, rounds: int) -> list[float]:
    """Instants after the start of a build of ``length`` seconds, spread over all of it."""
    chance = random.Random(2022)
    return [chance.uniform(0.1, 1.1) * length for _ in range(rounds)]


@pytest.fixture(scope="module")
def length(sites: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> float:
    """Seconds that a whole build takes here, the start of Python included."""
    root = tmp_path_factory.mktemp("ukur") / "situs"
    shutil.copytree(sites["new"], root)
    begun = time.monotonic()
    done = subprocess.run(
        [*COMMAND, "build", "--jobs", "2"], cwd=root, env=environment(root), capture_output=True
    )
    assert done.returncode == 0, done.stderr
    return time.monotonic() - begun


def test_a_build_killed_at_any_instant_leaves_the_old_or_the_new_site(
    sites: dict[str, Path], tmp_path: Path, start: Start, length: float
) -> None:
    root = tmp_path / "situs"
    old, new = snapshot(sites["old-built"]), snapshot(sites["new-built"])
    shutil.copytree(sites["new"], root)
    shutil.copytree(sites["old-built"], root / "output")
    for delay in delays(length, ROUNDS):
        process = start(root)
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        left = snapshot(root / "output")
        assert left in (old, new), f"neither the old nor the new site after {delay:.3f} s"
        if left == new:  # the next round starts from the old one again
            shutil.rmtree(root / "output")
            shutil.copytree(sites["old-built"], root / "output")
    assert snapshot(build_site(root, now=NOW).output) == new
    assert not beside(root)


def test_a_build_killed_without_its_workers_does_not_spoil_or_block_the_next(
    sites: dict[str, Path], tmp_path: Path, start: Start, length: float
) -> None:
    root = tmp_path / "situs"
    shutil.copytree(sites["new"], root)
    new = snapshot(sites["new-built"])
    for number, part in enumerate((0.4, 0.55, 0.7, 0.85)):
        process = start(root)
        time.sleep(part * length)
        process.kill()
        process.wait()
        code, err = end(start(root), tmp_path, 2 * number + 1)
        assert code == 0, err
        assert snapshot(root / "output") == new
        assert not beside(root)


@pytest.mark.parametrize("where", ["before the swap", "between two renames", "after the swap"])
def test_the_next_build_repairs_what_a_killed_one_left(
    sites: dict[str, Path], tmp_path: Path, where: str
) -> None:
    root = tmp_path / "situs"
    shutil.copytree(sites["new"], root)
    new, old = root / ".output.digest-new", root / ".output.digest-old"
    if where == "before the swap":
        shutil.copytree(sites["old-built"], root / "output")
        (new / "2022").mkdir(parents=True)
        (new / "2022/setengah.html").write_text("<p>seten")
    elif where == "between two renames":
        shutil.copytree(sites["old-built"], old)
        shutil.copytree(sites["new-built"], new)
    else:
        shutil.copytree(sites["new-built"], root / "output")
        shutil.copytree(sites["old-built"], old)
    site = build_site(root, now=NOW)
    assert snapshot(site.output) == snapshot(sites["new-built"])
    assert not beside(root)


def test_a_failing_build_after_a_kill_between_two_renames_brings_the_old_site_back(
    sites: dict[str, Path], tmp_path: Path
) -> None:
    root = tmp_path / "situs"
    shutil.copytree(sites["new"], root)
    shutil.copytree(sites["old-built"], root / ".output.digest-old")
    write_site(root, {"overrides/templates/404.html": "{{ tidak }}"})
    assert not build_site(root, now=NOW).ok
    assert snapshot(root / "output") == snapshot(sites["old-built"])


def staged(root: Path) -> int:
    """How much a build has put into its stage: 0 before there is one."""
    stages = [entry for entry in root.iterdir() if entry.name.startswith(".output.digest")]
    return sum(1 + sum(1 for _ in stage.glob("2022/*/*/*")) for stage in stages)


def has_workers(process: subprocess.Popen[bytes]) -> bool:
    """Whether a build runs on more than one process."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return children.exists() and bool(children.read_text())


def wait_until(moment: str, process: subprocess.Popen[bytes], root: Path) -> None:
    """Let a build go on until it has ``workers``, a ``stage``, or pages ``written`` into that."""
    for _ in range(10_000):
        there = staged(root)
        if {"workers": has_workers(process), "stage": there > 0, "written": there > 1}[moment]:
            return
        assert process.poll() is None, "the build ended before that"
        time.sleep(0.002)
    pytest.fail(f"the build never has {moment}")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize("moment", ["workers", "stage", "written"])
def test_an_interrupted_build_is_exit_130_and_leaves_the_output(
    sites: dict[str, Path], tmp_path: Path, start: Start, moment: str
) -> None:
    root = tmp_path / "situs"
    shutil.copytree(sites["new"], root)
    shutil.copytree(sites["old-built"], root / "output")
    write_site(root, SLOW)
    process = start(root)
    wait_until(moment, process, root)
    os.killpg(process.pid, signal.SIGINT)
    code, err = end(process, tmp_path)
    assert code == 130
    assert "Traceback" not in err
    assert snapshot(root / "output") == snapshot(sites["old-built"])
    # Between the making of the stage and its guard there is an instant: the next build clears it.
    code, err = end(start(root), tmp_path, 1)
    assert code == 0, err
    assert not beside(root)


@pytest.mark.parametrize("moment", ["stage", "written"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_terminated_build_leaves_the_output_and_the_next_one_no_litter(
    sites: dict[str, Path], tmp_path: Path, start: Start, number: signal.Signals, moment: str
) -> None:
    root = tmp_path / "situs"
    shutil.copytree(sites["new"], root)
    shutil.copytree(sites["old-built"], root / "output")
    write_site(root, SLOW)
    process = start(root)
    wait_until(moment, process, root)
    process.send_signal(number)
    code, err = end(process, tmp_path)
    assert code != 0
    assert "Traceback" not in err
    assert snapshot(root / "output") == snapshot(sites["old-built"])
    code, err = end(start(root), tmp_path, 1)
    assert code == 0, err
    assert not beside(root)


def test_a_killed_build_leaves_no_process_behind(
    sites: dict[str, Path], tmp_path: Path, start: Start, length: float
) -> None:
    root = tmp_path / "situs"
    shutil.copytree(sites["new"], root)
    process = start(root)
    time.sleep(0.7 * length)
    process.kill()
    process.wait()
    for _ in range(50):
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("workers of a killed build are still alive after five seconds")


def test_two_builds_at_once_wait_for_each_other(
    sites: dict[str, Path], tmp_path: Path, start: Start
) -> None:
    root = tmp_path / "situs"
    shutil.copytree(sites["new"], root)
    both = [start(root) for _ in range(2)]
    ends = [end(process, tmp_path, number) for number, process in enumerate(both)]
    assert [code for code, _ in ends] == [0, 0], ends
    assert snapshot(root / "output") == snapshot(sites["new-built"])
    assert not beside(root)


def test_a_build_waits_while_another_one_holds_the_output(
    sites: dict[str, Path], tmp_path: Path, start: Start, length: float
) -> None:
    import fcntl

    root = tmp_path / "situs"
    shutil.copytree(sites["new"], root)
    holder = os.open(root, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    process = start(root)
    time.sleep(2 * length)
    assert process.poll() is None
    assert not (root / "output").exists()
    os.close(holder)
    code, err = end(process, tmp_path)
    assert code == 0, err
    assert "waiting" in err


def test_outputs_of_two_sites_in_one_folder_do_not_disturb_each_other(tmp_path: Path) -> None:
    for name in "ab":
        write_site(tmp_path / name, {"content/articles/x.md": article(name.upper())})
        assert build_site(tmp_path / name, output=tmp_path / f"{name}-out").ok
    assert b"<h1>A</h1>" in (tmp_path / "a-out/2022/02/13/x/index.html").read_bytes()
    assert b"<h1>B</h1>" in (tmp_path / "b-out/2022/02/13/x/index.html").read_bytes()
