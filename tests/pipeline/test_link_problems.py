"""Links and images that lead nowhere: D240 to D251, each with its place and hint."""

from __future__ import annotations

import pytest
from sitekit import MakeSite, article, document

HOST = "content/articles/tuan.md"

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"></svg>'


def linking(text: str) -> dict[str, str]:
    """An article whose line 6 is ``text``: after the four of the front matter and an empty one."""
    return {HOST: article("Tuan", text="\n" + text)}


def test_a_link_to_a_missing_file_is_an_error_at_the_link(make_site: MakeSite) -> None:
    site = make_site(linking("Lihat [ini](tidak-ada.md) ya."))
    problem = site.problem("D240")
    assert site.exit_code == 1
    assert str(problem.where) == f"{HOST}:6:13"
    assert problem.where is not None
    assert problem.where.source == "Lihat [ini](tidak-ada.md) ya."
    assert "tidak-ada.md" in problem.message


def test_a_missing_file_of_the_same_name_elsewhere_is_suggested(make_site: MakeSite) -> None:
    files = {**linking("[ini](lain.md)"), "content/articles/2021/12/lain.md": article("Lain")}
    assert make_site(files).problem("D240").hint == "did you mean 2021/12/lain.md?"


def test_a_mistyped_file_is_suggested(make_site: MakeSite) -> None:
    files = {**linking("[ini](presidn.md)"), "content/articles/presiden.md": article("Presiden")}
    assert make_site(files).problem("D240").hint == "did you mean presiden.md?"


def test_a_link_out_of_the_content_folder_is_refused(make_site: MakeSite) -> None:
    problem = make_site(linking("[ini](../../../rahasia.md)")).problem("D240")
    assert "leaves the content folder" in problem.message
    assert str(problem.where) == f"{HOST}:6:7"


def test_the_second_of_two_equal_links_is_told_at_its_own_place(make_site: MakeSite) -> None:
    site = make_site(linking("[a](x.md) dan\n[b](x.md)"))
    assert [str(problem.where) for problem in site.problems] == [f"{HOST}:6:5", f"{HOST}:7:5"]
    assert site.codes == ["D240", "D240"]


def test_every_broken_link_of_every_file_is_told_at_once(make_site: MakeSite) -> None:
    files = {f"content/articles/a{n}.md": article(text="[x](x.md) [[y]]") for n in range(4)}
    assert make_site(files).codes == ["D240", "D241"] * 4


def test_an_unknown_slug_is_an_error_with_a_suggestion(make_site: MakeSite) -> None:
    files = {**linking("Kata [[presidn]]."), "content/articles/presiden.md": article("Presiden")}
    problem = make_site(files).problem("D241")
    assert "presidn" in problem.message
    assert problem.hint == "did you mean [[presiden]]?"
    assert str(problem.where) == f"{HOST}:6:8"


@pytest.mark.parametrize(
    ("front", "state"),
    [
        ({"status": "draft"}, "draft"),
        ({"date": "2023-01-01"}, "scheduled"),
        ({"expires": "2022-02-20"}, "expired"),
    ],
)
@pytest.mark.parametrize("link", ["[x](lain.md)", "[[lain]]"])
def test_a_link_to_what_is_not_on_the_site_now_says_why(
    make_site: MakeSite, front: dict[str, str], state: str, link: str
) -> None:
    files = {**linking(link), "content/articles/lain.md": article("Lain", **front)}
    problem = make_site(files).problem("D242")
    assert f"({state})" in problem.message
    assert "content/articles/lain.md" in problem.message
    assert str(problem.where).startswith(f"{HOST}:6:")


@pytest.mark.parametrize(
    ("path", "front"),
    [
        ("content/articles/berkas.md", {"slug": "lain"}),
        ("content/articles/2022-02-13-lain.md", {}),
        ("content/articles/lain/index.md", {}),
    ],
)
def test_a_slug_of_a_draft_is_known_as_a_draft(
    make_site: MakeSite, path: str, front: dict[str, str]
) -> None:
    files = {**linking("[[lain]]"), path: article("Lain", status="draft", **front)}
    assert make_site(files).codes == ["D242"]


@pytest.mark.parametrize("link", ["[x](lain.md#tidak)", "[[lain#tidak]]"])
def test_a_fragment_that_is_not_there_lists_the_headings(make_site: MakeSite, link: str) -> None:
    files = {**linking(link), "content/articles/lain.md": article("Lain", text="## Latar belakang")}
    problem = make_site(files).problem("D243")
    assert "'#tidak'" in problem.message
    assert "#latar-belakang" in problem.hint
    assert str(problem.where).startswith(f"{HOST}:6:")


def test_a_fragment_of_the_same_page_is_checked(make_site: MakeSite) -> None:
    site = make_site(linking("## Awal\n\n[a](#awal) [b](#akhir)"))
    assert site.codes == ["D243"]
    assert site.place("D243") == f"{HOST}:8:16"


def test_a_fragment_of_a_path_from_the_root_is_checked(make_site: MakeSite) -> None:
    files = {
        **linking("[a](/tentang/#redaksi) [b](/tentang/#salah)"),
        "content/pages/tentang.md": document("## Redaksi", title="Tentang"),
    }
    site = make_site(files)
    assert site.codes == ["D243"]
    assert site.place("D243") == f"{HOST}:6:28"


def test_a_fragment_of_a_register_entry_is_checked(make_site: MakeSite) -> None:
    files = {
        HOST: article("Tuan", text="[a](../tags/x.md#asal) [b](../tags/x.md#salah)", tags=["X"]),
        "content/tags/x.md": document("## Asal", title="X"),
    }
    assert make_site(files).codes == ["D243"]


def test_a_slug_of_two_articles_is_ambiguous_and_both_are_named(make_site: MakeSite) -> None:
    files = {
        **linking("[[sama]]"),
        "content/articles/2021/sama.md": article("Satu", "2021-05-01"),
        "content/articles/2022/sama.md": article("Dua", "2022-01-01"),
    }
    problem = make_site(files).problem("D244")
    assert "content/articles/2021/sama.md" in problem.message
    assert "content/articles/2022/sama.md" in problem.message
    assert "file" in problem.hint
    assert str(problem.where) == f"{HOST}:6:3"


def test_a_path_from_the_root_without_a_page_is_an_error(make_site: MakeSite) -> None:
    files = {**linking("[x](/tentan/)"), "content/pages/tentang.md": document(title="Tentang")}
    problem = make_site(files).problem("D245")
    assert "/tentan/" in problem.message
    assert problem.hint == "did you mean /tentang/?"
    assert str(problem.where) == f"{HOST}:6:5"


@pytest.mark.parametrize(
    "target",
    ["/", "/tag/umum/", "/tag/", "/indeks/2022/02/13/", "/terkini/", "/berkas.pdf", "/404.html"],
)
def test_a_path_from_the_root_may_lead_to_any_page_or_file(
    make_site: MakeSite, target: str
) -> None:
    files: dict[str, str] = {
        HOST: article("Tuan", text=f"[x]({target})", tags=["Umum"]),
        "static/berkas.pdf": "%PDF",
    }
    assert make_site(files).ok


@pytest.mark.parametrize("src", ["foto.svg", "../foto.svg", "/foto.svg"])
def test_a_missing_image_is_an_error_that_says_where_was_looked(
    make_site: MakeSite, src: str
) -> None:
    problem = make_site(linking(f"Kata.\n\n![Foto]({src})")).problem("D250")
    assert repr(src) in problem.message
    assert ("static/" if src.startswith("/") else "the article's folder") in problem.hint
    assert str(problem.where) == f"{HOST}:8:9"


def test_a_missing_lead_image_is_told_at_its_line_in_the_front_matter(make_site: MakeSite) -> None:
    files = {HOST: "---\ntitle: A\ndate: 2022-02-13\nimage:\n  src: foto.svg\n  alt: Foto\n---\n"}
    problem = make_site(files).problem("D250")
    assert str(problem.where) == f"{HOST}:5:8"


def test_an_image_cannot_leave_the_static_folder(make_site: MakeSite) -> None:
    files = {**linking("![Foto](/../rahasia.svg)"), "rahasia.svg": SVG}
    assert make_site(files).codes == ["D250"]


def test_image_names_are_case_sensitive_and_the_hint_says_so(make_site: MakeSite) -> None:
    files = {**linking("![Foto](foto.svg)"), "content/articles/Foto.svg": SVG}
    assert "case-sensitive" in make_site(files).problem("D250").hint


@pytest.mark.parametrize("content", ["<svg xmlns='http://www.w3.org/2000/svg'></svg>", "bukan"])
def test_an_image_without_a_size_is_one_warning_at_its_place(
    make_site: MakeSite, content: str
) -> None:
    site = make_site({**linking("![Foto](foto.svg)"), "content/articles/foto.svg": content})
    problem = site.problem("D251")
    assert site.ok
    assert problem.severity == "warning"
    assert "content/articles/foto.svg" in problem.message
    assert str(problem.where) == f"{HOST}:6:9"


def test_warnings_stop_a_strict_build(make_site: MakeSite) -> None:
    files = {**linking("![Foto](foto.svg)"), "content/articles/foto.svg": "<svg/>"}
    site = make_site(files, strict=True)
    assert not site.ok
    assert site.exit_code == 1
    assert not site.output.exists()


def test_links_of_pages_and_register_entries_are_checked_too(make_site: MakeSite) -> None:
    files = {
        "content/articles/a.md": article(tags=["X"], category="K"),
        "content/pages/p.md": document("[x](x.md)", title="P"),
        "content/tags/x.md": document("[x](x.md#y)\n\n[x](y.md)", title="X"),
        "content/categories/k.md": document("[[y]]", title="K"),
    }
    site = make_site(files)
    assert [str(problem.where) for problem in site.problems] == [
        "content/categories/k.md:4:3",
        "content/pages/p.md:4:5",
        "content/tags/x.md:4:5",
        "content/tags/x.md:6:5",
    ]


def test_a_link_of_a_register_entry_to_a_missing_page_is_an_error(make_site: MakeSite) -> None:
    links = [{"title": "Tidak ada", "url": "/tidak-ada/"}]
    files = {
        "content/articles/a.md": article(tags=["X"]),
        "content/tags/x.md": document(title="X", links=links),
    }
    site = make_site(files)
    assert site.codes == ["D245"]
    assert site.place("D245").startswith("content/tags/x.md:3:")


def test_a_link_to_a_tag_no_article_uses_says_so(make_site: MakeSite) -> None:
    """The file is there, so "no such file" would be wrong."""
    files = {**linking("[x](../tags/sepi.md)"), "content/tags/sepi.md": document(title="Sepi")}
    site = make_site(files)
    assert not site.ok
    assert "leads to no file" not in site.problems[0].message


def test_a_link_with_a_query_keeps_it(make_site: MakeSite) -> None:
    files = {
        **linking("[x](/terkini/?a=1#b) [y](lain.md?a=1)"),
        "content/articles/lain.md": article(),
    }
    site = make_site(files)
    assert 'href="/terkini/?a=1#b"' in site.body("/2022/02/13/tuan/")


def test_names_that_share_only_their_ending_are_not_suggested(make_site: MakeSite) -> None:
    files = {**linking("[x](tidak.md)"), "content/articles/a.md": article()}
    assert make_site(files).problem("D240").hint == ""


def test_a_broken_link_with_the_prefix_written_out_is_told_at_its_place(
    make_site: MakeSite,
) -> None:
    site = make_site(
        {
            HOST: article("Tuan", text="[a](/kabar/terkini/) [b](/kabar/tidak/)", source="X"),
            "digest.toml": 'title = "T"\nbase_url = "https://x.example/kabar"\n',
        }
    )
    assert site.codes == ["D245"]
    assert site.place("D245") == f"{HOST}:6:26"
