"""Themes on disk: layers, options, fingerprints, what may be loaded by which name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2
import pytest
from sitekit import write_site

from digest.errors import ConfigError
from digest.templates import environment
from digest.theme import available, load, shipped_folder

PARENT = {
    "themes/induk/theme.toml": 'name = "induk"\n[options.a]\ntype = "integer"\ndefault = 1\n'
    '[options.b]\ntype = "text"\ndefault = "x"\n',
    "themes/induk/templates/a.html": "induk a",
    "themes/induk/templates/b.html": "induk b",
    "themes/induk/static/x.txt": "induk",
    "themes/induk/static/y.txt": "induk",
}
CHILD = {
    "themes/anak/theme.toml": 'name = "anak"\nparent = "induk"\n'
    '[options.a]\ntype = "integer"\ndefault = 2\n',
    "themes/anak/templates/a.html": "anak a",
    "themes/anak/static/x.txt": "anak",
}


def theme(root: Path, files: dict[str, str] | None = None, **values: Any) -> Any:
    write_site(root, {**PARENT, **CHILD, **(files or {})}, theme=False)
    return load(root, "anak", values)


def codes(root: Path, files: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        theme(root, files)
    return [problem.code for problem in caught.value.problems]


def test_layers_go_from_the_site_to_the_oldest_parent(root: Path) -> None:
    assert [layer.name for layer in theme(root).layers] == ["anak", "induk"]
    made = theme(root, {"overrides/templates/c.html": ""})
    assert [layer.name for layer in made.layers] == ["site", "anak", "induk"]


def test_the_upper_layer_declares_an_option(root: Path) -> None:
    assert theme(root).options == {"a": 2, "b": "x"}
    assert theme(root, a=5).options == {"a": 5, "b": "x"}


def test_the_uppermost_template_is_loaded_and_a_layers_own_by_name(root: Path) -> None:
    env = environment(theme(root, {"overrides/templates/a.html": "situs a"}).layers)
    rendered = {name: env.get_template(name).render() for name in ("a.html", "b.html")}
    assert rendered == {"a.html": "situs a", "b.html": "induk b"}
    assert env.get_template("anak:a.html").render() == "anak a"
    assert env.get_template("induk:a.html").render() == "induk a"


@pytest.mark.parametrize(
    "name",
    [
        "../theme.toml",
        "a/../../theme.toml",
        "anak:../theme.toml",
        "/etc/hostname",
        "x:a.html",
        "anak:",
    ],
)
def test_nothing_outside_of_templates_is_loaded(root: Path, name: str) -> None:
    with pytest.raises(jinja2.TemplateNotFound):
        environment(theme(root).layers).get_template(name)


def test_a_template_that_is_a_link_out_of_the_theme_is_not_loaded(
    root: Path, tmp_path: Path
) -> None:
    (tmp_path / "rahasia.html").write_text("kata sandi")
    made = theme(root, {"overrides/templates/a.html": ""})
    (root / "overrides/templates/z.html").symlink_to(tmp_path / "rahasia.html")
    with pytest.raises((jinja2.TemplateNotFound, ConfigError)):
        environment(made.layers).get_template("z.html")


def test_text_is_escaped_and_undefined_names_are_errors(root: Path) -> None:
    env = environment(theme(root).layers)
    assert env.from_string("{{ x }}").render(x="<&\"'>") == "&lt;&amp;&#34;&#39;&gt;"
    with pytest.raises(jinja2.UndefinedError):
        env.from_string("{{ y }}").render()


def test_names_of_assets_follow_their_content(root: Path) -> None:
    first = theme(root).assets
    assert first["x.txt"].data == b"anak"
    assert first["y.txt"].data == b"induk"
    assert re.fullmatch(r"x\.[0-9a-f]{10}\.txt", first["x.txt"].url)
    second = theme(root, {"themes/anak/static/x.txt": "lain"}).assets
    assert second["x.txt"].url != first["x.txt"].url
    assert second["y.txt"].url == first["y.txt"].url


def test_a_style_sheets_name_follows_the_files_it_names(root: Path) -> None:
    css = {"themes/anak/static/css/a.css": "a { background: url(../x.txt) }"}
    first = theme(root, css).assets
    second = theme(root, {"themes/anak/static/x.txt": "lain"}).assets
    assert first["x.txt"].url.encode() in first["css/a.css"].data
    assert second["x.txt"].url.encode() in second["css/a.css"].data
    assert first["css/a.css"].url != second["css/a.css"].url


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;base64,AA",
        "https://x.example/a.png",
        "/mutlak.png",
        "#pola",
        "tidak-ada.png",
    ],
)
def test_other_addresses_in_style_sheets_are_left_alone(root: Path, url: str) -> None:
    css = f"a {{ background: url({url}) }}"
    made = theme(root, {"themes/anak/static/a.css": css})
    assert made.assets["a.css"].data.decode() == css


@pytest.mark.parametrize(
    "written", ["x.txt", "'x.txt'", '"x.txt"', " x.txt ", "./x.txt", "css/../x.txt"]
)
def test_addresses_in_style_sheets_may_be_written_in_any_way(root: Path, written: str) -> None:
    made = theme(root, {"themes/anak/static/a.css": f"a {{ background: url({written}) }}"})
    pattern = rf"""url\(\s*["']?{re.escape(made.assets["x.txt"].url)}["']?\s*\)"""
    assert re.search(pattern, made.assets["a.css"].data.decode())


def test_hidden_files_are_no_assets(root: Path) -> None:
    made = theme(root, {"themes/anak/static/.DS_Store": "x", "themes/anak/static/.a/b.txt": "x"})
    assert sorted(made.assets) == ["x.txt", "y.txt"]


def test_a_style_sheet_that_is_not_utf8_is_a_problem(root: Path) -> None:
    theme(root)
    (root / "themes/anak/static/a.css").write_bytes(b"/* caf\xe9 */")
    with pytest.raises(ConfigError):
        load(root, "anak", {})


@pytest.mark.parametrize("parent", ["tidak-ada", "anak", "../induk"])
def test_a_parent_that_cannot_be_is_a_problem(root: Path, parent: str) -> None:
    found = codes(root, {"themes/anak/theme.toml": f'name = "anak"\nparent = "{parent}"\n'})
    assert found == (["D502"] if parent == "anak" else ["D501"])


def test_a_circle_of_parents_is_told(root: Path) -> None:
    assert codes(root, {"themes/induk/theme.toml": 'name = "induk"\nparent = "anak"\n'}) == ["D502"]


def test_the_shipped_theme_is_there_and_loads(root: Path) -> None:
    root.mkdir()
    assert (shipped_folder() / "harian/theme.toml").is_file()
    assert "harian" in available(root)
    made = load(root, "harian", {})
    env = environment(made.layers)
    for name in ("home", "article", "page", "list", "archive", "tags", "404", "redirect"):
        env.get_template(f"{name}.html")
