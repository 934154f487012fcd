"""Full, broken and read-only disks: the old site stays whole, and what is kept never matters.

A fault in writing the site is exit 2 and D603; one in the store is a note at most.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from killing import FEW, QUICK, Twins, twins
from sitekit import COMMAND, Ran, environment, many, write_site
from tracing import LINKS, REMOVALS, RENAMES, Call, calls, injected, need, spread_out
from trees import in_memory, litter, photo

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="tools of Linux")

SLOW = pytest.mark.slow
FAULTS = {
    **dict.fromkeys(("write", "pwrite64", "mkdir", "mkdirat", "ftruncate", "fallocate"), "ENOSPC"),
    **dict.fromkeys(("copy_file_range", "sendfile"), "ENOSPC"),
    **dict.fromkeys(("fsync", "fdatasync", "syncfs", *RENAMES, *REMOVALS), "EIO"),
    **dict.fromkeys(LINKS, "EMLINK"),
    "openat": "EMFILE",
}
"""System calls that write, and an error that each can give."""


@pytest.fixture
def memory() -> Iterator[Path]:
    """Where the site of a test lies."""
    with in_memory() as folder:
        yield folder


@pytest.fixture
def root(memory: Path) -> Path:
    """The site of the test."""
    return memory / "situs"


@pytest.fixture
def site(root: Path) -> Twins:
    """A site that was built in the old state and is in the new one."""
    made = twins(root, FEW, {**many(30), **QUICK})
    made.write(root, "new")
    return made


def errors(ran: Ran) -> list[str]:
    """The problems a build has told that are no notes."""
    return re.findall(r"^(?:\S+: )?(?:error|warning): .*", ran.err, re.M)


def held(site: Twins, root: Path, ran: Ran) -> None:
    """A build has worked, or has failed and said why; the next one works."""
    assert ran.exit_code in {0, 2}, ran.err
    assert "Traceback" not in ran.err
    assert ("[D603]" in ran.err) == (ran.exit_code == 2), ran.err
    assert site.shown(root) == ("old" if ran.exit_code else "new"), ran.err
    site.rebuilt(root, "new")


def old_again(site: Twins, root: Path) -> None:
    """Bring a site back to where the test began."""
    site.write(root, "old")
    site.rebuilt(root, "old")
    shutil.rmtree(root / ".output.digest")  # which holds the new site, ready to be taken
    site.write(root, "new")


def found_calls(site: Twins, root: Path, home: Path, names: tuple[str, ...]) -> list[Call]:
    """The calls of the build that makes the new site of the old one."""
    shutil.rmtree(root / ".output.digest", ignore_errors=True)
    found = calls(root, home, names)
    old_again(site, root)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FAULTS))
def test_any_call_that_fails_leaves_the_old_site_or_makes_the_new_one(
    site: Twins, root: Path, tmp_path: Path, name: str
) -> None:
    found = found_calls(site, root, tmp_path, (name,))
    store = [call for call in found if call.store]
    rest = [call for call in found if not call.store]
    for call in (*spread_out(store, 15), *spread_out(rest, 15)):
        ran = injected(root, tmp_path, call, f"error={FAULTS[name]}")
        if call.store:
            assert ran.exit_code == 0, (call, ran.err)
            assert not errors(ran)
        held(site, root, ran)
        old_again(site, root)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("write", "ENOSPC"),
        ("openat", "EMFILE"),
        pytest.param("openat", "EROFS", marks=SLOW),
        pytest.param("write", "EDQUOT", marks=SLOW),
    ],
)
def test_a_page_that_cannot_be_written_is_told_and_the_old_site_stays(
    site: Twins, root: Path, tmp_path: Path, name: str, error: str
) -> None:
    found = found_calls(site, root, tmp_path, (name,))
    pages = [call for call in found if "index.html" in call.told]
    assert pages, found
    for call in spread_out(pages, 2):
        ran = injected(root, tmp_path, call, f"error={error}")
        assert ran.exit_code == 2, (call, ran.err)
        held(site, root, ran)
        old_again(site, root)


@pytest.mark.parametrize("error", ["ENOSPC", pytest.param("EIO", marks=SLOW)])
def test_a_store_that_cannot_be_written_fails_no_build(
    site: Twins, root: Path, tmp_path: Path, error: str
) -> None:
    found = found_calls(site, root, tmp_path, ("write", "pwrite64", "fsync", "fdatasync"))
    for call in spread_out([call for call in found if call.store], 1):
        ran = injected(root, tmp_path, call, f"error={error}")
        assert ran.exit_code == 0, (call, ran.err)
        assert not errors(ran)
        held(site, root, ran)
        old_again(site, root)


def exchange(root: Path, home: Path) -> Call:
    """The call that puts a new site into the place of the old."""
    found = [call for call in calls(root, home, ("renameat2",)) if not call.store]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    "error", ["EIO", *(pytest.param(e, marks=SLOW) for e in ("ENOSPC", "EACCES", "EBUSY"))]
)
def test_an_exchange_that_fails_is_told_and_the_old_site_stays(
    site: Twins, root: Path, tmp_path: Path, error: str
) -> None:
    call = exchange(root, tmp_path)
    old_again(site, root)
    ran = injected(root, tmp_path, call, f"error={error}")
    assert ran.exit_code == 2, ran.err
    held(site, root, ran)


@pytest.mark.parametrize("error", ["ENOSYS", pytest.param("EINVAL", marks=SLOW)])
def test_where_folders_cannot_be_exchanged_they_are_renamed(
    site: Twins, root: Path, tmp_path: Path, error: str
) -> None:
    call = exchange(root, tmp_path)
    for state in ("old", "new", "old"):
        site.write(root, state)
        ran = injected(root, tmp_path, call, f"error={error}")
        assert ran.exit_code == 0, ran.err
        assert site.shown(root) == state
        assert not litter(root)
    site.rebuilt(root, "old")


def mounted(script: str, *folders: Path, home: Path) -> Ran:
    """Run a shell script that may mount; what it mounts is gone with it.

    ``digest`` in it is the command, ``$1`` and so on are the folders.
    """
    unshare = [need("unshare"), "--mount", "--map-root-user"]
    trial = subprocess.run([*unshare, "mount", "-t", "tmpfs", "t", str(home)], capture_output=True)
    if trial.returncode:
        pytest.skip(f"nothing can be mounted here: {trial.stderr.decode().strip()}")
    script = f'set -eu; digest() {{ {shlex.join(COMMAND)} "$@"; }}; {script}'
    done = subprocess.run(
        [*unshare, "sh", "-c", script, "sh", *map(str, folders)],
        cwd=home,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_disk_that_is_full_while_the_site_is_staged_keeps_the_old_site(
    site: Twins, memory: Path, root: Path, tmp_path: Path
) -> None:
    """A disk of four megabytes holds the old site, but not one with pages of 100 kB."""
    large, disk, left, later = (memory / name for name in ("besar", "disk", "sisa", "nanti"))
    shutil.copytree(root, large)
    write_site(large, {"overrides/templates/base.html": "{{ page.title }}" + "x" * 100_000})
    for folder in (disk, left, later):
        folder.mkdir()
    ran = mounted(
        'mount -t tmpfs -o size=4m t "$3"; cp -a "$1/output" "$3/"; '
        'digest build --site "$2" --output "$3/output" && exit 9; code=$?; '
        'cp -a "$3/output" "$4/"; digest build --site "$1" --output "$3/output"; '
        'cp -a "$3/." "$5/"; exit $code',
        *(root, large, disk, left, later),
        home=tmp_path,
    )
    assert ran.exit_code == 2, ran.err
    assert "[D603]" in ran.err
    assert "No space left on device" in ran.err
    assert photo(left / "output") == site.trees["old"]
    assert photo(later / "output") == site.trees["new"]
    assert not litter(later)


@pytest.mark.parametrize("size", ["16k", "as large as it is"])
def test_a_disk_that_is_full_under_the_store_fails_no_build(
    site: Twins, memory: Path, root: Path, tmp_path: Path, size: str
) -> None:
    store, before = root / ".digest", memory / "dulu"
    shutil.copytree(store, before)
    if size == "16k":
        shutil.rmtree(before)
        before.mkdir()
    else:
        pages = sum(path.stat().st_size // 4096 + 2 for path in before.rglob("*"))
        size = f"{4 * pages}k"
    ran = mounted(
        'mount -t tmpfs -o size="$4" t "$2"; cp -a "$3/." "$2/"; digest build --site "$1"',
        *(root, store, before, Path(size)),
        home=tmp_path,
    )
    assert ran.exit_code == 0, ran.err
    assert not errors(ran)
    held(site, root, ran)


READ_ONLY = 'mount --bind "$2" "$2"; mount -o remount,ro,bind "$2"; digest build --site "$1"'


def test_an_output_on_a_read_only_disk_is_told_and_stays(
    site: Twins, memory: Path, root: Path, tmp_path: Path
) -> None:
    disk = memory / "disk"
    shutil.copytree(root / "output", disk / "output")
    ran = mounted(f'{READ_ONLY} --output "$2/output"', root, disk, home=tmp_path)
    assert ran.exit_code == 2, ran.err
    assert "[D603]" in ran.err
    assert "Traceback" not in ran.err
    assert photo(disk / "output") == site.trees["old"]
    assert [path.name for path in disk.iterdir()] == ["output"]


@pytest.mark.parametrize("kept", [True, False], ids=["with a store", "without"])
def test_a_site_on_a_read_only_disk_is_built_to_another_one(
    site: Twins, memory: Path, root: Path, tmp_path: Path, kept: bool
) -> None:
    if not kept:
        shutil.rmtree(root / ".digest")
    ran = mounted(f'{READ_ONLY} --output "$3"', root, root, memory / "keluar", home=tmp_path)
    assert ran.exit_code == 0, ran.err
    assert not errors(ran)
    assert photo(memory / "keluar") == site.trees["new"]


def unprivileged(root: Path, home: Path, *flags: str) -> Ran:
    """Build as one whom the modes of files bind; root only after giving that up."""
    drop = ["--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all"]
    plain = [need("setpriv"), *drop] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*plain, *COMMAND, "build", *flags],
        cwd=root,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_an_output_whose_folder_may_not_be_written_is_told_and_stays(
    site: Twins, memory: Path, root: Path, tmp_path: Path
) -> None:
    folder = memory / "folder"
    shutil.copytree(root / "output", folder / "output")
    folder.chmod(0o555)
    ran = unprivileged(root, tmp_path, "--output", str(folder / "output"))
    folder.chmod(0o755)
    assert ran.exit_code == 2, ran.err
    assert "[D603]" in ran.err
    assert photo(folder / "output") == site.trees["old"]


@pytest.mark.parametrize("mode", [0o555, 0o000], ids=["only read", "not even read"])
def test_a_store_that_may_not_be_touched_fails_no_build(
    site: Twins, root: Path, tmp_path: Path, mode: int
) -> None:
    folder = root / ".digest"
    folder.chmod(mode)
    ran = unprivileged(root, tmp_path)
    folder.chmod(0o755)
    assert ran.exit_code == 0, ran.err
    assert not errors(ran)
    held(site, root, ran)


def limited(root: Path, home: Path, files: int) -> Ran:
    """Build with so many files open at most."""
    done = subprocess.run(
        ["sh", "-c", f"ulimit -n {files}; exec {shlex.join(COMMAND)} build --jobs 2"],
        cwd=root,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize("files", [6, 8, *(pytest.param(n, marks=SLOW) for n in (7, 10, 16))])
def test_few_open_files_are_enough_or_leave_the_old_site(
    site: Twins, root: Path, tmp_path: Path, files: int
) -> None:
    ran = limited(root, tmp_path, files)
    assert site.shown(root) == ("old" if ran.exit_code else "new"), ran.err
    assert "Traceback" not in ran.err
    site.rebuilt(root, "new")
