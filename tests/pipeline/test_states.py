"""What is published when: drafts, scheduled, expired and withdrawn articles, and their count."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sitekit import NOW, Build, MakeSite, RunCli, article, build_site, document, write_site

from digest.build import Change

AT = "/2022/02/13/a/"


def states(site: Build) -> dict[str, str]:
    """Path → state of every document that was left out."""
    return {skip.path: skip.state for skip in site.done.skipped}


def test_drafts_scheduled_and_expired_articles_are_left_out_and_told(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("A"),
            "content/articles/draf.md": article("D", status="draft"),
            "content/articles/nanti.md": article("N", "2022-03-02 08:00"),
            "content/articles/lewat.md": article("L", expires="2022-02-20"),
            "content/pages/draf.md": document(title="P", status="draft"),
        }
    )
    assert states(site) == {
        "content/articles/draf.md": "draft",
        "content/articles/nanti.md": "scheduled",
        "content/articles/lewat.md": "expired",
        "content/pages/draf.md": "draft",
    }
    assert site.done.pages["article"] == 1
    for gone in ("draf", "nanti", "lewat"):
        assert not any(gone in path for path in site.files())


@pytest.mark.parametrize(("second", "there"), [(0, False), (1, True), (2, True)])
def test_an_article_appears_at_its_instant(make_site: MakeSite, second: int, there: bool) -> None:
    now = NOW + timedelta(seconds=second - 1)
    site = make_site({"content/articles/a.md": article(date="2022-03-01 12:00")}, now=now)
    assert site.has("/2022/03/01/a/") is there
    aged = Change(NOW + timedelta(hours=48), "the news sitemap")
    assert site.done.next_change == (aged if there else Change(NOW, "what is published"))


@pytest.mark.parametrize(("second", "due"), [(0, True), (1, False)])
def test_a_scheduled_article_that_is_shown_changes_at_its_instant(
    make_site: MakeSite, second: int, due: bool
) -> None:
    now = NOW + timedelta(seconds=second - 1)
    files = {"content/articles/a.md": article(date="2022-03-01 12:00")}
    site = make_site(files, now=now, future=True)
    aged = Change(NOW + timedelta(hours=48), "the news sitemap")
    assert site.done.next_change == (Change(NOW, "what is published") if due else aged)


@pytest.mark.parametrize(("second", "there"), [(0, True), (1, False), (2, False)])
def test_an_article_leaves_at_its_instant(make_site: MakeSite, second: int, there: bool) -> None:
    now = NOW + timedelta(seconds=second - 1)
    site = make_site({"content/articles/a.md": article(expires="2022-03-01 12:00")}, now=now)
    assert site.has(AT) is there
    year = Change(datetime.fromisoformat("2023-01-01T00:00+07:00"), "the year in the footer")
    assert site.done.next_change == (Change(NOW, "what is published") if there else year)


def test_drafts_are_shown_on_demand_with_a_label_and_hidden_from_engines(
    make_site: MakeSite,
) -> None:
    site = make_site({"content/articles/a.md": article(status="draft")}, drafts=True)
    fields = site.fields(AT)
    assert fields["page.labels[0].kind"] == "draft"
    assert fields["page.head.robots"] == "noindex"
    assert fields["page.labels[0].text"] == "Draf"


def test_scheduled_articles_are_shown_on_demand_with_a_label(make_site: MakeSite) -> None:
    site = make_site({"content/articles/a.md": article(date="2023-01-02")}, future=True)
    assert site.fields("/2023/01/02/a/")["page.labels[0].kind"] == "scheduled"
    assert not site.done.skipped


def test_drafts_and_future_do_not_mean_each_other(make_site: MakeSite) -> None:
    files = {
        "content/articles/a.md": article(status="draft"),
        "content/articles/b.md": article(date="2023-01-02"),
    }
    assert list(states(make_site(files, drafts=True))) == ["content/articles/b.md"]
    assert list(states(make_site(files, future=True))) == ["content/articles/a.md"]


def test_a_draft_dated_in_the_future_is_shown_with_drafts(make_site: MakeSite) -> None:
    site = make_site(
        {"content/articles/a.md": article(date="2023-01-02", status="draft")}, drafts=True
    )
    assert site.has("/2023/01/02/a/")


def test_an_expired_article_stays_away_whatever_is_asked(make_site: MakeSite) -> None:
    files = {"content/articles/a.md": article(expires="2022-02-20")}
    assert states(make_site(files, drafts=True, future=True)) == {
        "content/articles/a.md": "expired"
    }


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
WITHDRAWN = {"status": "withdrawn", "withdrawn_reason": "Sumber keliru."}


def test_a_withdrawn_article_has_a_page_that_says_why_and_no_text(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article(
                text="Rahasia besar.", summary="Rahasia kecil.", tags=["T"], **WITHDRAWN
            ),
            "content/articles/b.md": article("B", text="[x](a.md)"),
        }
    )
    fields = site.fields(AT)
    assert fields["page.withdrawn"] == "Sumber keliru."
    assert fields["page.labels[0].kind"] == "withdrawn"
    assert fields["page.head.robots"] == "noindex"
    assert "Rahasia" not in site.read(AT)


def test_a_withdrawn_article_is_in_no_list(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("Ditarik", tags=["T"], category="K", **WITHDRAWN),
            "content/articles/b.md": article("Biasa", tags=["U"]),
        }
    )
    assert [path for path in site.files() if b"Ditarik" in site.tree()[path]] == [
        "2022/02/13/a/index.html"
    ]
    assert not site.has("/tag/t/")


def test_a_withdrawn_article_never_becomes_a_404(make_site: MakeSite) -> None:
    """Not even when its ``expires`` has passed."""
    site = make_site({"content/articles/a.md": article(expires="2022-02-20", **WITHDRAWN)})
    assert site.has(AT)


def test_a_withdrawn_article_with_a_missing_picture_or_link_is_not_asked_for_them(
    make_site: MakeSite,
) -> None:
    """Its text is not shown, so a link in it leads nobody astray, but nothing crashes either."""
    site = make_site({"content/articles/a.md": article(text="![x](x.svg)", **WITHDRAWN)})
    assert site.codes in ([], ["D250"])


def test_a_withdrawn_articles_pictures_are_not_published(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article(text="![Foto](f.svg)", **WITHDRAWN),
            "content/articles/f.svg": SVG,
        }
    )
    assert not site.has(f"{AT}f.svg")


FRONTS = st.fixed_dictionaries(
    {"date": st.sampled_from(["2022-01-05 08:00", "2022-02-28 23:00", "2022-03-05", "2023-01-01"])},
    optional={
        "status": st.sampled_from(["draft", "published"]),
        "expires": st.sampled_from(["2022-03-01 11:00", "2022-03-03", "2024-01-01"]),
    },
)


def possible(front: dict[str, str]) -> dict[str, str]:
    """``front`` without an end that comes before its beginning, which is an error."""
    if front.get("expires", "9") > front["date"]:
        return front
    return {key: value for key, value in front.items() if key != "expires"}


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(
    fronts=st.lists(FRONTS, max_size=6),
    withdrawn=st.integers(0, 2),
    drafts=st.booleans(),
    future=st.booleans(),
)
def test_every_file_is_counted_once(
    tmp_path_factory: pytest.TempPathFactory,
    fronts: list[dict[str, str]],
    withdrawn: int,
    drafts: bool,
    future: bool,
) -> None:
    """Law 5: published + draft + scheduled + expired + withdrawn are all the files."""
    root = tmp_path_factory.mktemp("situs")
    files = {}
    for number, front in enumerate(fronts):
        files[f"content/articles/a{number}.md"] = article(**possible(front))
    for number in range(withdrawn):
        files[f"content/articles/w{number}.md"] = article(**WITHDRAWN)
    files["content/pages/p.md"] = document(title="P")
    write_site(root, files)
    site = build_site(root, drafts=drafts, future=future)
    pages = site.done.pages
    assert pages.get("article", 0) + pages["page"] + len(site.done.skipped) == len(files)


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(fronts=st.lists(FRONTS, min_size=1, max_size=5), withdrawn=st.booleans())
def test_nothing_changes_before_the_next_change_and_something_then(
    tmp_path_factory: pytest.TempPathFactory, fronts: list[dict[str, str]], withdrawn: bool
) -> None:
    root = tmp_path_factory.mktemp("situs")
    files = {}
    for number, front in enumerate(fronts):
        more = WITHDRAWN if withdrawn and number == 0 else {}
        given = {**possible(front), **more}
        files[f"content/articles/a{number}.md"] = article(f"Judul {number}", **given)
    write_site(root, files)
    now = build_site(root)
    before, due = now.tree(), now.done.next_change.at
    assert due > NOW
    assert build_site(root, now=due - timedelta(seconds=1)).tree() == before
    assert build_site(root, now=due).tree() != before


def test_list_names_every_document_with_its_state(root: Path, run_cli: RunCli) -> None:
    write_site(
        root,
        {
            "content/articles/a.md": article("Alfa", "2022-02-13 09:15"),
            "content/articles/b.md": article("Beta", status="draft"),
            "content/articles/c.md": article("Gama", "2022-04-01 06:00"),
            "content/articles/d.md": article("Delta", expires="2022-02-20"),
            "content/articles/e.md": article("Epsilon", **WITHDRAWN),
            "content/pages/p.md": document(title="Tentang"),
            "content/tags/sepi.md": document(title="Sepi"),
        },
    )
    done = run_cli("list")
    rows = {line.split()[-1]: line.split()[0] for line in done.out.splitlines()}
    assert rows.pop("Sepi", None) is not None, "an entry nobody uses is named, too"
    assert rows == {
        "Alfa": "published",
        "Beta": "draft",
        "Gama": "scheduled",
        "Delta": "expired",
        "Epsilon": "withdrawn",
        "Tentang": "published",
    }
    assert "2022-02-13 09:15" in done.out
    assert "2022-04-01 06:00" in done.out, "in the zone of the site, as all others"
    assert "next change without an edit: 2022-04-01T06:00:00+07:00 (what is published)" in done.err


def test_list_shows_one_state_on_demand(root: Path, run_cli: RunCli) -> None:
    write_site(
        root,
        {
            "content/articles/a.md": article("Alfa"),
            "content/articles/b.md": article("Beta", status="draft"),
        },
    )
    done = run_cli("list", "--state", "draft", "--json")
    assert [row["title"] for row in done.json["documents"]] == ["Beta"]


def test_the_clock_of_a_build_is_an_option(root: Path, run_cli: RunCli) -> None:
    write_site(root, {"content/articles/a.md": article(date="2022-06-01 09:00")})
    assert run_cli("build", "--json", "--now", "2022-06-01T08:59:59+07:00").json["left_out"]
    assert not run_cli("build", "--json", "--now", "2022-06-01T09:00+07:00").json["left_out"]
    epoch = str(int(datetime(2023, 1, 1, tzinfo=NOW.tzinfo).timestamp()))
    assert not run_cli("build", "--json", env={"SOURCE_DATE_EPOCH": epoch}).json["left_out"]


def test_now_without_an_offset_is_in_the_zone_of_the_site(root: Path, run_cli: RunCli) -> None:
    """As in front matter: "the same forms", never UTC by accident."""
    write_site(root, {"content/articles/a.md": article(date="2022-06-01 09:00")})
    assert not run_cli("build", "--json", "--now", "2022-06-01 09:00").json["left_out"]
    assert run_cli("build", "--json", "--now", "2022-06-01 08:59").json["left_out"]
