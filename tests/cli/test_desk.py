"""What the desk asks: when to rebuild, where the news comes from, what the next edition carries."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sitekit import RunCli, article, build_site, document, many, write_site

from digest.cli.list import cron


def test_the_next_change_is_printed_for_a_scheduler(root: Path, run_cli: RunCli) -> None:
    write_site(
        root,
        {
            "content/articles/a.md": article(expires="2022-03-05 18:30"),
            "content/articles/b.md": article("B", "2022-03-03 07:15"),
            "content/editions/e.md": document("", number=1, date="2022-03-02 05:45"),
        },
    )
    assert run_cli("list", "--next", "--format", "iso").out == "2022-03-02T05:45:00+07:00\n"
    assert run_cli("list", "--next", "--format", "cron").out == "45 5 2 3 *\n"
    assert run_cli("list", "--next", "--json").json == {"next_change": "2022-03-02T05:45:00+07:00"}
    now = ("--now", "2022-03-04 00:00")
    assert run_cli("list", "--next", *now).out == "2022-03-05T07:15:00+07:00\n", "no news then"
    now = ("--now", "2022-03-05 07:15")
    assert run_cli("list", "--next", *now).out == "2022-03-05T18:30:00+07:00\n"
    now = ("--now", "2022-04-01 00:00")
    assert run_cli("list", "--next", *now, "--format", "cron").out == "0 0 1 1 *\n", "another year"


def test_a_rebuild_at_the_minute_of_cron_is_never_too_early() -> None:
    assert cron(datetime(2022, 12, 31, 23, 59, 1, tzinfo=UTC)) == "0 0 1 1 *"
    assert cron(datetime(2022, 2, 13, 9, 5, tzinfo=UTC)) == "5 9 13 2 *"


@pytest.mark.parametrize("given", [("--format", "cron"), ("--next", "--sources")])
def test_options_that_do_not_go_together_are_refused(
    root: Path, run_cli: RunCli, given: tuple[str, ...]
) -> None:
    write_site(root, {"content/articles/a.md": article()})
    assert run_cli("list", *given).exit_code == 2


def test_sources_are_listed_with_their_concentration(root: Path, run_cli: RunCli) -> None:
    files = many(6, source="Antara")
    files |= {f"content/articles/r{n}.md": article(f"R{n}", source="Reuters") for n in range(3)}
    files["content/articles/t.md"] = article("T", sources=["Tempo"])
    files["content/articles/x.md"] = article("X")
    write_site(root, files)
    done = run_cli("list", "--sources", "--json").json
    assert done["sources"] == [
        {"name": "Antara", "articles": 6, "share": 0.6},
        {"name": "Reuters", "articles": 3, "share": 0.3},
        {"name": "Tempo", "articles": 1, "share": 0.1},
    ]
    assert (done["top_1"], done["top_3"], done["unsourced"]) == (0.6, 1.0, 1)
    assert done["hhi"] == 4600.0, "60² + 30² + 10²"
    told = run_cli("list", "--sources")
    assert told.out.splitlines()[0].split() == ["6", "60.0%", "Antara"]
    assert "HHI 4,600" in told.err


def test_a_site_without_sources_has_an_empty_report(root: Path, run_cli: RunCli) -> None:
    write_site(root, {"content/articles/a.md": article()})
    assert run_cli("list", "--sources", "--json").json["hhi"] == 0


def test_a_new_edition_gathers_what_none_has_carried(root: Path, run_cli: RunCli) -> None:
    write_site(
        root,
        {
            "content/articles/a.md": article('A: "satu"', category="Dunia"),
            "content/articles/b.md": article("B", "2022-02-14", category="Kota"),
            "content/articles/c.md": article("C", "2022-02-15", category="Dunia"),
            "content/articles/d.md": article("D", category="Dunia"),
            "content/articles/e.md": article("E", status="draft"),
            "content/articles/n.md": article("N", "2022-04-01"),
            "content/categories/dunia.md": document("", title="Dunia", weight=1),
            "content/editions/lama.md": document(
                "", number=6, date="2022-02-20", sections=[{"items": ["d"]}]
            ),
        },
    )
    done = run_cli("new", "edition")
    assert done.out == "content/editions/2022-03-01.md\n", done.err
    text = (root / "content/editions/2022-03-01.md").read_text()
    assert text.splitlines() == [
        "---",
        "number: 7",
        "date: 2022-03-01",
        "status: draft",
        "sections:",
        "  - title: Dunia",
        "    items:",
        "      - c  # C",
        '      - a  # A: "satu"',
        "  - title: Kota",
        "    items:",
        "      - b  # B",
        "---",
        "",
    ]
    again = run_cli("new", "edition", "--now", "2022-03-02 08:00")
    assert again.out == "", "a draft carries, too"
    assert not (root / "content/editions/2022-03-02.md").exists()
    site = build_site(root, drafts=True)
    assert site.fields("/edisi/2022-03-01/")["page.count"] == "3"
    assert site.fields("/edisi/2022-03-01/")["page.labels[0].kind"] == "draft"


def test_a_new_edition_never_overwrites(root: Path, run_cli: RunCli) -> None:
    files = {"content/articles/a.md": article()}
    files["content/editions/2022-03-01.md"] = document("", number=1, date="2022-03-01")
    write_site(root, files)
    done = run_cli("new", "edition")
    assert done.exit_code == 2
    assert "D412" in done.err


def test_a_new_edition_can_begin_at_an_instant(root: Path, run_cli: RunCli) -> None:
    write_site(
        root,
        {
            "content/articles/a.md": article("A", "2022-02-13"),
            "content/articles/b.md": article("B", "2022-02-20"),
        },
    )
    assert run_cli("new", "edition", "--since", "2022-02-14", "--json").json["items"] == ["b"]
