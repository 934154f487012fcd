"""A theme that is broken: D501 to D514 (FAULTS 29 to 33), with the template's place."""

from __future__ import annotations

from pathlib import Path

import pytest
from sitekit import Build, MakeSite, article, many

ARTICLE = {"content/articles/a.md": article("Judul")}

pytestmark = pytest.mark.usefixtures("either_way")


def overriding(make_site: MakeSite, template: str, name: str = "article.html") -> Build:
    """A site whose own ``overrides/`` hold one template."""
    site = make_site({**ARTICLE, f"overrides/templates/{name}": template})
    assert not site.ok
    assert not site.output.exists()
    return site


def test_an_unknown_theme_is_told_with_what_was_meant(make_site: MakeSite) -> None:
    site = make_site({**ARTICLE, "digest.toml": 'title = "T"\n[theme]\nname = "pols"\n'})
    problem = site.problem("D501")
    assert site.exit_code == 2
    assert problem.hint == "did you mean 'polos'?"
    assert str(problem.where) == "digest.toml:3:1"


@pytest.mark.parametrize("name", ["../polos", "/tmp", "polos/..", "."])
def test_a_theme_is_a_name_and_no_path(make_site: MakeSite, name: str) -> None:
    site = make_site({**ARTICLE, "digest.toml": f'title = "T"\n[theme]\nname = "{name}"\n'})
    assert site.codes == ["D501"]


@pytest.mark.parametrize(
    "text",
    [
        "name =",
        "title = 'x'",
        'name = "b"\n[options.x]\ntype = "colour"\ndefault = 1',
        'name = "b"\nparent = "b"',
        'name = "b"\nwarna = 1',
    ],
)
def test_a_bad_theme_toml_is_named(make_site: MakeSite, text: str) -> None:
    site = make_site(
        {
            **ARTICLE,
            "themes/b/theme.toml": text,
            "digest.toml": 'title = "T"\ntheme.name = "b"\n',
        }
    )
    problem = site.problem("D502")
    assert site.exit_code == 2
    assert problem.where is not None
    assert problem.where.path == "themes/b/theme.toml"


@pytest.mark.parametrize(
    ("kind", "default"),
    [("color", '"merah"'), ("boolean", '"ya"'), ("integer", "true"), ("choice", '"c"')],
)
def test_an_option_whose_default_is_not_of_its_type_is_a_bad_theme(
    make_site: MakeSite, kind: str, default: str
) -> None:
    text = f'name = "b"\nparent = "polos"\n[options.x]\ntype = "{kind}"\ndefault = {default}\n'
    text += 'choices = ["a", "b"]\n' if kind == "choice" else ""
    files = {
        **ARTICLE,
        "themes/b/theme.toml": text,
        "digest.toml": 'title = "T"\ntheme.name = "b"\n',
    }
    assert make_site(files).codes == ["D502"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('accent = "merah"', "expected a colour such as #b3261e"),
        ("accent = 3", "expected a colour"),
        ('wide = "ya"', "expected true or false"),
        ("columns = true", "expected a whole number"),
        ('columns = "2"', "expected a whole number"),
        ('font = "mono"', "expected one of serif, sans"),
        ("font = []", "expected one of serif, sans"),
        ("note = 3", "expected text"),
    ],
)
def test_a_theme_option_of_a_wrong_type_is_told_at_its_line(
    make_site: MakeSite, line: str, words: str
) -> None:
    site = make_site(ARTICLE, settings=f"[theme.options]\n{line}\n")
    problem = site.problem("D503")
    assert site.exit_code == 2
    assert words in problem.message
    assert problem.message.startswith(f"theme.options.{line.split()[0]}: ")
    assert str(problem.where) == "digest.toml:5:1"


def test_an_unknown_theme_option_is_told_with_what_was_meant(make_site: MakeSite) -> None:
    problem = make_site(ARTICLE, settings="[theme.options]\ncolums = 3\n").problem("D503")
    assert problem.hint == "did you mean 'columns'?"
    assert str(problem.where) == "digest.toml:5:1"


def test_all_wrong_options_are_told_at_once(make_site: MakeSite) -> None:
    site = make_site(ARTICLE, settings='[theme.options]\nwide = 1\ncolums = 3\nfont = "x"\n')
    assert site.codes == ["D503"] * 3


@pytest.mark.parametrize("css", ["a { color: {{ theme.aksen }} }", "a\n{% if %}"])
def test_an_asset_template_that_fails_is_named(make_site: MakeSite, css: str) -> None:
    site = make_site({**ARTICLE, "overrides/static/css/warna.css.j2": css})
    problem = site.problem("D504")
    assert site.exit_code == 2
    assert problem.where is not None
    assert problem.where.path == "overrides/static/css/warna.css.j2"


def test_a_template_syntax_error_has_its_line(make_site: MakeSite) -> None:
    site = overriding(make_site, "<p>\n{% if page.title %}\n<b>{{ page.title </b>\n")
    problem = site.problem("D510")
    assert str(problem.where) == "overrides/templates/article.html:3:1"
    assert problem.where is not None
    assert problem.where.source == "<b>{{ page.title </b>"
    assert "content/articles/a.md" in problem.message


def test_a_syntax_error_in_an_included_template_is_told_there(make_site: MakeSite) -> None:
    site = make_site(
        {
            **ARTICLE,
            "overrides/templates/article.html": '{% include "bagian.html" %}',
            "overrides/templates/bagian.html": "\n\n{% endif %}",
        }
    )
    assert site.place("D510") == "overrides/templates/bagian.html:3:1"


def test_a_missing_template_lists_where_was_looked(make_site: MakeSite) -> None:
    site = overriding(make_site, '\n{% extends "bas.html" %}')
    problem = site.problem("D511")
    assert "bas.html" in problem.message
    assert "site/templates, polos/templates" in problem.message
    assert problem.hint == "did you mean 'base.html'?"
    assert str(problem.where) == "overrides/templates/article.html:2:1"


def test_a_theme_without_a_needed_template_is_told(make_site: MakeSite, root: Path) -> None:
    make_site(ARTICLE)
    (root / "themes/polos/templates/tags.html").unlink()
    site = make_site({"content/articles/b.md": article("B", tags=["X"])})
    assert "tags.html" in site.problem("D511").message


def test_a_template_cannot_read_files_outside_the_theme(make_site: MakeSite) -> None:
    site = overriding(make_site, '{% include "../../digest.toml" %}')
    assert site.codes == ["D511"]


def test_an_undefined_name_has_its_line_and_the_page(make_site: MakeSite) -> None:
    site = overriding(make_site, "<p>\n{{ page.titel }}</p>")
    problem = site.problem("D512")
    assert str(problem.where) == "overrides/templates/article.html:2:1"
    assert "titel" in problem.message
    assert "content/articles/a.md" in problem.message
    assert "docs/theming.md" in problem.hint


def test_an_undefined_name_in_a_parent_template_is_told_there(make_site: MakeSite) -> None:
    site = make_site(
        {
            **ARTICLE,
            "overrides/templates/article.html": '{% extends "dasar.html" %}',
            "overrides/templates/dasar.html": "a\nb\n{{ tidak_ada }}",
        }
    )
    assert site.place("D512") == "overrides/templates/dasar.html:3:1"


def test_an_error_of_one_template_is_told_for_few_pages_only(make_site: MakeSite) -> None:
    """Two hundred articles with one mistake in their template are not two hundred problems."""
    site = make_site({**many(30), "overrides/templates/article.html": "{{ page.titel }}"})
    assert 0 < len(site.problems) <= 10


@pytest.mark.parametrize("word", ["include", "extends"])
def test_templates_in_a_circle_are_told_with_the_circle(make_site: MakeSite, word: str) -> None:
    site = make_site(
        {
            **ARTICLE,
            "overrides/templates/article.html": f'{{% {word} "lingkar.html" %}}',
            "overrides/templates/lingkar.html": f'{{% {word} "article.html" %}}',
        }
    )
    problem = site.problem("D513")
    assert "article.html" in problem.message
    assert "lingkar.html" in problem.message
    assert "→" in problem.message
    assert problem.where is not None
    assert problem.where.path.startswith("overrides/templates/")


def test_an_endless_macro_is_told_with_its_template(make_site: MakeSite) -> None:
    site = overriding(make_site, "{% macro m() %}{{ m() }}{% endmacro %}\n{{ m() }}")
    problem = site.problem("D513")
    assert "article.html" in problem.message
    assert problem.where is not None
    assert problem.where.path == "overrides/templates/article.html"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("\n{{ 1 / 0 }}", "division by zero"),
        ("\n{{ t('hom') }}", "did you mean 'home'?"),
        ("\n{{ asset('polo.css') }}", "did you mean 'polos.css'?"),
        ("\n{{ page.title.tidak() }}", "tidak"),
        ("\n{{ page.title + 1 }}", "str"),
    ],
)
def test_whatever_a_template_raises_has_its_line_and_the_page(
    make_site: MakeSite, template: str, words: str
) -> None:
    site = overriding(make_site, template)
    assert len(site.problems) == 1
    problem = site.problems[0]
    assert problem.code in {"D512", "D514"}
    assert words in problem.message
    assert "content/articles/a.md" in problem.message
    assert str(problem.where) == "overrides/templates/article.html:2:1"


def test_a_template_that_is_not_utf8_is_a_problem(make_site: MakeSite) -> None:
    site = make_site({**ARTICLE, "overrides/templates/article.html": b"caf\xe9"})
    assert len(site.problems) == 1
    assert "article.html" in str(site.problems[0])


def test_a_page_of_the_theme_folder_is_named_as_it_stands_in_the_site(
    make_site: MakeSite, root: Path
) -> None:
    make_site(ARTICLE)
    (root / "themes/polos/templates/home.html").write_text("\n{{ page.leed }}")
    assert make_site({}).place("D512") == "themes/polos/templates/home.html:2:1"
