"""Every page of both sites satisfies validators and a link checker; planted faults prove them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from web.programs import HERE, HTML_VALIDATE, VNU, need, need_package
from web.sites import Built

pytestmark = pytest.mark.slow

_FAULTY = '<!DOCTYPE html><html lang="id"><head></head><body><p><div><img src="a.png"></p></body>'


def _vnu(folder: Path) -> list[str]:
    """What the Nu Html Checker objects to: errors and warnings, one line each."""
    java = need("java")
    need_package("vnu-jar")
    command = [java, "-jar", str(VNU), "--format", "json", "--skip-non-html", str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600)
    messages: list[dict[str, Any]] = json.loads(ran.stderr)["messages"]
    return [
        f"{m['url']}:{m.get('lastLine')}: {m['type']} {m.get('subType', '')}: {m['message']}"
        for m in messages
    ]


def _html_validate(folder: Path, report: Path) -> list[str]:
    """What html-validate objects to, one line each."""
    need_package("html-validate")
    # The report goes to a file: on a pipe the program leaves before all of it is written.
    command = [
        *(need("node"), str(HTML_VALIDATE), "--config", str(HERE / "htmlvalidate.json")),
        *("--formatter", f"json={report}", f"{folder.as_posix()}/**/*.html"),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert ran.returncode in {0, 1}, ran.stderr
    return [
        f"{file['filePath']}:{m['line']}:{m['column']}: {m['ruleId']}: {m['message']}"
        for file in json.loads(report.read_text(encoding="utf-8"))
        for m in file["messages"]
    ]


def _broken_links(site: Built) -> tuple[list[str], int]:
    """Links inside the site that lead nowhere, fragments too, and how many were followed.

    The site's own absolute addresses (canonical and the like) are looked up on disk as well.
    """
    command = [
        *(need("lychee"), "--offline", "--no-progress", "--include-fragments"),
        *("--index-files", "index.html", "--root-dir", str(site.root)),
        *("--remap", f"{site.base_url} file://{site.root}"),
        *("--format", "json", str(site.root)),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert ran.returncode in {0, 2}, ran.stderr
    report = json.loads(ran.stdout)
    broken = [
        f"{page}: {link['url']}: {link['status']['text']}"
        for page, links in report["error_map"].items()
        for link in links
    ]
    return broken, report["successful"]


def test_the_nu_html_checker_accepts_every_page(site: Built) -> None:
    assert _vnu(site.folder) == []


def test_the_nu_html_checker_finds_a_planted_fault(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(_FAULTY, encoding="utf-8")
    assert any("alt" in message for message in _vnu(tmp_path))


def test_html_validate_accepts_every_page(site: Built, tmp_path: Path) -> None:
    assert _html_validate(site.folder, tmp_path / "report.json") == []


def test_html_validate_finds_a_planted_fault(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(_FAULTY, encoding="utf-8")
    found = _html_validate(tmp_path, tmp_path / "report.json")
    assert any("wcag/h37" in message for message in found)


def test_every_link_and_fragment_leads_somewhere(site: Built) -> None:
    broken, followed = _broken_links(site)
    assert broken == []
    assert followed > 20 * len(site.pages), "the checker passed over links"


@pytest.mark.parametrize(
    "planted",
    [
        "{prefix}/tidak-ada/",
        "{prefix}/tag/#tidak-ada",
        "#tidak-ada",
        "{base}{prefix}/tidak-ada/",
    ],
)
def test_the_link_checker_finds_a_planted_fault(penuh: Built, tmp_path: Path, planted: str) -> None:
    copy = Built("copy", tmp_path / "out", penuh.prefix, penuh.base_url)
    shutil.copytree(penuh.root, copy.root)
    home = copy.folder / "index.html"
    link = planted.format(prefix=penuh.prefix, base=penuh.base_url)
    text = home.read_text(encoding="utf-8")
    home.write_text(text.replace("</main>", f'<a href="{link}">x</a></main>'), encoding="utf-8")
    broken, _ = _broken_links(copy)
    assert len(broken) == 1
    assert "tidak-ada" in broken[0]
