"""``digest tags``: counts, near-duplicates, and merges that change one tag and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sitekit import RunCli, article, build_site, document, write_site

from digest.edits import extended
from digest.parse.spans import front_range, list_of
from digest.parse.yaml import load_yaml
from digest.tags import near_duplicates, retagged
from digest.text import fold

STYLES = ("{}", '"{}"', "'{}'")
ENDINGS = ("\n", "\r\n", "\r")


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str, list[str]]:
    """A content file in any style, with the text around its tags, and the tags."""
    ending = draw(st.sampled_from(ENDINGS))
    names = st.sampled_from(
        ["Rusia", "Covid-19", "Bank Indonesia", "Ukraïna", "2022", "a: b", "💡"]
    )
    tags = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    place = draw(st.integers(0, len(tags)))
    tags.insert(place, draw(st.sampled_from(["Korona", "korona", "KORONA"])))
    written = []
    for tag in tags:
        style = "{}" if re.fullmatch(r"[\w -]+", tag) else '"{}"'
        written.append(draw(st.sampled_from([style, *STYLES[1:]])).format(tag))
    comment = draw(st.sampled_from(["", "  # catatan: [Korona]", " # 'a"]))
    pad = draw(st.sampled_from(["", "  ", "    "]))
    form = draw(st.sampled_from(["flow", "lines", "block"]))
    if form == "flow":
        given_ = f"tags:  [{', '.join(written)}]{comment}"
    elif form == "lines":
        inner = f",{comment}{ending}   ".join(written)
        given_ = f"tags: [{ending}   {inner}{comment}{ending}  ]"
    else:
        given_ = f"tags:{comment}" + "".join(f"{ending}{pad}-  {one}{comment}" for one in written)
    bom = draw(st.sampled_from(["", "\ufeff"]))
    before = f'{bom}---  {ending}title:   "Korona: judul"  # Korona{ending}{ending}'
    extra = f"{ending}extra: {{tags: [Korona]}}{ending}summary: 'Korona'{ending}---{ending}"
    text = f"tags: [Korona]{ending}---{ending}- Korona"
    return before + given_ + extra + text, form, tags


@settings(deadline=None, max_examples=300)
@given(
    files(), st.sampled_from(["Covid-19", "Pandemi", "2020", 'Kata "kutip"', "wabah: baru", "no"])
)
def test_only_the_named_tag_changes(made: tuple[str, str, list[str]], new: str) -> None:
    """Byte for byte: what is left of the change and right of it is the beginning and the end."""
    text, _, tags = made
    data = text.encode()
    edited = retagged(data, lambda value: fold(value) == "korona", new)
    assert edited is not None
    after = edited.decode()
    start, end = front_range(text) or (0, 0)
    held = any(fold(tag) == fold(new) for tag in tags)
    kept = [new if fold(tag) == "korona" else tag for tag in tags]
    if held:
        kept = [tag for tag in tags if fold(tag) != "korona"]
    old_front = text[start:end]
    new_start, new_end = front_range(after) or (0, 0)
    wanted = {**load_yaml(old_front).value, "tags": kept}
    assert load_yaml(after[new_start:new_end]).value == wanted
    listing = list_of(old_front, "tags")
    assert listing is not None
    assert after.startswith(text[: start + listing.start])
    assert after.endswith(text[start + listing.end :])
    if not held:
        (hit,) = [entry for entry in listing.entries if fold(entry.value) == "korona"]
        assert after.startswith(text[: start + hit.start])
        assert after.endswith(text[start + hit.end :])
    assert after.count("#") == text.count("#"), "comments stay"


@settings(deadline=None, max_examples=100)
@given(files())
def test_an_entry_is_added_to_a_list_in_its_own_form(made: tuple[str, str, list[str]]) -> None:
    text, _, tags = made
    data = extended(text.encode(), "tags", ["Baru", "x: y"])
    data = extended(data, "aliases", ["/tag/lama/"])
    after = data.decode()
    start, end = front_range(after) or (0, 0)
    value = load_yaml(after[start:end]).value
    assert value["tags"] == [*tags, "Baru", "x: y"]
    assert value["aliases"] == ["/tag/lama/"]
    lines = [line for line in re.split("\r\n|\r|\n", text) if line not in after]
    assert len(lines) <= 1, "all other lines stay as they are"


@pytest.mark.parametrize(
    "front",
    [
        "tags:\n  - |\n    Korona\n  - B",
        "tags: [Korona\n",
        "tags:\n - - Korona",
        "\ttags: [Korona]",
    ],
)
def test_what_cannot_be_edited_with_certainty_is_left_alone(front: str) -> None:
    data = f"---\ntitle: T\n{front}\n---\n".encode()
    try:
        edited = retagged(data, lambda value: fold(value.strip()) == "korona", "Covid-19")
    except ValueError:
        return
    assert edited is None


def test_near_duplicates_are_found_and_numbers_are_not() -> None:
    names = ["Jokowi", "Jokowy", "COP26", "COP28", "Piala Dunia", "Dunia Piala", "Iran", "Irak"]
    pairs = near_duplicates([*names, "suku bunga", "suku bungga"])
    assert pairs == (
        ("Dunia Piala", "Piala Dunia"),
        ("Jokowi", "Jokowy"),
        ("suku bunga", "suku bungga"),
    )


def test_a_merge_of_five_hundred_articles_changes_one_tag_and_redirects(
    root: Path, run_cli: RunCli
) -> None:
    made: dict[str, bytes] = {}
    for n in range(500):
        ending = ENDINGS[n % 2]
        tags = ("[A, Korona, 'B']", '["korona", C]', "[Covid-19, Korona]")[n % 3]
        if n % 5 == 0:
            tags = f"{ending}  - A  # catatan{ending}  - Korona # lama"
        lines = ["---", f"title: Kabar {n}", "date: 2022-02-13 08:00  # WIB", f"slug: a{n}"]
        lines += [f"tags: {tags}", "sources: [Antara]", "---", "Isi Korona.", ""]
        bom = "\ufeff" if n % 7 == 0 else ""
        made[f"content/articles/a{n}.md"] = (bom + ending.join(lines)).encode()
    made["content/articles/lain.md"] = article("Lain", tags=["Lain"], slug="lain").encode()
    # No page of an article is read.
    plain = {"overrides/templates/article.html": "<h1>{{ page.title }}</h1>"}
    write_site(root, {**made, **plain}, "lists.page_size = 300\n")
    done = run_cli("tags", "merge", "korona", "Covid-19", "--json")
    assert done.exit_code == 0, done.err
    assert done.json["articles"] == 500
    assert done.json["redirects"] == ["/tag/korona/"]
    for path, before in made.items():
        after = (root / path).read_bytes()
        if b"Covid-19, Korona" in before:
            assert after == before.replace(b", Korona", b"")
        elif path.endswith("lain.md"):
            assert after == before
        else:
            head, _, rest = re.split(rb"(?<=[\[ \"])([Kk]orona)(?=[\], \"])", before, maxsplit=1)
            assert after == head + b"Covid-19" + rest, (before, after)
    site = build_site(root)
    assert site.ok, site.problems
    assert site.fields("/tag/korona/")["page.target"] == "/tag/covid-19/"
    assert site.fields("/tag/covid-19/")["page.count"] == "500"


def test_a_merge_adds_to_the_register_entry_and_leaves_its_other_lines(
    root: Path, run_cli: RunCli
) -> None:
    entry = "---\r\ntitle: 'Covid-19'  # resmi\r\naliases:\r\n  - /tag/c19/\r\n---\r\n\r\nIsi."
    write_site(
        root,
        {
            "content/articles/a.md": article(tags=["Korona", "Covid-19"]),
            "content/tags/covid.md": entry,
        },
    )
    assert run_cli("tags", "merge", "Korona", "covid").exit_code == 0
    text = (root / "content/tags/covid.md").read_bytes().decode()
    assert text == entry.replace(
        "---\r\n\r\nIsi.", 'synonyms: ["Korona"]\r\n---\r\n\r\nIsi.'
    ).replace("/tag/c19/\r\n", '/tag/c19/\r\n  - "/tag/korona/"\r\n')
    site = build_site(root)
    assert site.has("/tag/korona/")
    assert site.codes == []


def test_a_tag_with_an_entry_goes_only_on_demand(root: Path, run_cli: RunCli) -> None:
    write_site(
        root,
        {
            "content/articles/a.md": article(tags=["Korona"]),
            "content/tags/korona.md": document("", title="Korona", aliases=["/tag/c/"]),
        },
    )
    refused = run_cli("tags", "merge", "Korona", "Covid-19")
    assert refused.exit_code == 2
    assert "D416" in refused.err
    assert run_cli("tags", "merge", "Korona", "Covid-19", "--drop-entry").exit_code == 0
    assert not (root / "content/tags/korona.md").exists()
    site = build_site(root)
    assert site.fields("/tag/c/")["page.target"] == "/tag/covid-19/"
    assert site.fields("/tag/korona/")["page.target"] == "/tag/covid-19/"


def test_an_unknown_tag_is_told_with_what_was_meant(root: Path, run_cli: RunCli) -> None:
    write_site(root, {"content/articles/a.md": article(tags=["Pandemi"])})
    done = run_cli("tags", "merge", "Pandemy", "Wabah")
    assert done.exit_code == 2
    assert "D415" in done.err
    assert "'Pandemi'" in done.err


def test_a_dry_run_writes_nothing(root: Path, run_cli: RunCli) -> None:
    write_site(root, {"content/articles/a.md": article(tags=["Pandemi"])})
    before = (root / "content/articles/a.md").read_bytes()
    done = run_cli("tags", "merge", "Pandemi", "Wabah", "--dry-run")
    assert "content/articles/a.md" in done.out
    assert (root / "content/articles/a.md").read_bytes() == before
    assert not (root / "content/tags").exists()


def test_a_merge_that_cannot_be_done_whole_writes_nothing(root: Path, run_cli: RunCli) -> None:
    bad = "---\ntitle: B\ndate: 2022-02-13 08:00\ntags:\n  - |\n    Korona\n---\n"
    write_site(
        root, {"content/articles/a.md": article(tags=["Korona"]), "content/articles/b.md": bad}
    )
    before = (root / "content/articles/a.md").read_bytes()
    done = run_cli("tags", "merge", "Korona", "Covid-19")
    assert done.exit_code == 1
    assert "b.md:1" in done.err
    assert "D331" in done.err
    assert (root / "content/articles/a.md").read_bytes() == before
    assert not (root / "content/tags").exists()


def test_tags_lists_counts_and_near_duplicates(root: Path, run_cli: RunCli) -> None:
    files = {f"content/articles/a{n}.md": article(tags=["Jokowi"]) for n in range(3)}
    files["content/articles/b.md"] = article(tags=["Jokowy"])
    write_site(root, files)
    done = run_cli("tags")
    assert done.out.splitlines()[:2] == ["     3  Jokowi", "     1  Jokowy"]
    assert "nearly the same: Jokowy (1), Jokowi (3)" in done.out
    assert run_cli("tags", "--json").json["near_duplicates"] == [["Jokowi", "Jokowy"]]


def test_a_synonym_of_the_register_is_that_tag(root: Path) -> None:
    write_site(
        root,
        {
            "content/articles/a.md": article(tags=["Korona"]),
            "content/articles/b.md": article("B", tags=["Covid-19"]),
            "content/tags/covid.md": document("", title="Covid-19", synonyms=["korona"]),
        },
    )
    site = build_site(root)
    assert site.codes == []
    assert (
        site.fields("/tag/covid-19/" if site.has("/tag/covid-19/") else "/tag/covid/")["page.count"]
        == "2"
    )


def test_a_synonym_that_means_another_entry_is_told(root: Path) -> None:
    write_site(
        root,
        {
            "content/articles/a.md": article(tags=["Korona"]),
            "content/tags/covid.md": document("", title="Covid-19", synonyms=["Korona"]),
            "content/tags/korona.md": document("", title="Korona"),
        },
    )
    site = build_site(root)
    assert site.place("D306") == "content/tags/covid.md:3:13"
