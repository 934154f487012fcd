"""``digest related``: lists, reasons and orphans on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from relating import article, write

from digest.cli import app

TEXT = "Tanggul sungai Wulan jebol dan merendam Karanganyar"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(
        tmp_path,
        {
            "jebol": article("Tanggul Wulan jebol", "2023-01-01", TEXT, tags=["Demak"]),
            "surut": article(
                "Air Wulan surut", "2023-01-02", f"{TEXT} surut", tags=["Demak"], story="Banjir"
            ),
            "iklan": article("Wulan", "2023-01-03", f"{TEXT} obral", sponsored="iklan"),
            "pulang": article(
                "Warga Wulan pulang",
                "2023-01-04",
                f"{TEXT} pulang. Lihat [[surut]].",
                tags=["Demak"],
                related=["komodo", "iklan"],
            ),
            "nanti": article(
                "Tanggul Wulan",
                "2023-01-05",
                f"{TEXT} usul",
                story="Banjir",
                related_exclude=["jebol"],
            ),
            "komodo": article("Komodo menetas", "2023-02-01", "Reptil itu tujuh ekor"),
            **{
                f"lain{n}": article(f"Judul{n}", "2022-01-01", f"isi{n} beda{n}") for n in range(9)
            },
        },
    )  # fmt: skip
    return tmp_path


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        app, ["related", "--site", str(root), "--now", "2024-01-01", *arguments]
    )


def answer(root: Path, *arguments: str) -> Any:
    done = run(root, *arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


LISTS: dict[str, list[str]] = {
    **{f"lain{n}": [] for n in range(9)},
    "komodo": [],
    "nanti": ["surut", "pulang"],
    "pulang": ["komodo", "jebol"],
    "iklan": ["surut", "jebol"],
    "surut": ["jebol"],
    "jebol": [],
}


OTHERS = sorted(slug for slug in LISTS if slug.startswith("lain"))


def test_all_lists_as_json_are_slugs_by_slug_and_nothing_else(root: Path) -> None:
    found = answer(root, "--all")
    assert {slug: sorted(picks) for slug, picks in found.items()} == {
        slug: sorted(picks) for slug, picks in LISTS.items()
    }
    assert found["pulang"][0] == "komodo"


def test_one_list_is_the_same_as_among_all(root: Path) -> None:
    every = answer(root, "--all")
    assert answer(root, "pulang") == {"slug": "pulang", "related": every["pulang"]}
    lines = run(root, "pulang").stdout.splitlines()
    assert [line.split()[1] for line in lines] == every["pulang"]
    assert lines[0] == "2023-02-01  komodo  Komodo menetas"


def test_an_explanation_gives_every_part_and_every_reason(root: Path) -> None:
    found = {entry["slug"]: entry for entry in answer(root, "pulang", "--explain")["candidates"]}
    assert {slug: entry["excluded"] for slug, entry in found.items()} == {
        "komodo": "",
        "jebol": "",
        "surut": "linked in the text",
        "iklan": "sponsored",
    }
    assert found["komodo"]["pinned"]
    assert (found["komodo"]["place"], found["jebol"]["place"]) == (1, 2)
    jebol = found["jebol"]
    shared = {share["what"]: share["weight"] for share in jebol["shared"]}
    assert {"wulan", "tanggul", "tag Demak"} <= set(shared)
    assert sum(shared.values()) == jebol["similarity"]
    parts = jebol["similarity"] * jebol["category"] * jebol["edition"] * jebol["recency"]
    assert parts == pytest.approx(jebol["score"], rel=1e-3)
    assert jebol["recency"] < 1, "there is a newer one on the matter"


def test_an_explanation_names_blocks_stories_and_what_links_here(root: Path) -> None:
    blocked = {entry["slug"]: entry for entry in answer(root, "nanti", "--explain")["candidates"]}
    assert blocked["jebol"]["excluded"] == "blocked by related_exclude"
    assert "story Banjir" in {share["what"] for share in blocked["surut"]["shared"]}
    (mention,) = [
        entry
        for entry in answer(root, "surut", "--explain")["candidates"]
        if entry["slug"] == "pulang"
    ]
    assert mention["excluded"] == "shown as linking here"


def test_an_explanation_reads_well_on_a_terminal(root: Path) -> None:
    out = run(root, "pulang", "--explain").stdout
    assert "  1." in out
    assert "pinned, similarity" in out
    assert "not listed: linked in the text" in out
    assert "recency ×" in out
    assert "tag Demak" in out


def test_orphans_are_what_nothing_leads_to(root: Path) -> None:
    assert answer(root, "--orphans") == {"orphans": ["iklan", *OTHERS]}
    file = root / "digest.toml"
    file.write_text(file.read_text("utf-8") + "[related]\nclosing = 0\nfollow_ups = 0\n", "utf-8")
    shown = ["komodo", "nanti", "pulang", "iklan", "jebol", *OTHERS]
    assert answer(root, "--orphans") == {"orphans": shown}, "only surut is linked in a text"
    assert "14 of 15 articles" in run(root, "--orphans").stderr


def test_articles_that_share_a_slug_are_named_by_path(tmp_path: Path) -> None:
    write(tmp_path, {"a": article("A", "2023-01-01", TEXT), "b": article("B", "2023-01-02", TEXT)})
    twin = tmp_path / "content/articles/2022/a.md"
    twin.parent.mkdir()
    twin.write_text(article("A dua", "2022-01-01", "lain"), encoding="utf-8")
    names = {"content/articles/a.md", "content/articles/2022/a.md", "b"}
    assert set(answer(tmp_path, "--all")) == names


@pytest.mark.parametrize(
    "arguments", [[], ["surut", "--all"], ["--all", "--orphans"], ["--all", "--explain"]]
)
def test_wrong_use_is_told(root: Path, arguments: list[str]) -> None:
    assert run(root, *arguments).exit_code == 2


def test_an_unknown_slug_is_told_with_what_was_meant(root: Path) -> None:
    done = run(root, "surutt")
    assert done.exit_code == 2
    assert "[D413]" in done.stderr
    assert "did you mean 'surut'?" in done.stderr


def test_check_reads_the_store_but_writes_nothing(root: Path) -> None:
    done = CliRunner().invoke(app, ["check", "--site", str(root), "--now", "2024-01-01"])
    assert done.exit_code == 0, done.output
    assert not (root / ".digest").exists()
