"""A real feed reader and the schemas of sitemaps.org, on the finished sites."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from pathlib import Path

import lxml.etree  # type: ignore[import-untyped]  # has no stubs
import pytest

from web.programs import HERE, need, need_package
from web.server import serving
from web.sites import Built

pytestmark = pytest.mark.slow

_SCHEMAS = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:import namespace="http://www.sitemaps.org/schemas/sitemap/0.9" schemaLocation="{sitemap}"/>
<xs:import namespace="http://www.google.com/schemas/sitemap-news/0.9" schemaLocation="{news}"/>
</xs:schema>"""


def _schema() -> lxml.etree.XMLSchema:
    """The schema of sitemaps.org, as the npm package ``sitemap`` carries it, with ours for news."""
    official = need_package("sitemap") / "schema/sitemap.xsd"
    news = HERE.parent / "machines/schemas/sitemap-news.xsd"
    text = _SCHEMAS.format(sitemap=official.as_uri(), news=news.as_uri())
    return lxml.etree.XMLSchema(lxml.etree.fromstring(text))


def _sitemaps(site: Built) -> list[Path]:
    """The sitemaps that list something: that schema, older than the news, knows no empty one."""
    found = sorted(site.folder.glob("sitemap*.xml"))
    return [path for path in found if b"<url>" in path.read_bytes()]


def test_sitemaps_satisfy_the_schema_of_sitemaps_org(site: Built) -> None:
    schema, found = _schema(), _sitemaps(site)
    assert "sitemap.xml" in {path.name for path in found}
    for path in found:
        schema.assertValid(lxml.etree.parse(str(path)))


def test_that_schema_refuses_a_planted_fault(demonstration: Built) -> None:
    data = (demonstration.folder / "sitemap.xml").read_bytes()
    wrong = lxml.etree.fromstring(data.replace(b"<lastmod>", b"<lastmod>kemarin ", 1))
    assert not _schema().validate(wrong)


@pytest.mark.parametrize("name", ["feed.xml", "atom.xml"])
def test_newsboat_lists_the_items_of_a_feed(site: Built, tmp_path: Path, name: str) -> None:
    program = need("newsboat")
    feed = json.loads((site.folder / "feed.json").read_text(encoding="utf-8"))
    wanted = [(item["id"], item["title"]) for item in feed["items"]]
    assert wanted
    (tmp_path / "config").write_text("auto-reload no\nbrowser true\n", encoding="utf-8")
    with serving(site.root, site.prefix) as base:
        (tmp_path / "urls").write_text(f"{base}/{name}\n", encoding="utf-8")
        files = ["-u", tmp_path / "urls", "-c", tmp_path / "cache.db", "-C", tmp_path / "config"]
        subprocess.run(
            [program, *map(str, files), "-x", "reload"],
            check=True,
            timeout=60,
            capture_output=True,
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        )
    store = sqlite3.connect(tmp_path / "cache.db")
    rows = store.execute("SELECT guid, title FROM rss_item ORDER BY pubDate DESC, id").fetchall()
    store.close()
    assert sorted(rows) == sorted(wanted)
