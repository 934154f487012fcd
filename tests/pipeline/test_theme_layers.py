"""Themes: shadowing, parents, options, assets, and strings in every language."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import pytest
from sitekit import REPOSITORY, MakeSite, article, write_site

from digest.locale import shipped_languages

AT = "/2022/02/13/a/"
ARTICLE = {"content/articles/a.md": article("Judul", lang="en")}
CHILD = {
    "themes/anak/theme.toml": 'name = "anak"\nparent = "polos"\n'
    '[options.ramai]\ntype = "boolean"\ndefault = true\n',
    "digest.toml": 'title = "T"\ntheme.name = "anak"\n',
}


def test_a_site_shadows_one_template(make_site: MakeSite) -> None:
    site = make_site({**ARTICLE, "overrides/templates/404.html": "<p>hilang</p>"})
    assert site.read("/404.html") == "<p>hilang</p>"
    assert "Judul" in site.read(AT)


def test_a_site_shadows_one_asset(make_site: MakeSite) -> None:
    plain = make_site(ARTICLE)
    (old,) = [path for path in plain.files() if path.endswith(".css")]
    site = make_site({"overrides/static/polos.css": "p { color: red }"})
    (new,) = [path for path in site.files() if path.endswith(".css")]
    assert site.read(new) == "p { color: red }"
    assert new != old, "the fingerprint follows the content"
    assert f"/{new}" in site.read(AT)


def test_an_overriding_template_can_extend_the_one_it_shadows(make_site: MakeSite) -> None:
    override = (
        '{% extends "polos:article.html" %}{% block main %}<b>atas</b>{{ super() }}{% endblock %}'
    )
    site = make_site({**ARTICLE, "overrides/templates/article.html": override})
    assert "<b>atas</b>" in site.read(AT)
    assert site.fields(AT)["page.title"] == "Judul"


def test_a_theme_takes_what_it_lacks_from_its_parent(make_site: MakeSite) -> None:
    site = make_site({**ARTICLE, **CHILD, "themes/anak/templates/404.html": "{{ theme.ramai }}"})
    assert site.read("/404.html") == "True"
    assert site.fields(AT)["page.title"] == "Judul"


def test_the_site_shadows_the_theme_and_the_theme_its_parent(make_site: MakeSite) -> None:
    site = make_site(
        {
            **ARTICLE,
            **CHILD,
            "themes/anak/templates/404.html": "anak",
            "themes/anak/templates/home.html": "anak",
            "overrides/templates/404.html": "situs",
        }
    )
    assert site.read("/404.html") == "situs"
    assert site.read("/") == "anak"


def test_options_of_the_parent_are_options_of_the_theme(make_site: MakeSite) -> None:
    files = {**ARTICLE, **CHILD}
    files["digest.toml"] += '[theme.options]\naccent = "#abc"\nramai = false\n'
    assert "#abc False 2 serif" in make_site(files).read(AT)


def test_options_reach_templates_with_their_type(make_site: MakeSite) -> None:
    site = make_site(
        {**ARTICLE, "overrides/templates/404.html": "{{ theme.columns + 1 }} {{ not theme.wide }}"},
        settings="[theme.options]\ncolumns = 4\nwide = true\n",
    )
    assert site.read("/404.html") == "5 False"


def test_asset_templates_see_the_options(make_site: MakeSite) -> None:
    site = make_site(
        {**ARTICLE, "overrides/static/w.css.j2": "a { color: {{ theme.accent }} }\n"},
        settings='[theme.options]\naccent = "#00ff00"\n',
    )
    (name,) = [path for path in site.files() if "/w." in path]
    assert site.read(name) == "a { color: #00ff00 }\n"
    assert name.endswith(".css")


def test_a_site_may_bring_a_shipped_themes_twin(make_site: MakeSite, root: Path) -> None:
    """A theme in the site's own ``themes/`` wins over a shipped one of that name."""
    write_site(root, {})
    (root / "themes/polos").rename(root / "themes/harian")
    site = make_site({**ARTICLE, "digest.toml": 'title = "T"\n'})
    assert site.fields(AT)["page.title"] == "Judul"


def test_text_is_escaped_wherever_it_stands(make_site: MakeSite) -> None:
    evil = "<script>alert(1)</script>\"'&"
    front: dict[str, Any] = {
        "summary": evil,
        "authors": [evil],
        "dateline": evil,
        "extra": {"x": evil},
        "tags": [evil],
    }
    site = make_site(
        {"content/articles/a.md": article(evil, text="Kata.\n\nBaca Juga\n\nKata.", **front)},
        settings="",
    )
    for path in site.files():
        if path.endswith(".html"):
            assert "<script>alert" not in site.read(path), path


def test_only_blocks_of_the_body_are_markup(make_site: MakeSite) -> None:
    site = make_site({"content/articles/a.md": article(text="**tebal**")})
    assert "<strong>tebal</strong>" in site.body(AT)


# languages


def test_a_site_in_english(make_site: MakeSite) -> None:
    site = make_site(ARTICLE, settings='language = "en"\n')
    fields = site.fields(AT)
    assert fields["site.language"] == "en"
    assert fields["page.date.full"] == "Sunday, 13 February 2022"
    assert fields["page.date.time"] == "09:15 WIB"
    assert "<p>Home, 1,234 articles, 12,345</p>" in site.read(AT)


def test_a_third_language_is_one_file(make_site: MakeSite) -> None:
    site = make_site(
        {
            **ARTICLE,
            "locales/jv.toml": 'name = "Basa Jawa"\n[ui]\nhome = "Ngarep"\n'
            '[read_also]\nmarkers = ["Waca Uga"]\n[dates]\nfull = "EEEE, d MMMM y"\n',
            "content/articles/b.md": article("B", text="A.\n\nWaca Uga\n\nB.", related=["c"]),
            "content/articles/c.md": article("C"),
        },
        settings='language = "jv"\n',
    )
    fields = site.fields(AT)
    assert "<p>Ngarep, 1" in site.read(AT), "strings it lacks come from English"
    assert fields["page.date.full"] == "Ahad, 13 Februari 2022"
    assert site.html("/2022/02/13/b/").xpath("//aside")


def test_a_site_changes_single_strings_of_a_shipped_language(make_site: MakeSite) -> None:
    site = make_site(
        {
            **ARTICLE,
            "locales/id.toml": '[ui]\nhome = "Muka"\n[ui.articles]\nother = "{count} kabar"\n',
        }
    )
    assert "<p>Muka, 1.234 kabar," in site.read(AT)
    assert site.fields("/indeks/")["page.title"] == "Indeks"


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("pt-BR", "ltr")])
def test_a_languages_direction_and_region_reach_the_page(
    make_site: MakeSite, language: str, direction: str
) -> None:
    text = f'name = "X"\ndirection = "{direction}"\n'
    site = make_site(
        {**ARTICLE, f"locales/{language}.toml": text}, settings=f'language = "{language}"\n'
    )
    fields = site.fields(AT)
    assert (fields["site.language"], fields["site.direction"]) == (language, direction)


def test_a_region_takes_the_file_of_its_language(make_site: MakeSite) -> None:
    fields = make_site(ARTICLE, settings='language = "en-GB"\n').fields(AT)
    assert fields["page.date.full"] == "Sunday, 13 February 2022"
    assert fields["page.head.og_locale"] == "en_GB"


def catalog(language: str) -> dict[str, object]:
    text = resources("digest").joinpath("locales", f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


def keys_in_themes() -> set[str]:
    """Every key that a shipped template or the pipeline asks ``t`` for by name."""
    found: set[str] = set()
    for path in [
        *REPOSITORY.glob("themes/*/templates/**/*.html"),
        *REPOSITORY.glob("digest/**/*.py"),
    ]:
        found |= set(re.findall(r"""\bt\(\s*["']([a-z_]+)["']""", path.read_text("utf-8")))
    return {key for key in found if not key.endswith("_")}  # "kind_" ~ page.kind: built from parts


@pytest.mark.parametrize("language", shipped_languages())
def test_every_string_that_is_asked_for_is_in_every_language(language: str) -> None:
    ui = catalog(language)["ui"]
    assert isinstance(ui, dict)
    assert len(keys_in_themes()) > 30
    assert sorted(keys_in_themes() - set(ui)) == []


def test_all_languages_have_the_same_strings_with_the_same_places() -> None:
    def places(value: object) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", str(value)))

    catalogs = {language: catalog(language)["ui"] for language in shipped_languages()}
    first, *others = catalogs.values()
    assert isinstance(first, dict)
    for other in others:
        assert isinstance(other, dict)
        assert sorted(other) == sorted(first)
        for key, value in first.items():
            assert places(other[key]) - {"count"} == places(value) - {"count"}, key


def test_no_string_is_there_for_nothing() -> None:
    """A key counts as used when any template or module names it, built from parts or whole."""
    ui = catalog("id")["ui"]
    assert isinstance(ui, dict)
    sources = [*REPOSITORY.glob("themes/**/*.html"), *REPOSITORY.glob("digest/**/*.py")]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    built = ("label_", "correction_", "kind_")
    unused = [key for key in ui if not re.search(rf"\b{key}\b", text) and not key.startswith(built)]
    assert unused == []


def test_the_views_a_theme_may_use_are_documented() -> None:
    from digest import views

    text = (REPOSITORY / "docs/theming.md").read_text("utf-8")
    names = [n for n, v in vars(views).items() if isinstance(v, type) and issubclass(v, views.View)]
    assert len(names) > 15
    missing = [name for name in names if name not in {"View"} and name not in text]
    assert missing == []
    fields = {f for n in names for f in getattr(getattr(views, n), "__struct_fields__", ())}
    assert sorted(field for field in fields if not re.search(rf"\b{field}\b", text)) == []
