"""Every code the tool can tell is explained, and every explanation is of a code it can tell."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict

import pytest
from sitekit import REPOSITORY, RunCli

CODES = tomllib.loads((REPOSITORY / "digest/codes.toml").read_text("utf-8"))


def used() -> dict[str, set[str]]:
    """Code → the modules that name it as a string."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((REPOSITORY / "digest").rglob("*.py")):
        for code in re.findall(r"""["'](D\d{3})["']""", path.read_text("utf-8")):
            found[code].add(path.relative_to(REPOSITORY).as_posix())
    return found


def test_every_code_in_use_is_explained() -> None:
    assert len(used()) > 60
    assert sorted(set(used()) - set(CODES)) == []


def test_every_explained_code_is_in_use() -> None:
    assert sorted(set(CODES) - set(used())) == []


@pytest.mark.parametrize("code", sorted(CODES))
def test_an_explanation_says_what_and_how_to_mend_it(code: str) -> None:
    entry = CODES[code]
    assert set(entry) == {"title", "text"}
    assert entry["title"].strip() == entry["title"]
    assert "\n" not in entry["title"]
    assert not entry["title"].endswith(".")
    assert len(entry["text"].split()) >= 8


def test_titles_differ() -> None:
    titles = [entry["title"] for entry in CODES.values()]
    assert len(set(titles)) == len(titles)


def test_a_code_means_one_thing() -> None:
    """Modules of different stages share a code only when they tell the same problem."""
    shared = {
        code: sorted({path.split("/")[1].removesuffix(".py") for path in paths})
        for code, paths in used().items()
    }
    allowed = {
        "D162": ["discover", "gather"],
        "D203": ["gather", "markup"],
        "D243": ["check", "links"],
    }
    assert {code: paths for code, paths in shared.items() if len(paths) > 1} == {
        code: paths for code, paths in allowed.items() if code in shared
    }


def test_explain_shows_a_code_in_any_case(run_cli: RunCli) -> None:
    for given in ("D240", "d240"):
        done = run_cli("explain", given)
        assert done.exit_code == 0
        assert done.out.startswith(f"D240: {CODES['D240']['title']}\n")
        assert CODES["D240"]["text"].split()[-1] in done.out
        assert done.err == ""


def test_explain_lists_all_codes(run_cli: RunCli) -> None:
    out = run_cli("explain").out
    assert [line.split()[0] for line in out.splitlines()] == sorted(CODES)
