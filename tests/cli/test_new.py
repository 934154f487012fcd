"""``digest new site`` and ``digest new article``: what they make builds at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from sitekit import RunCli, snapshot, write_site


@pytest.mark.parametrize(("lang", "word"), [("id", "Indeks"), ("en", "Archive")])
def test_a_new_site_builds_at_once_with_the_shipped_theme(
    tmp_path: Path, run_cli: RunCli, lang: str, word: str
) -> None:
    made = run_cli("new", "site", "kabar-baru", "--lang", lang, cwd=tmp_path)
    assert made.exit_code == 0, made.err
    done = run_cli("build", "--strict", cwd=tmp_path / "kabar-baru")
    assert done.exit_code == 0, done.err
    home = (tmp_path / "kabar-baru/output/index.html").read_text()
    assert "Kabar Baru" in home
    assert word in home


def test_a_new_site_has_its_first_article_published(tmp_path: Path, run_cli: RunCli) -> None:
    run_cli("new", "site", "s", cwd=tmp_path)
    documents = run_cli("list", "--json", cwd=tmp_path / "s").json["documents"]
    assert {row["state"] for row in documents} == {"published"}
    assert any(row["path"].startswith("content/articles/") for row in documents)
    assert any(row["path"].startswith("content/pages/") for row in documents)


@pytest.mark.parametrize("title", ['Kabar "Kita" \\ é', "a'b = #c", "日本"])
def test_a_title_may_hold_anything(tmp_path: Path, run_cli: RunCli, title: str) -> None:
    assert run_cli("new", "site", "s", "--title", title, cwd=tmp_path).exit_code == 0
    done = run_cli("build", cwd=tmp_path / "s")
    assert done.exit_code == 0, done.err


def test_a_new_site_needs_an_empty_folder(tmp_path: Path, run_cli: RunCli) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s/catatan.txt").write_text("penting")
    done = run_cli("new", "site", "s", cwd=tmp_path)
    assert done.exit_code == 2
    assert "[D412]" in done.err
    assert snapshot(tmp_path / "s") == {"catatan.txt": b"penting"}


def test_an_empty_folder_is_taken(tmp_path: Path, run_cli: RunCli) -> None:
    (tmp_path / "s").mkdir()
    assert run_cli("new", "site", "s", cwd=tmp_path).exit_code == 0


def test_the_output_of_a_new_site_is_kept_out_of_git(tmp_path: Path, run_cli: RunCli) -> None:
    run_cli("new", "site", "s", cwd=tmp_path)
    assert "/output/" in (tmp_path / "s/.gitignore").read_text()


def test_json_lists_the_files_of_a_new_site(tmp_path: Path, run_cli: RunCli) -> None:
    answer = run_cli("new", "site", "s", "--json", cwd=tmp_path).json
    assert sorted(answer["files"]) == sorted(snapshot(tmp_path / "s"))


def test_a_new_article_is_a_dated_slugged_draft(root: Path, run_cli: RunCli) -> None:
    write_site(root, {})
    done = run_cli("new", "article", "Biden & Putin: Satu Jam", "--now", "2022-02-13T09:05+07:00")
    path = "content/articles/2022/02/biden-putin-satu-jam.md"
    assert done.exit_code == 0, done.err
    assert done.out == f"{path}\n"
    (row,) = run_cli("list", "--json", "--drafts").json["documents"]
    assert (row["path"], row["state"], row["title"]) == (path, "draft", "Biden & Putin: Satu Jam")
    assert run_cli("build", "--drafts").exit_code == 0
    assert (root / "output/2022/02/13/biden-putin-satu-jam/index.html").is_file()


@pytest.mark.parametrize("title", ['Kata "dia"', "a: b # c", "'x'", "- x", "日本", "{x}", "\\n $x"])
def test_the_title_of_a_new_article_may_hold_anything(
    root: Path, run_cli: RunCli, title: str
) -> None:
    write_site(root, {})
    assert run_cli("new", "article", "--", title).exit_code == 0
    (row,) = run_cli("list", "--json").json["documents"]
    assert row["title"] == title


def test_the_month_of_a_new_article_is_that_of_the_site(root: Path, run_cli: RunCli) -> None:
    write_site(root, {}, 'timezone = "Asia/Jayapura"\n')
    done = run_cli("new", "article", "A", "--now", "2022-02-28T16:00:00Z")
    assert done.out == "content/articles/2022/03/a.md\n"


def test_an_article_is_never_overwritten(root: Path, run_cli: RunCli) -> None:
    write_site(root, {"content/articles/2022/03/a.md": "penting"})
    done = run_cli("new", "article", "A")
    assert done.exit_code == 2
    assert "[D412]" in done.err
    assert "--slug" in done.err
    assert (root / "content/articles/2022/03/a.md").read_text() == "penting"
    assert run_cli("new", "article", "A", "--slug", "b").exit_code == 0


def test_a_new_article_opens_in_the_editor_on_demand(
    root: Path, run_cli: RunCli, tmp_path: Path
) -> None:
    write_site(root, {})
    editor = tmp_path / "penyunting dengan spasi.sh"
    editor.write_text('#!/bin/sh\nprintf "%s" "$2" > "$1"\n')
    editor.chmod(0o755)
    note = tmp_path / "dibuka.txt"
    env = {"EDITOR": f"'{editor}' '{note}'"}
    done = run_cli("new", "article", "A", "--edit", env=env)
    assert done.exit_code == 0, done.err
    assert note.read_text().endswith("content/articles/2022/03/a.md")


def test_edit_without_an_editor_is_wrong_use_and_makes_nothing(root: Path, run_cli: RunCli) -> None:
    write_site(root, {})
    done = run_cli("new", "article", "A", "--edit")
    assert done.exit_code == 2
    assert "$EDITOR" in done.err
    assert snapshot(root / "content") == {}


def test_an_editor_that_is_not_there_is_told_without_a_traceback(
    root: Path, run_cli: RunCli
) -> None:
    write_site(root, {})
    done = run_cli("new", "article", "A", "--edit", env={"EDITOR": "tidak-ada-penyunting"})
    assert done.exit_code != 0
    assert "tidak-ada-penyunting" in done.err
    assert "Traceback" not in done.err
    assert "internal error" not in done.err


def test_an_archetype_of_the_site_is_used(root: Path, run_cli: RunCli) -> None:
    archetype = "---\ntitle: $title\ndate: $date\ntags: [Baru]\n---\nHarga $5.\n"
    write_site(root, {"archetypes/article.md": archetype})
    run_cli("new", "article", "A", "--now", "2022-02-13T09:05+07:00")
    text = (root / "content/articles/2022/02/a.md").read_text()
    assert text == '---\ntitle: "A"\ndate: 2022-02-13 09:05\ntags: [Baru]\n---\nHarga $5.\n'


def test_outside_of_a_site_there_is_no_article(tmp_path: Path, run_cli: RunCli) -> None:
    done = run_cli("new", "article", "A", cwd=tmp_path)
    assert done.exit_code == 2
    assert "[D401]" in done.err
