"""Settings that cannot be used: D401 to D409, at their line, with what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from sitekit import MakeSite, article, build_site, write_site

from digest.errors import Problem


def settings(text: str, make_site: MakeSite) -> tuple[Problem, ...]:
    """The problems of a site whose ``digest.toml`` is ``text``."""
    site = make_site({"digest.toml": text, "content/articles/a.md": article()})
    assert not site.ok
    assert site.exit_code == 2
    assert not site.output.exists()
    return site.problems


def only(problems: tuple[Problem, ...]) -> Problem:
    """The only problem there is."""
    assert len(problems) == 1, problems
    return problems[0]


def test_a_folder_without_settings_is_no_site(tmp_path: Path) -> None:
    site = build_site(tmp_path)
    problem = site.problem("D401")
    assert site.exit_code == 2
    assert str(tmp_path) in problem.message
    assert "digest new site" in problem.hint


def test_a_site_is_found_from_a_folder_inside_it(root: Path) -> None:
    write_site(root, {"content/articles/2022/a.md": article()})
    site = build_site(root / "content/articles/2022", output=root / "output")
    assert site.ok
    assert site.has("/2022/02/13/a/")


def test_settings_may_stand_in_pyproject(root: Path) -> None:
    write_site(root, {"content/articles/a.md": article()})
    (root / "digest.toml").unlink()
    (root / "pyproject.toml").write_text(
        '[project]\nname = "x"\n[tool.digest]\ntitle = "T"\ntheme.name = "polos"\n'
    )
    assert build_site(root).ok


def test_a_mistake_in_pyproject_is_told_at_its_line(root: Path) -> None:
    write_site(root, {})
    (root / "digest.toml").unlink()
    (root / "pyproject.toml").write_text(
        '[project]\ntitel = "x"\n\n[tool.digest]\ntitle = "T"\ntitel = "U"\n'
    )
    problem = build_site(root).problem("D403")
    assert str(problem.where) == "pyproject.toml:6:1"


def test_a_pyproject_of_another_tool_is_no_site(root: Path) -> None:
    root.mkdir()
    (root / "pyproject.toml").write_text('[tool.digestive]\nbiscuit = "plain"\n')
    assert build_site(root).codes == ["D401"]


def test_settings_that_are_no_toml_are_told_with_line_and_column(make_site: MakeSite) -> None:
    problem = only(settings('title = "T"\nlanguage = id\n', make_site))
    assert problem.code == "D402"
    assert str(problem.where) == "digest.toml:2:12"
    assert problem.where is not None
    assert problem.where.source == "language = id"


def test_settings_that_are_not_utf8_are_an_error(make_site: MakeSite) -> None:
    site = make_site({"digest.toml": b'title = "caf\xe9"\n'})
    assert site.problem("D402").where is not None
    assert site.exit_code == 2


def test_settings_with_a_byte_order_mark_are_read(make_site: MakeSite) -> None:
    text = b'\xef\xbb\xbftitle = "T"\ntheme.name = "polos"\n'
    assert make_site({"digest.toml": text, "content/articles/a.md": article()}).ok


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ('title = "T"\nbase_ur = "x"\n', "digest.toml:2:1", 'did you mean "base_url"?'),
        ('title = "T"\n[list]\npage_size = 2\n', "digest.toml:2:1", 'did you mean "lists"?'),
        (
            'title = "T"\n[lists]\nhome_top = 2\npage_sise = 2\n',
            "digest.toml:4:1",
            'did you mean "page_size"?',
        ),
        (
            'title = "T"\nlists.page_sise = 2\n',
            "digest.toml:2:1",
            'did you mean "page_size"?',
        ),
    ],
)
def test_an_unknown_key_is_told_at_its_line_with_what_was_meant(
    make_site: MakeSite, text: str, place: str, hint: str
) -> None:
    problem = only(settings(text, make_site))
    assert problem.code == "D403"
    assert str(problem.where) == place
    assert problem.hint == hint


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ('title = "T"\nrelative_urls = "ya"\n', "digest.toml:2:1", "relative_urls"),
        ('title = "T"\nbase_url = "kabar.example"\n', "digest.toml:2:1", "base_url"),
        ('title = "T"\nlanguage = "Indonesia"\n', "digest.toml:2:1", "language"),
        ('title = ""\n', "digest.toml:1:1", "title"),
        ('title = "T"\n[lists]\npage_size = 0\n', "digest.toml:3:1", "page_size"),
        ('title = "T"\n[markup]\nraw_html = "aman"\n', "digest.toml:3:1", "raw_html"),
        ('title = "T"\n[markup]\ntime_limit = 0\n', "digest.toml:3:1", "time_limit"),
        ('title = "T"\n[[menu]]\ntitle = "A"\nurl = 3\n', "digest.toml:4:1", "url"),
    ],
)
def test_a_value_that_cannot_be_is_told_at_its_line(
    make_site: MakeSite, text: str, place: str, words: str
) -> None:
    problem = only(settings(text, make_site))
    assert problem.code == "D403"
    assert str(problem.where) == place
    assert words in problem.message


def test_the_second_entry_of_a_list_of_tables_is_told_at_its_own_line(make_site: MakeSite) -> None:
    text = 'title = "T"\n[[menu]]\ntitle = "A"\nurl = "/a/"\n[[menu]]\ntitle = "B"\nurl = 3\n'
    assert str(only(settings(text, make_site)).where) == "digest.toml:7:1"


def test_a_list_over_several_lines_is_no_table(make_site: MakeSite) -> None:
    text = 'title = "T"\ntagline = [\n  ["a"],\n]\nlanguage = 3\n'
    places = {str(problem.where) for problem in settings(text, make_site)}
    assert places == {"digest.toml:2:1", "digest.toml:5:1"}


def test_every_problem_of_the_settings_is_told_at_once(make_site: MakeSite) -> None:
    text = 'titel = "T"\ntimezone = 3\n[lists]\npage_size = "x"\n'
    assert [problem.code for problem in settings(text, make_site)] == ["D403"] * 4


def test_a_missing_title_is_told_with_the_file(make_site: MakeSite) -> None:
    problem = only(settings('language = "id"\n', make_site))
    assert "title" in problem.message
    assert problem.where is not None
    assert problem.where.path == "digest.toml"


@pytest.mark.parametrize(
    ("field", "pattern", "words"),
    [
        ("article", "/{year}/{slug}/", "{year} is not known"),
        ("article", "/{date:%Y}/", "must contain {slug}"),
        ("article", "/{date:%B}/{slug}/", "numeric form"),
        ("article", "/{date}/{slug}/", "numeric form"),
        ("article", "{slug}/", "must begin with /"),
        ("article", "/{slug}", "end with / or .html"),
        ("article", "/{slug/", "brace"),
        ("article", "/../{slug}/", "plain path"),
        ("article", "/a b/{slug}/", "plain path"),
        ("article", "/a?b/{slug}/", "plain path"),
        ("page", "/{category}/{slug}/", "{category} is not known"),
        ("tag", "/tag/", "must contain {slug}"),
        ("archive", "/indeks.html", "must end with /"),
        ("numbered", "/hal/{number}/", "must not begin with a slash"),
        ("numbered", "hal/", "must contain {number}"),
        ("tags", "/tag/{slug}/", "{slug} is not known"),
    ],
)
def test_a_permalink_that_cannot_work_is_told_at_its_line(
    make_site: MakeSite, field: str, pattern: str, words: str
) -> None:
    text = f'title = "T"\n[permalinks]\n{field} = "{pattern}"\n'
    problem = only(settings(text, make_site))
    assert problem.code == "D404"
    assert problem.message.startswith(f"permalinks.{field}: ")
    assert words in problem.message
    assert str(problem.where) == "digest.toml:3:1"


def test_a_numbered_pattern_cannot_climb_out_of_its_list(make_site: MakeSite) -> None:
    problem = only(settings('title = "T"\npermalinks.numbered = "../{number}/"\n', make_site))
    assert problem.code == "D404"


@pytest.mark.parametrize("zone", ["Asia/Jakart", "WIB", "../etc/passwd", "Asia"])
def test_an_unknown_time_zone_is_told_at_its_line(make_site: MakeSite, zone: str) -> None:
    problem = only(settings(f'title = "T"\ntimezone = "{zone}"\n', make_site))
    assert problem.code == "D405"
    assert repr(zone) in problem.message
    assert "Asia/Jakarta" in problem.hint
    assert str(problem.where) == "digest.toml:2:1"


@pytest.mark.parametrize(
    ("field", "folder"),
    [
        ("content", ".."),
        ("content", "../lain"),
        ("static", "/etc"),
        ("content", "."),
        ("static", "a/../.."),
    ],
)
def test_a_folder_outside_the_site_is_told_at_its_line(
    make_site: MakeSite, field: str, folder: str
) -> None:
    problem = only(settings(f'title = "T"\n{field} = "{folder}"\n', make_site))
    assert problem.code == "D406"
    assert str(problem.where) == "digest.toml:2:1"


def test_a_language_without_a_file_is_told_at_its_line(make_site: MakeSite) -> None:
    problem = only(settings('title = "T"\nlanguage = "fr"\n', make_site))
    assert problem.code == "D407"
    assert "'fr'" in problem.message
    assert "locales/fr.toml" in problem.hint
    assert str(problem.where) == "digest.toml:2:1"


def test_a_language_that_cldr_does_not_know_is_wrong_settings(make_site: MakeSite) -> None:
    site = make_site(
        {"content/articles/a.md": article(), "locales/qq.toml": 'name = "Q"\n'},
        settings='language = "qq"\n',
    )
    assert site.codes == ["D407"]
    assert site.exit_code == 2


@pytest.mark.parametrize(
    "text",
    ["name = \n", 'name = "X"\nui = 3\n', 'name = "X"\nwarna = "merah"\n', '[ui]\nhome = ["a"]\n'],
)
def test_a_bad_locale_file_is_named(make_site: MakeSite, text: str) -> None:
    files = {"content/articles/a.md": article(), "locales/id.toml": text}
    site = make_site(files)
    problem = site.problem("D408")
    assert problem.where is not None
    assert problem.where.path == "locales/id.toml"
    assert site.exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        '[typography]\nquotes = ["a", "b"]\n',
        "[read_also]\nmarkers = []\nmarker = []\n",
        '[dates]\nfulll = "d"\n',
        '[ui]\npage_n = "Halaman {nomor}"\n',
        '[ui.articles]\nsatu = "{count}"\n',
    ],
)
def test_a_locale_file_whose_values_cannot_work_is_named(make_site: MakeSite, text: str) -> None:
    """Never an internal error, and never in silence."""
    site = make_site({"content/articles/a.md": article(), "locales/id.toml": text})
    assert site.codes == ["D408"]


def test_a_menu_entry_that_leads_nowhere_is_told_at_its_line(make_site: MakeSite) -> None:
    site = make_site(
        {"content/articles/a.md": article()},
        settings='[[menu]]\ntitle = "Tentang"\nurl = "/tentang/"\n',
    )
    problem = site.problem("D409")
    assert not site.ok
    assert "/tentang/" in problem.message
    assert str(problem.where) == "digest.toml:7:1"


@pytest.mark.parametrize("url", ["tentang/", "./", "javascript:alert(1)", "//evil.example/"])
def test_a_menu_entry_is_a_path_from_the_root_or_a_web_address(
    make_site: MakeSite, url: str
) -> None:
    """``tentang/`` would lead somewhere else from every folder."""
    site = make_site(
        {"content/articles/a.md": article()}, settings=f'[[menu]]\ntitle = "X"\nurl = "{url}"\n'
    )
    assert not site.ok


@pytest.mark.parametrize("url", ["/", "/indeks/", "/tag/x/#a", "https://lain.example/"])
def test_a_menu_entry_may_lead_to_any_page_or_another_site(make_site: MakeSite, url: str) -> None:
    site = make_site(
        {"content/articles/a.md": article(tags=["X"])},
        settings=f'[[menu]]\ntitle = "X"\nurl = "{url}"\n',
    )
    assert site.fields("/2022/02/13/a/")["site.menu[0].url"] == url
