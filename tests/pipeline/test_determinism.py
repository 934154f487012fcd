"""Law 1: equal inputs give byte-identical trees, whatever the machine, its clock, its language."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sitekit import (
    NOW,
    Files,
    RunCli,
    article,
    build_site,
    document,
    environment,
    many,
    run,
    snapshot,
    write_site,
)

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"></svg>'
SITE: Files = {
    **many(205, lang="en"),
    "content/articles/tuan.md": article(
        "Tuan", text="Satu [x](a0003.md).\n\nBaca Juga\n\n![G](g.svg) [[a0007]]", tags=["Umum", "É"]
    ),
    "content/articles/g.svg": SVG,
    "content/pages/tentang.md": document("Isi.", title="Tentang", weight=1, aliases=["/lama/"]),
    "content/tags/umum.md": document("Isi.", title="Umum", description="Kata"),
    "content/categories/kanal-1.md": document(title="Kanal 1", weight=1),
    "static/robots.txt": "User-agent: *\n",
    "overrides/static/z.css": "a { background: url(g.svg) }",
    "overrides/static/g.svg": SVG,
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tree of the big site, built in one process of the tests."""
    root = tmp_path_factory.mktemp("acuan") / "situs"
    write_site(root, SITE)
    site = build_site(root)
    assert site.ok, site.problems
    return snapshot(site.output)


@pytest.mark.parametrize(
    ("env", "jobs"),
    [
        ({"TZ": "America/St_Johns", "PYTHONHASHSEED": "1"}, "2"),
        ({"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "4294967295"}, "1"),
        ({"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"}, "2"),
        ({"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONOPTIMIZE": "2"}, "2"),
    ],
)
def test_the_environment_and_the_number_of_workers_change_no_byte(
    root: Path, tmp_path: Path, expected: dict[str, bytes], env: dict[str, str], jobs: str
) -> None:
    write_site(root, SITE)
    done = run(["build", "--jobs", jobs], root, environment(tmp_path, env))
    assert done.exit_code == 0, done.err
    assert snapshot(root / "output") == expected


def test_the_working_folder_and_the_place_of_the_site_change_no_byte(
    tmp_path: Path, run_cli: RunCli, expected: dict[str, bytes]
) -> None:
    far = tmp_path / "tempat lain/ü/situs"
    write_site(far, SITE)
    (tmp_path / "sini").mkdir()
    out = tmp_path / "keluar"
    done = run_cli(
        "build", "--site", "../tempat lain/ü/situs", "--output", str(out), cwd=tmp_path / "sini"
    )
    assert done.exit_code == 0, done.err
    assert snapshot(out) == expected


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_files_on_disk_changes_no_byte(
    root: Path, expected: dict[str, bytes], seed: int
) -> None:
    paths = list(SITE)
    random.Random(seed).shuffle(paths)
    write_site(root, {path: SITE[path] for path in paths})
    assert snapshot(build_site(root).output) == expected


def test_the_order_in_which_a_system_lists_folders_changes_no_byte(
    root: Path, expected: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_site(root, SITE)
    listing = Path.rglob

    def backwards(self: Path, pattern: str) -> list[Path]:
        return sorted(listing(self, pattern), reverse=True)

    monkeypatch.setattr(Path, "rglob", backwards)
    assert snapshot(build_site(root).output) == expected


def test_times_of_files_change_no_byte(root: Path, expected: dict[str, bytes]) -> None:
    write_site(root, SITE)
    for number, path in enumerate(sorted(root.rglob("*"))):
        os.utime(path, (number * 1e6, number * 1e6))
    assert snapshot(build_site(root).output) == expected


def test_building_over_an_older_site_changes_no_byte(
    root: Path, expected: dict[str, bytes]
) -> None:
    write_site(root, many(30, tags=["Lama"]))
    assert build_site(root).ok
    write_site(root, SITE)
    site = build_site(root, jobs=2)
    assert snapshot(site.output) == expected


def test_line_ends_of_windows_change_no_byte(root: Path, tmp_path: Path) -> None:
    write_site(root, {p: t for p, t in SITE.items() if "a0" not in p})
    shutil.copytree(root, tmp_path / "jendela")
    text = "Satu.\n\n- a\n- b\n\n```\nkode\n```\n\nBaca Juga\n\nDua.\n"
    for folder, ends in ((root, "\n"), (tmp_path / "jendela", "\r\n")):
        file = article("Tuan", text=text, tags=["Umum"]).replace("\n", ends)
        write_site(
            folder, {"content/articles/tuan.md": file, "content/articles/b.md": article("B")}
        )
    one, other = build_site(root), build_site(tmp_path / "jendela")
    assert one.ok
    assert one.tree() == other.tree()


WORDS = st.sampled_from(["Kata", "[x](a0.md)", "[[a1]]", "*miring*", "Baca Juga", "# Judul", "é"])
FRONT = st.fixed_dictionaries(
    {"tags": st.lists(st.sampled_from(["A", "a", "Á", "B b", "b-b", "C"]), max_size=3)},
    optional={
        "category": st.sampled_from(["K", "k", "L"]),
        "date": st.sampled_from(["2022-02-13", "2022-02-13 09:15", "2021-01-01"]),
        "related": st.lists(st.sampled_from(["a0", "a1"]), max_size=2),
    },
)


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(
    texts=st.lists(st.lists(WORDS, max_size=5), min_size=2, max_size=6),
    fronts=st.lists(FRONT, min_size=6, max_size=6),
    seed=st.integers(0, 9),
)
def test_any_site_built_twice_in_any_order_is_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[list[str]],
    fronts: list[dict[str, Any]],
    seed: int,
) -> None:
    files = {
        f"content/articles/a{number}.md": article(
            f"Judul {number}", text="\n\n".join(text), **{"date": "2022-01-01", **front}
        )
        for number, (text, front) in enumerate(zip(texts, fronts, strict=False))
    }
    shuffled = sorted(files)
    random.Random(seed).shuffle(shuffled)
    built = []
    for paths in (sorted(files), shuffled):
        root = tmp_path_factory.mktemp("situs")
        write_site(root, {path: files[path] for path in paths})
        built.append(build_site(root, now=NOW))
    one, other = built
    assert one.problems == other.problems
    assert snapshot(one.output) == snapshot(other.output)


def test_problems_are_told_in_one_order(root: Path, tmp_path: Path) -> None:
    bad = {f"content/articles/{n}.md": article(titel="x", text="[x](y.md)") for n in "dcba"}
    write_site(root, {**many(205), **bad})
    shown = {
        run(
            [*args, "check"][::-1] if not args else ["check", *args],
            root,
            environment(tmp_path, env),
        ).err
        for args, env in (
            ([], {"PYTHONHASHSEED": "1"}),
            (["--jobs", "2"], {"PYTHONHASHSEED": "2"}),
            (["--jobs", "1"], {"LC_ALL": "tr_TR.UTF-8"}),
        )
    }
    assert len(shown) == 1
    assert shown.pop().count("[D103]") == 4
