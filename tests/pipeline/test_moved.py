"""The note on articles that left their URL, and what it must not change."""

from __future__ import annotations

import pytest
from sitekit import MakeSite, article, many

FILE = "content/articles/a.md"
OLD = "/2022/02/13/a/"


def test_an_article_that_left_its_url_is_told_where_its_slug_stands(make_site: MakeSite) -> None:
    assert make_site({FILE: article()}).codes == []
    site = make_site({FILE: article(slug="b")})
    note = site.problem("D308")
    assert (site.place("D308"), note.severity) == (f"{FILE}:4:8", "note")
    assert OLD in note.message
    assert f"write aliases: [{OLD}]" in note.hint
    assert "digest rename" in note.hint
    assert site.tree() == make_site(cache=False).tree()


def test_it_is_told_by_the_build_that_moves_it_even_a_strict_one(make_site: MakeSite) -> None:
    make_site({FILE: article()})
    moved = {FILE: article(date="2022-02-14 08:00")}
    assert make_site(moved, strict=True).codes == ["D308"]
    assert make_site({"content/articles/c.md": article("C")}).codes == []


@pytest.mark.parametrize(
    "after",
    [
        {FILE: article(slug="b", aliases=[OLD])},
        {FILE: article(slug="b"), "content/articles/lain.md": article("L", slug="a")},
        {FILE: article(slug="b"), f"static{OLD}index.html": "Tetap"},
        {FILE: None},
        {FILE: article(slug="b", status="draft")},
        {FILE: article("Judul lain")},
    ],
)
def test_it_is_not_told_where_something_answers_or_the_article_is_gone(
    make_site: MakeSite, after: dict[str, str | None]
) -> None:
    make_site({FILE: article(), "content/articles/z.md": article("Z")})
    assert make_site(after).codes == []


def test_drafts_were_never_seen(make_site: MakeSite) -> None:
    make_site({FILE: article(status="draft")}, drafts=True)
    assert make_site({FILE: article(status="draft", slug="b")}, drafts=True).codes == []


def test_without_the_cache_or_with_another_output_nothing_is_told(make_site: MakeSite) -> None:
    site = make_site({FILE: article()})
    assert make_site({FILE: article(slug="b")}, output=site.root / "lain").codes == []
    assert make_site(cache=False).codes == []


def test_many_at_once_are_summed_up(make_site: MakeSite) -> None:
    make_site(many(25))
    site = make_site(settings='permalinks.article = "/{slug}/"\n')
    assert site.codes == ["D308"] * 21
    assert "5 more articles" in site.problems[0].message
