"""``digest rename``: a new slug, a redirect from the old URL, and no other byte changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sitekit import RunCli, article, build_site, document, snapshot, write_site

from digest.edits import extended, rewritten, stated
from digest.parse.spans import front_range, scalars
from digest.parse.yaml import load_yaml

ENDINGS = ("\n", "\r\n", "\r")
OLD, NEW = "/2022/02/13/lama/", "/2022/02/13/baru/"


def front_value(text: str) -> dict[str, object]:
    """The front matter of a file, as the YAML reader sees it."""
    start, end = front_range(text) or (0, 0)
    value = load_yaml(text[start:end]).value
    assert isinstance(value, dict)
    return value


@st.composite
def files(draw: st.DrawFn) -> str:
    """A content file in any style, with a slug or without."""
    ending = draw(st.sampled_from(ENDINGS))
    comment = draw(st.sampled_from(["", "  # slug: lama", " # 'a"]))
    slug = draw(
        st.sampled_from(["slug: lama", "slug:   'lama'", 'slug: "lama"', "slug:", 'slug: "💡"', ""])
    )
    pad = draw(st.sampled_from(["", "  "]))
    lists = ["", "aliases: []", "aliases: [/a/, '/b/']", "aliases: [ /a/,"]
    lists += [f"aliases:{comment}{ending}{pad}- /a/{comment}{ending}{pad}- '/b/'{comment}"]
    aliases = draw(st.sampled_from(lists))
    if aliases.endswith(","):
        aliases += f"{comment}{ending}   /b/{comment}{ending}  ]"
    lines = ['title:   "slug: lama"  # 💡 lama', "", *([slug + comment] if slug else [])]
    lines += [aliases + comment] if aliases else []
    lines += ["extra: {slug: lama, aliases: [/lama/]}", "summary: 'lama'"]
    lines = draw(st.permutations(lines))
    bom = draw(st.sampled_from(["", "\ufeff"]))
    head = [f"{bom}---  ", *lines, "---", "slug: lama", "[[lama]]"]
    return ending.join(head)


@settings(deadline=None, max_examples=300)
@given(files(), st.sampled_from(["baru", "2022", "no", "a b", "kata-'kutip'", "ukraïna"]))
def test_a_slug_is_stated_and_nothing_else_changes(text: str, new: str) -> None:
    """Byte for byte: what is left of the change and right of it is the beginning and the end."""
    before = front_value(text)
    after = stated(text.encode(), "slug", new).decode()
    assert front_value(after) == {**before, "slug": new}
    start, end = front_range(text) or (0, 0)
    span = scalars(text[start:end]).get(("slug",))
    left = start + span.start if span else end
    right = start + span.end if span else end
    assert after.startswith(text[:left])
    assert after.endswith(text[right:])
    assert after.count("#") == text.count("#"), "comments stay"
    assert set(re.findall("\r\n|\r|\n", after)) == set(re.findall("\r\n|\r|\n", text))


@settings(deadline=None, max_examples=100)
@given(files())
def test_an_alias_is_added_or_exchanged_in_its_own_form(text: str) -> None:
    before = front_value(text)
    held = before.get("aliases") or []
    assert isinstance(held, list)
    more = extended(text.encode(), "aliases", [OLD]).decode()
    assert front_value(more) == {**before, "aliases": [*held, OLD]}
    if held:
        other = rewritten(text.encode(), [("aliases", 1)], OLD).decode()
        assert front_value(other) == {**before, "aliases": [held[0], OLD]}
        assert len(re.split("\r\n|\r|\n", other)) == len(re.split("\r\n|\r|\n", text))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("slug", ["slug: lama  # tetap", "slug: 'lama'", None])
def test_the_old_url_redirects_and_the_rest_of_the_file_stays(
    root: Path, run_cli: RunCli, ending: str, bom: str, slug: str | None
) -> None:
    lines = ["---", 'title: "Judul"   # 💡', "date: 2022-02-13 08:00", slug or "# tanpa slug"]
    lines += ["authors: [ Ani ]", "---", "", "slug: lama", ""]
    before = (bom + ending.join(lines)).encode()
    write_site(root, {"content/articles/lama.md": before})
    ids = re.findall("urn:uuid:[0-9a-f-]+", build_site(root).read("/feed.json"))
    done = run_cli("rename", "lama", "baru")
    assert done.exit_code == 0, done.err
    assert done.out == "content/articles/lama.md\n"
    assert f"{OLD} redirects there" in done.err
    added = f'aliases: ["{OLD}"]{ending}'
    added = added if slug else f"slug: baru{ending}{added}"
    wanted = before.decode().replace(
        f"{ending}---{ending}{ending}", f"{ending}{added}---{ending}{ending}"
    )
    if slug:
        wanted = wanted.replace(slug, slug.replace("lama", "baru"), 1)
    assert (root / "content/articles/lama.md").read_bytes() == wanted.encode()
    site = build_site(root)
    assert site.codes == []
    assert site.fields(OLD)["page.target"] == NEW
    assert site.fields(NEW)["page.title"] == "Judul"
    after = site.read("/feed.json")
    assert re.findall("urn:uuid:[0-9a-f-]+", after) == ids
    assert f"kabar.example{NEW}" in after


NAMING = {
    "content/articles/lama.md": article(related=["lain"]),
    "content/articles/lain.md": article(
        "Lain",
        related=["lama"],
        text="[[lama]], [[lama|teks]] dan [[ lama#bagian ]].\r\n\r\n`[[lama]]` [b](lama.md)\r\n",
    ),
    "content/articles/blok.md": article("Blok", related_exclude=["blok", "lama"]),
    "content/articles/en.md": article("En", lang="en", translation_of="lama"),
    "content/articles/draf.md": article("Draf", status="draft", text="[[lama]]", related=["lama"]),
    "content/pages/p.md": document(
        "Baca [[lama]]; lama sekali: [x](/2022/02/13/lama/).", title="P"
    ),
    "content/editions/satu.md": """---
number: 1   # lama
date: 2022-02-14
sections:
  - title: lama
    items:
      - lama   # lama
      - {slug: lain, form: brief}
---
Lihat [[lama]].
""",
    "content/editions/dua.md": """---
number: 2
date: 2022-04-01
sections:
  - items: [{form: lead, slug: 'lama'}]
  - items: [articles/lama.md]
---
""",
}


def named(files: dict[str, str]) -> dict[str, str]:
    """The files as they are after the rename, but for the renamed one."""
    after = dict(files)
    for path in files:
        text = re.sub(r"(?<!`)\[\[( ?)lama", r"[[\1baru", files[path])
        text = text.replace('"lama"', '"baru"').replace("- lama ", "- baru ")
        after[path] = text.replace("slug: 'lama'", "slug: 'baru'")
    return after


def test_all_that_names_the_old_slug_names_the_new_one(root: Path, run_cli: RunCli) -> None:
    files = {**NAMING, "content/articles/lama.md": article(text="## Bagian\n\nIsi.", slug="lama")}
    write_site(root, files)
    told = build_site(root, drafts=True, future=True).codes
    assert set(told) == {"D313"}, "the coming edition carries it again, and twice"
    done = run_cli("rename", "content/articles/lama.md", "baru", "--json")
    assert done.exit_code == 0, done.err
    place = "content/pages/p.md:4:33"
    assert done.json == {
        "ok": True,
        "path": "content/articles/lama.md",
        "slug": "baru",
        "url": NEW,
        "redirects": [OLD],
        "links": [place],
        "files": sorted(files),
        "written": True,
    }
    wanted = named(files)
    wanted["content/articles/lama.md"] = files["content/articles/lama.md"].replace(
        'slug: "lama"\n', f'slug: "baru"\naliases: ["{OLD}"]\n'
    )
    found = {path: (root / path).read_bytes().decode() for path in files}
    assert found == wanted
    site = build_site(root, drafts=True, future=True)
    assert site.codes == told
    assert 'href="/2022/02/13/baru/#bagian"' in site.body("/2022/02/13/lain/")


def test_there_and_back_again_leaves_one_redirect(root: Path, run_cli: RunCli) -> None:
    write_site(root, {"content/articles/lama.md": article()})
    for old, new in (("lama", "baru"), ("baru", "ketiga"), ("ketiga", "lama")):
        done = run_cli("rename", old, new)
        assert done.exit_code == 0, done.err
    text = (root / "content/articles/lama.md").read_text()
    assert f'aliases: ["/2022/02/13/ketiga/", "{NEW}"]\n' in text
    site = build_site(root)
    assert site.codes == []
    assert site.fields(NEW)["page.target"] == OLD
    assert site.fields("/2022/02/13/ketiga/")["page.target"] == OLD


def test_the_menu_may_go_on_with_the_old_url(root: Path, run_cli: RunCli) -> None:
    menu = f'\n[[menu]]\ntitle = "Lama"\nurl = "{OLD}"\n'
    write_site(root, {"content/articles/lama.md": article()}, menu)
    done = run_cli("rename", "lama", "baru")
    assert re.search(rf"digest\.toml:\d+:1 still links {OLD}", done.err)
    assert build_site(root).codes == []


def test_a_withdrawn_article_is_renamed_too(root: Path, run_cli: RunCli) -> None:
    given_ = article(status="withdrawn", withdrawn_reason="Salah", category="Dunia")
    urls = 'permalinks.article = "/{category}/{slug}/"\n'
    write_site(root, {"content/articles/lama.md": given_}, urls)
    assert run_cli("rename", "lama", "baru").exit_code == 0
    assert build_site(root).fields("/dunia/lama/")["page.target"] == "/dunia/baru/"


def test_a_dry_run_writes_nothing(root: Path, run_cli: RunCli) -> None:
    write_site(root, NAMING | {"content/articles/lama.md": article(text="## Bagian")})
    before = snapshot(root / "content")
    done = run_cli("rename", "lama", "baru", "--dry-run")
    assert done.exit_code == 0, done.err
    assert done.out.splitlines() == sorted(NAMING)
    assert f"would be at {NEW}" in done.err
    assert snapshot(root / "content") == before


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("", "it is empty"),
        ("lama", "it is that already"),
        ("a/b", "contains a slash"),
        ("lain", "that of content/articles/lain.md"),
        ("draf", "that of content/articles/draf.md"),
        ("tentang", "that of content/pages/tentang.md"),
        ("dulu", "an alias of content/pages/tentang.md has the URL /2022/02/13/dulu/"),
        ("DULU", "has the URL /2022/02/13/DULU/"),
        ("arsip", "static/2022/02/13/arsip/index.html has the URL"),
    ],
)
def test_a_slug_that_cannot_be_is_refused(
    root: Path, run_cli: RunCli, slug: str, said: str
) -> None:
    write_site(
        root,
        {
            "content/articles/lama.md": article(),
            "content/articles/lain.md": article("Lain", "2022-02-14"),
            "content/articles/draf.md": article("Draf", status="draft"),
            "content/pages/tentang.md": document(title="T", aliases=["/2022/02/13/dulu"]),
            "static/2022/02/13/arsip/index.html": "Arsip",
        },
    )
    before = snapshot(root / "content")
    done = run_cli("rename", "lama", slug)
    assert done.exit_code == 2
    assert "[D417]" in done.err
    assert said in done.err
    assert snapshot(root / "content") == before


def test_an_unknown_or_ambiguous_article_is_told(root: Path, run_cli: RunCli) -> None:
    write_site(
        root,
        {
            "content/articles/a/lama.md": article(),
            "content/articles/b/lama.md": article("B", "2022-02-14"),
        },
    )
    unknown = run_cli("rename", "lamaa", "baru")
    assert unknown.exit_code == 2
    assert "[D413]" in unknown.err
    for command in (("rename", "lama", "baru"), ("related", "lama")):
        done = run_cli(*command)
        assert done.exit_code == 2
        assert "several articles have the slug 'lama' [D413]" in done.err
        assert "content/articles/a/lama.md, content/articles/b/lama.md" in done.err
    here = run_cli("rename", "lama.md", "baru", cwd=root / "content/articles/b")
    assert here.exit_code == 0, here.err
    assert (
        'slug: baru\naliases: ["/2022/02/14/lama/"]'
        in (root / "content/articles/b/lama.md").read_text()
    )


def test_a_name_that_may_mean_another_is_refused(root: Path, run_cli: RunCli) -> None:
    files = {
        "content/articles/a/lama.md": article(),
        "content/articles/b/lama.md": article("B", "2022-02-14"),
        "content/articles/c.md": article("C", related=["lama"]),
    }
    write_site(root, files)
    done = run_cli("rename", "content/articles/a/lama.md", "baru")
    assert done.exit_code == 1
    assert "content/articles/c.md:1:1: error: " in done.err
    assert "[D418]" in done.err
    assert {path: (root / path).read_text() for path in files} == files


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("lama", "---\n{title: A, date: 2022-02-13}\n---\n"),
        ("lama", "---\ntitle: A\ndate: 2022-02-13\nslug: >-\n  lama\n---\n"),
        ("b", "---\ntitle: B\ndate: 2022-02-13\nrelated:\n  - |\n    lama\n---\n"),
        ("b", "---\ntitle: B\ndate: 2022-02-13\n---\n[[lama]]\n\n    [[lama]]\n"),
        ("b", "---\ntitle: B\ndate: 2022-02-13\n---\n[[la&#109;a]]\n"),
    ],
)
def test_what_cannot_be_edited_with_certainty_is_left_to_the_editor(
    root: Path, run_cli: RunCli, path: str, text: str
) -> None:
    files = {"content/articles/lama.md": article(), f"content/articles/{path}.md": text}
    write_site(root, files)
    assert build_site(root).codes == []
    done = run_cli("rename", "lama", "baru")
    assert done.exit_code == 1
    assert f"content/articles/{path}.md:1:1: error: " in done.err
    assert "[D331]" in done.err
    hint = f'write "slug: baru" and "aliases: [{OLD}]" by hand'
    assert (hint in done.err) == (path == "lama")
    assert {path: (root / path).read_text() for path in files} == files
