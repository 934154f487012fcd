"""Golden sites: what ``tests/sites/<name>`` becomes, byte for byte.

After a change of the pipeline that is meant, ``pytest tests/pipeline/test_golden.py
--refresh-golden`` writes what is built now to ``expected/``; look at the difference in git. The
theme is ``tests/sites/_themes/polos``, so a change of design leaves these files alone.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from crawling import dead_links
from sitekit import HERE, Build, build_site, snapshot

SITES = sorted(p.name for p in (HERE / "sites").iterdir() if (p / "digest.toml").is_file())


def built(name: str, root: Path) -> Build:
    """The golden site ``name``, built elsewhere."""
    sources = HERE / "sites" / name
    shutil.copytree(sources, root, ignore=shutil.ignore_patterns("expected"))
    shutil.copytree(HERE / "sites/_themes", root / "themes")
    site = build_site(root)
    assert site.ok, site.problems
    return site


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("name", SITES)
def test_a_golden_site_is_built_byte_for_byte(
    name: str, root: Path, request: pytest.FixtureRequest
) -> None:
    site = built(name, root)
    expected = HERE / "sites" / name / "expected"
    if request.config.getoption("--refresh-golden"):
        shutil.rmtree(expected, ignore_errors=True)
        shutil.copytree(site.output, expected, ignore=shutil.ignore_patterns(".digest.json"))
        pytest.skip(f"{expected} is written anew")
    tree, wanted = site.tree(), snapshot(expected)
    assert sorted(tree) == sorted(wanted)
    for path, content in wanted.items():
        if path.endswith((".html", ".css", ".txt", ".svg")):
            assert tree[path].decode() == content.decode(), path
        else:
            assert tree[path] == content, path


@pytest.mark.parametrize("name", SITES)
def test_functions_of_the_shipped_theme_make_the_same_site_as_jinja(
    name: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trees = []
    for worth in (10**9, 1):
        monkeypatch.setattr("digest.templates.pages.WORTH", worth)
        shutil.rmtree(root, ignore_errors=True)
        sources = HERE / "sites" / name
        shutil.copytree(sources, root, ignore=shutil.ignore_patterns("expected", "overrides"))
        settings = (root / "digest.toml").read_text()
        settings = re.sub(r"\[theme\.options\]\n(?:(?!\[).*\n)*", "", settings)
        assert 'theme.name = "polos"' in settings
        (root / "digest.toml").write_text(settings.replace("polos", "harian"))
        site = build_site(root)
        assert site.ok, site.problems
        trees.append({path: data for path, data in site.tree().items() if path != ".digest.json"})
    assert trees[0] == trees[1]
    assert len(trees[0]) > 10


@pytest.mark.parametrize(
    ("name", "prefix", "disk"),
    [("kecil", "", False), ("inggris", "/news", False), ("relatif", "/sub", True)],
)
def test_no_page_of_a_golden_site_leads_to_anything_missing(
    name: str, prefix: str, disk: bool, root: Path
) -> None:
    assert dead_links(built(name, root), prefix=prefix, disk=disk) == []


def test_every_golden_site_is_tested() -> None:
    assert SITES == ["inggris", "kecil", "relatif"]


def test_the_golden_site_has_every_kind_of_page_and_left_out_document(root: Path) -> None:
    outcome = built("kecil", root).done
    kinds = {"404", "archive", "article", "category", "home", "latest", "page", "redirect", "tag"}
    assert set(outcome.pages) == kinds
    assert {skip.state for skip in outcome.skipped} == {"draft", "expired", "scheduled"}
    assert [problem.code for problem in outcome.problems] == ["D301"]
