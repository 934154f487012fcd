"""Laws 3 and 4: a failing build changes nothing, and nothing foreign is ever deleted."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sitekit import (
    Files,
    MakeSite,
    RunCli,
    article,
    build_site,
    document,
    many,
    snapshot,
    write_site,
)

GOOD = {"content/articles/a.md": article("A", tags=["X"])}

BREAKING: dict[str, Files] = {
    "front matter": {"content/articles/b.md": "---\ntitle: [\n---\n"},
    "unknown key": {"content/articles/b.md": article(titel="x")},
    "dead link": {"content/articles/b.md": article(text="[x](y.md)")},
    "missing image": {"content/articles/b.md": article(text="![x](y.png)")},
    "alias": {"content/pages/b.md": document(title="B", aliases=["/2022/02/13/a/"])},
    "two with one URL": {"content/articles/x/a.md": article()},
    "not UTF-8": {"content/articles/b.md": b"\xff"},
    "settings": {"digest.toml": "title = 3"},
    "no TOML": {"digest.toml": "title"},
    "no theme": {"digest.toml": 'title = "T"\ntheme.name = "tidak"'},
    "theme option": {"digest.toml": 'title = "T"\ntheme.name = "polos"\ntheme.options.x = 1'},
    "template syntax": {"overrides/templates/article.html": "{% if %}"},
    "template name": {"overrides/templates/404.html": "{{ tidak }}"},
    "asset template": {"overrides/static/a.css.j2": "{{ tidak }}"},
    "locale": {"locales/id.toml": "x"},
}


@pytest.mark.parametrize("breaking", BREAKING.values(), ids=BREAKING)
def test_a_failing_build_leaves_the_output_byte_for_byte(
    make_site: MakeSite, root: Path, breaking: Files
) -> None:
    before = make_site(GOOD)
    left = snapshot(root / "output")
    site = make_site(breaking)
    assert before.ok
    assert not site.ok
    assert snapshot(root / "output") == left
    assert not litter(root)


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(
    breaking=st.lists(st.sampled_from(sorted(BREAKING)), min_size=1, max_size=3, unique=True),
    jobs=st.sampled_from([1, 2]),
    strict=st.booleans(),
)
def test_any_mixture_of_mistakes_leaves_the_output_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, breaking: list[str], jobs: int, strict: bool
) -> None:
    root = tmp_path_factory.mktemp("situs")
    write_site(root, GOOD)
    assert build_site(root).ok
    left = snapshot(root / "output")
    for name in breaking:
        write_site(root, BREAKING[name])
    assert not build_site(root, jobs=jobs, strict=strict).ok
    assert snapshot(root / "output") == left
    assert not litter(root)


def litter(root: Path) -> list[str]:
    """What lies beside the site's own folders."""
    known = {"content", "themes", "overrides", "static", "locales", "output", "digest.toml"}
    known |= {".digest", ".output.digest"}  # the cache and the spare tree
    return sorted({entry.name for entry in root.iterdir()} - known)


def test_a_failing_first_build_makes_no_output(make_site: MakeSite, root: Path) -> None:
    assert not make_site(BREAKING["dead link"]).ok
    assert not (root / "output").exists()
    assert not litter(root)


def test_a_build_leaves_nothing_beside_the_output(make_site: MakeSite, root: Path) -> None:
    assert make_site(GOOD).ok
    assert make_site(GOOD).ok
    assert not litter(root)


def test_pages_that_are_no_longer_planned_go(make_site: MakeSite) -> None:
    first = make_site({**GOOD, "content/articles/b.md": article("B", tags=["Y"])})
    second = make_site({"content/articles/b.md": None})
    assert first.has("/tag/x/")
    assert not second.has("/2022/02/13/b/")
    assert not second.has("/tag/y/")
    assert second.has("/2022/02/13/a/")


@pytest.mark.parametrize(
    "foreign", ["catatan.txt", ".env", "2022/02/13/a/catatan.txt", ".git/config", "a/b/c/d"]
)
def test_an_output_with_a_file_that_is_not_ours_is_refused(
    make_site: MakeSite, root: Path, foreign: str
) -> None:
    make_site(GOOD)
    write_site(root, {f"output/{foreign}": "penting"})
    left = snapshot(root / "output")
    site = make_site({"content/articles/b.md": article("B")})
    problem = site.problem("D602")
    assert site.exit_code == 2
    assert foreign in problem.message
    assert "--force" in problem.hint
    assert snapshot(root / "output") == left
    assert not litter(root)


def test_a_folder_that_was_never_ours_is_refused(make_site: MakeSite, root: Path) -> None:
    write_site(root, {"output/index.html": "lain"})
    assert make_site(GOOD).codes == ["D602"]
    assert snapshot(root / "output") == {"index.html": b"lain"}


def test_many_foreign_files_are_counted_and_some_named(make_site: MakeSite, root: Path) -> None:
    write_site(root, {f"output/f{n:02}": "x" for n in range(12)})
    message = make_site(GOOD).problem("D602").message
    assert "f00" in message
    assert "7 more" in message


def test_a_foreign_link_is_refused_and_kept(make_site: MakeSite, root: Path) -> None:
    make_site(GOOD)
    (root / "output/tautan").symlink_to(root / "content")
    assert make_site({}).codes == ["D602"]
    assert (root / "output/tautan").is_symlink()


def test_force_replaces_foreign_files(make_site: MakeSite, root: Path) -> None:
    write_site(root, {"output/catatan.txt": "x"})
    site = make_site(GOOD, force=True)
    assert site.ok
    assert not (root / "output/catatan.txt").exists()


@pytest.mark.parametrize("name", [".gitignore", ".gitkeep"])
def test_what_keeps_the_output_in_git_stays(make_site: MakeSite, root: Path, name: str) -> None:
    write_site(root, {f"output/{name}": "*\n"})
    assert make_site(GOOD).ok
    assert make_site({"content/articles/b.md": article("B")}).ok
    assert (root / "output" / name).read_text() == "*\n"


@pytest.mark.parametrize("broken", ["{", "[]", '{"format": 99, "files": []}', ""])
def test_a_damaged_manifest_proves_nothing(make_site: MakeSite, root: Path, broken: str) -> None:
    make_site(GOOD)
    (root / "output/.digest.json").write_text(broken)
    shutil.rmtree(root / ".digest")  # which knows the files as well
    left = snapshot(root / "output")
    assert make_site({}).codes == ["D602"]
    assert snapshot(root / "output") == left


def refused(root: Path, output: Path | str, *, force: bool = True, cwd: Path | None = None) -> None:
    """Building to ``output`` fails with D601 even by force, and changes nothing at all."""
    before = snapshot(root.parent)
    here = Path.cwd()
    os.chdir(cwd or here)
    try:
        site = build_site(root, output=Path(output), force=force)
    finally:
        os.chdir(here)
    assert site.codes == ["D601"]
    assert site.exit_code == 2
    assert site.problems[0].hint
    assert snapshot(root.parent) == before


@pytest.mark.parametrize(
    "output",
    [".", "content", "content/articles", "static", "static/x", "themes", "overrides", "locales"],
)
def test_a_source_folder_is_never_the_output(root: Path, output: str) -> None:
    write_site(
        root, {**GOOD, "static/x/a.txt": "x", "overrides/static/x": "x", "locales/de.toml": ""}
    )
    refused(root, root / output)


def test_parents_of_the_site_are_never_the_output(root: Path) -> None:
    write_site(root, GOOD)
    refused(root, root.parent)
    refused(root, root / "content/../..")


def test_the_root_folder_is_never_the_output(root: Path) -> None:
    write_site(root, GOOD)
    refused(root, "/")


def test_the_home_and_its_parents_are_never_the_output(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_site(root, GOOD)
    home = root.parent / "rumah/orang"
    write_site(home, {"surat.txt": "penting"}, theme=False)
    monkeypatch.setenv("HOME", str(home))
    refused(root, home)
    refused(root, home.parent)


def test_the_current_folder_is_never_the_output(root: Path) -> None:
    write_site(root, GOOD)
    refused(root, ".", cwd=root)


def test_a_repository_is_never_the_output(root: Path) -> None:
    """``--force`` is for forgotten files, not for a history."""
    write_site(root, GOOD)
    write_site(root.parent / "lain", {".git/HEAD": "ref: refs/heads/main\n"}, theme=False)
    refused(root, root.parent / "lain")


def test_an_output_that_is_a_file_is_refused(root: Path) -> None:
    write_site(root, {**GOOD, "hasil": "penting"})
    refused(root, root / "hasil")


def test_an_output_below_a_file_is_a_problem_and_no_crash(root: Path) -> None:
    write_site(root, GOOD)
    site = build_site(root, output=root / "digest.toml/hasil")
    assert len(site.problems) == 1
    assert site.exit_code == 2
    assert site.codes[0].startswith("D60")


def test_an_output_that_is_a_link_to_a_folder_stays_one_or_is_refused(
    root: Path, tmp_path: Path
) -> None:
    write_site(root, GOOD)
    (tmp_path / "situs-jadi").mkdir()
    (root / "output").symlink_to(tmp_path / "situs-jadi")
    for _ in range(2):
        site = build_site(root)
        assert (root / "output").is_symlink()
        assert not litter(root)
        assert site.codes in (["D601"], [])
        assert site.ok == (tmp_path / "situs-jadi/index.html").is_file()


def test_an_output_elsewhere_works_with_missing_parents(make_site: MakeSite, root: Path) -> None:
    site = make_site(GOOD, output=root.parent / "a/b/c")
    assert site.ok
    assert (root.parent / "a/b/c/index.html").is_file()


def test_clean_removes_what_is_ours_and_keeps_the_rest(
    make_site: MakeSite, root: Path, run_cli: RunCli
) -> None:
    make_site(GOOD)
    write_site(root, {"output/2022/02/catatan.txt": "penting", "output/.gitkeep": ""})
    done = run_cli("clean")
    assert done.exit_code == 0
    assert snapshot(root / "output") == {"2022/02/catatan.txt": b"penting", ".gitkeep": b""}
    assert not (root / "output/tag").exists()


def test_clean_of_a_folder_that_is_not_ours_removes_nothing(root: Path, run_cli: RunCli) -> None:
    write_site(root, {**GOOD, "output/index.html": "lain"})
    assert run_cli("clean").exit_code == 0
    assert snapshot(root / "output") == {"index.html": b"lain"}


def test_clean_of_nothing_is_fine(root: Path, run_cli: RunCli) -> None:
    write_site(root, GOOD)
    done = run_cli("clean", "--json")
    assert done.exit_code == 0
    assert done.json == {"ok": True, "removed": 0}


@pytest.mark.parametrize("path", ["../digest.toml", "{root}/digest.toml", "tag/../../digest.toml"])
def test_a_manifest_cannot_name_files_outside_the_output(
    make_site: MakeSite, root: Path, run_cli: RunCli, path: str
) -> None:
    make_site(GOOD)
    manifest = root / "output/.digest.json"
    content = json.loads(manifest.read_text())
    content["files"].append([path.format(root=root), 1, "00"])
    manifest.write_text(json.dumps(content))
    run_cli("clean")
    assert (root / "digest.toml").is_file()


def test_clean_does_not_follow_a_folder_that_became_a_link(
    make_site: MakeSite, root: Path, run_cli: RunCli
) -> None:
    make_site(GOOD)
    (root / "output/tag").rename(root.parent / "tag")
    (root / "output/tag").symlink_to(root.parent / "tag")
    run_cli("clean")
    assert (root.parent / "tag/x/index.html").is_file()


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_disk_error_while_writing_is_told_and_changes_nothing(
    make_site: MakeSite,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    jobs: int,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("digest.parallel.THRESHOLD", 8)  # let two processes pay
    assert make_site(many(50)).ok
    left = snapshot(root / "output")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("digest.write.Stage.write", full)
    site = make_site({}, jobs=jobs, cache=False)
    problem = site.problem("D603")
    assert "No space left on device" in problem.message
    assert "untouched" in problem.hint
    assert snapshot(root / "output") == left
    assert not litter(root)
    assert "Traceback" not in capfd.readouterr().err


def test_a_static_file_that_cannot_be_read_is_named(make_site: MakeSite, root: Path) -> None:
    make_site(GOOD)
    left = snapshot(root / "output")
    write_site(root, {"static/a.txt": "x"})

    def vanished(*_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", "a.txt")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("digest.write.Stage.copy", vanished)
        site = make_site({})
    assert "a.txt" in site.problem("D603").message
    assert snapshot(root / "output") == left
