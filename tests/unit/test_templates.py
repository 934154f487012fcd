"""One function a page: it prints what Jinja prints, or there is none."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import UndefinedError

from digest.templates import Compiled, Environment, environment
from digest.templates.pages import Pages, Print
from digest.theme import Layer, shipped_folder
from digest.views import Html, Link

BASE = "<{% block kind %}base{% endblock %}>{% block main %}{% endblock %}."
VALUES: dict[str, Any] = {
    "page": SimpleNamespace(
        title="A & <B>",
        items=(Link(title="satu", url="/1"), Link(title='"dua"', url="/2?a&b")),
        extra={"kunci": "<k>", "dalam": {"x": 1}},
        body=Html(html="<p>isi</p>"),
        none=None,
        number=3,
    ),
    "site": SimpleNamespace(title="Situs"),
    "theme": SimpleNamespace(on=True),
    "t": lambda key, **values: f"<{key}>" + "".join(f" {k}={v}" for k, v in values.items()),
    "number": str,
    "asset": lambda name: f"/a/{name}?x&y",
    "partial": lambda name, **values: Html(html=f"<i>{name} {sorted(values)}</i>"),
}

Files = dict[str, str]

FLAT: dict[str, Files] = {
    "texts are escaped once, markup is not": {"a": "{{ page.title }} {{ page.body }} {{ 3 }}"},
    "UI strings": {
        "a": "{{ t('x') }} {{ t('x') ~ '&' }} {{ t('n', count=2) }} {{ t(page.title) }}"
    },
    "assets and partials": {"a": "{{ asset('x.css') }}{{ partial('p.html', card=1) }}"},
    "keywords as arguments": {"a": "{{ t('x', **{'class': 1}) }}{{ t(*['y']) }}"},
    "a block": {"a": "{% extends 'b' %}{% block main %}{{ page.title }}{% endblock %}", "b": BASE},
    "text before extends": {"a": "vor\n{% extends 'b' %} nach {{ none() }}", "b": BASE},
    "three levels and super": {
        "a": "{% extends 'm' %}{% block main %}a{{ super() }}{{ page.title }}{% endblock %}",
        "m": "{% extends 'b' %}{% block main %}m{{ super() }}m{% endblock %}",
        "b": "{% block main %}b{% block inner %}i{% endblock %}{% endblock %}",
    },
    "a block in a block": {
        "a": "{% extends 'b' %}{% block inner %}[{{ super() }}]{% endblock %}",
        "b": "{% block main %}{% block inner %}i{% endblock %}{% endblock %}",
    },
    "a parent's own by layer": {
        "a": "{% extends 'w:b' %}{% block kind %}k{% endblock %}",
        "b": BASE,
    },
    "includes see loops and with": {
        "a": "{% for link in page.items %}{% with n = link.url %}{% include 'i' %}{% endwith %}"
        "{% else %}{% include 'j' %}{% endfor %}",
        "i": "{{ link.title }} {{ n }}\n",
        "j": "none",
    },
    "what an include sets stays in it": {
        "a": "{% include 'i' %}{% set x = 1 %}{{ x }}{% include 'i' %}",
        "i": "{% set y = page.title %}{{ y }}{% set y = 2 %}{{ y }}",
    },
    "an include sees what is set before it": {
        "a": "{% set x = 1 %}{% include 'i' %}",
        "i": "{{ x }}",
    },
    "a scoped block sees what is set around it": {
        "a": "{% extends 'b' %}{% block s %}{{ x }}{{ page.title }}{% endblock %}",
        "b": "{% block main %}{% set x = 1 %}{% block s scoped %}{% endblock %}{% endblock %}",
    },
    "includes in includes": {"a": "{% include 'i' %}", "i": "1{% include 'j' %}3", "j": "2"},
    "loops": {
        "a": "{% for a in page.items if a.url != '/1' %}{{ loop.index }}{{ a.title }}{% endfor %}"
        "{% for a in page.items %}{% for b in page.items %}{{ loop.index }}{% endfor %}{% endfor %}"
        "{% for a in [] %}x{% else %}leer{% endfor %}"
    },
    "set in a loop and in if": {
        "a": "{% set n = 0 %}{% for a in page.items %}{% set n = n + 1 %}{{ n }}{% endfor %}{{ n }}"
        "{% if theme.on %}{% set m = 5 %}{% endif %}{{ m }}"
    },
    "namespaces": {
        "a": "{% set ns = namespace(n=0) %}{% for a in page.items %}{% set ns.n = ns.n + 1 %}"
        "{% endfor %}{{ ns.n }}"
    },
    "macros": {
        "a": "{% macro m(a, b='&') %}{{ a }}{{ b }}{{ page.title }}{% endmacro %}"
        "{% macro c(x) %}{{ x }}{{ caller() }}{% endmacro %}{{ m('<') }}"
        "{% call c(1) %}call {{ page.title }}{% endcall %}"
    },
    "imports": {
        "a": "{% import 'm' as m %}{% from 'm' import f as g with context %}{{ m.f(1) }}{{ g(2) }}",
        "m": "{% macro f(x) %}<b>{{ x }}</b>{% endmacro %}",
    },
    "filters and captured text": {
        "a": "{% filter upper %}a{{ page.title }}{% endfilter %}"
        "{% set x %}<{{ page.title }}>{% endset %}{{ x }}"
        "{{ page.title | upper | replace('A', 'B') }}"
        "{{ page.items | map(attribute='url') | join(', ') }}"
    },
    "what may be missing": {
        "a": "{{ page.gone is defined }}{{ page.gone | default('d') }}{{ gone | default('e') }}"
        "{{ gone is defined }}{{ page.extra.kunci }}{{ page.extra.dalam.x }}"
        "{{ page.extra.gone is defined }}{{ page.extra['kunci'] }}"
    },
    "names that Python reserves": {"a": "{{ {'class': 1}.class }}{{ page.items[0].title }}"},
    "names that are given, set anew": {
        "a": "{% set t = page.title %}{{ t }}{% for page in page.items %}{{ page.url }}{% endfor %}"
        "{% with asset = site.title %}{{ asset }}{% endwith %}"
    },
    "raw text and signs": {"a": "{% raw %}{{ x }}{% endraw %}'\"\\ {# nothing #}é"},
    "includes left to Jinja": {
        "a": "{% for n in ['i', 'j'] %}{% include n %}{% endfor %}{% include 'q' ignore missing %}"
        "{% include ['q', 'i'] %}{% include 'k' %}",
        "i": "{{ page.title }}",
        "j": "j",
        "k": "{% extends 'l' %}{% block b %}k{{ page.title }}{% endblock %}",
        "l": "l{% block b %}{% endblock %}l",
    },
    "an include that hangs on what is set after it": {
        "a": "{% for a in [1, 2] %}{% include 'i' %}{% set x = a %}{% include 'i' %}{% endfor %}"
        "{% if theme.on %}{% set x = 7 %}{% endif %}{% include 'i' %}",
        "i": "[{{ x | default('-') }}]",
    },
    "a loop's own name in an include": {
        "a": "{% for a in [1, 2] %}{{ loop.first }}{% include 'i' %}{% endfor %}",
        "i": "{{ loop.index if loop is defined }}{% for b in [1] %}{{ loop.last }}{% endfor %}",
    },
    "an include of itself that ends": {
        "a": "{% set n = 3 %}{% include 'i' %}",
        "i": "{{ n }}{% if n %}{% with n = n - 1 %}{% include 'i' %}{% endwith %}{% endif %}",
    },
    "recursive loops": {
        "a": "{% for n in [[1, [[2, []]]]] recursive %}{{ n[0] }}{{ loop(n[1]) }}{% endfor %}"
    },
}
"""Each has a function, in which an include may still be one."""

JINJAS: dict[str, Files] = {
    "a block that would see what is set around it": {
        "a": "{% extends 'b' %}{% block inner %}{{ x | default('-') }}{% endblock %}",
        "b": "{% block main %}{% set x = 1 %}{% block inner %}{% endblock %}{% endblock %}",
    },
    "a block in a loop that would see its name": {
        "a": "{% for page in page.items %}{% block b %}{{ page.title }}{% endblock %}{% endfor %}"
    },
    "a parent's block below names that its child sets": {
        "a": "{% extends 'b' %}{% block main %}{% set x = 1 %}{{ super() }}{% endblock %}",
        "b": "{% block main %}{{ x | default('-') }}{% endblock %}",
    },
    "an include in a closed block": {
        "a": "{% block m %}{% set x = 1 %}{% block n %}{% include page.inc | default('i') %}"
        "{% endblock %}{% endblock %}",
        "i": "{{ x | default('-') }}",
    },
    "super twice": {
        "a": "{% extends 'b' %}{% block main %}{{ super() }}{{ super() }}{% endblock %}",
        "b": "{% block main %}b{% endblock %}",
    },
    "super in an expression": {
        "a": "{% extends 'b' %}{% block main %}{{ super() | upper }}{% endblock %}",
        "b": "{% block main %}b{% endblock %}",
    },
    "a page's own block by name": {"a": "{% block b %}x{% endblock %}{{ self.b() }}"},
    "what a child does outside of blocks": {
        "a": "{% extends 'b' %}{% set x = 1 %}{% block main %}{{ x }}{% endblock %}",
        "b": BASE,
    },
    "a parent chosen on the way": {
        "a": "{% extends 'b' if theme.on else 'c' %}{% block main %}a{% endblock %}",
        "b": BASE,
    },
    "extends in if": {"a": "{% if theme.on %}{% extends 'b' %}{% endif %}a", "b": BASE},
    "includes without context": {"a": "vor{% include 'i' without context %}nach", "i": "i"},
    "autoescape": {"a": "{% autoescape false %}{{ page.title }}{% endautoescape %}"},
    "a block in a macro": {
        "a": "{% macro m() %}{% include 'i' %}{% endmacro %}{{ m() }}",
        "i": "i",
    },
}
"""Each is left to Jinja."""

FAULTS: dict[str, Files] = {
    "a name": {"a": "{{ gone }}"},
    "a field": {"a": "{{ page.gone }}"},
    "a field of a field": {"a": "{{ page.title.gone }}"},
    "a field of a name": {"a": "{{ gone.title }}"},
    "a condition": {"a": "{% if page.gone %}{% endif %}"},
    "a loop": {"a": "{% for a in page.gone %}{% endfor %}"},
    "a call": {"a": "{{ gone('x') }}"},
    "an include": {"a": "{% include 'gone' %}"},
    "an include's name": {"a": "{% include 'i' %}", "i": "\n{{ gone }}"},
    "a parent": {"a": "{% extends 'gone' %}"},
    "a block of a parent that nobody prints": {
        "a": "{% extends 'b' %}{% block main %}{% endblock %}",
        "b": "{% block main %}{{ 1 | nofilter }}{% endblock %}",
    },
    "super without a parent": {"a": "{% block b %}{{ super() }}{% endblock %}"},
    "a required block": {"a": "{% extends 'b' %}", "b": "{% block m required %}{% endblock %}"},
    "a block twice": {"a": "{% block b %}{% endblock %}{% block b %}{% endblock %}"},
    "syntax": {"a": "{% if %}"},
    "syntax of an include": {"a": "{% include 'i' %}", "i": "{% if %}"},
    "includes in a circle": {"a": "{% include 'i' %}", "i": "{% include 'a' %}"},
    "parents in a circle": {"a": "{% extends 'b' %}", "b": "{% extends 'a' %}"},
    "blocks in a circle": {
        "a": "{% extends 'b' %}{% block x %}{% block y %}{{ super() }}{% endblock %}{% endblock %}",
        "b": "{% block y %}{% block x %}{% endblock %}{% endblock %}",
    },
    "a division": {"a": "{{ 1 / (page.number - 3) }}"},
}


def page(folder: Path, files: Files, compiled: Compiled | None = None) -> tuple[Any, Print | None]:
    """The template ``a`` of some files as Jinja has it, and its function."""
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / "templates" / name).write_text(text)
    found = environment((Layer("w", folder),), compiled)
    pages = Pages(found, compiled, VALUES["t"])
    pages.prepare({"a": 1000})
    return found, pages.get("a")


@pytest.mark.parametrize("name", FLAT)
def test_the_function_of_a_page_prints_what_jinja_prints(name: str, tmp_path: Path) -> None:
    found, show = page(tmp_path, FLAT[name])
    assert show is not None
    wanted = found.get_template("a").render(VALUES)
    assert show(VALUES) == wanted
    assert show(VALUES) == wanted  # nothing stays behind


@pytest.mark.parametrize("name", JINJAS)
def test_what_could_print_something_else_is_left_to_jinja(name: str, tmp_path: Path) -> None:
    found, show = page(tmp_path, JINJAS[name])
    assert found.get_template("a").render(VALUES)
    assert show is None


@pytest.mark.parametrize("name", FAULTS)
def test_where_jinja_fails_a_function_fails_or_there_is_none(name: str, tmp_path: Path) -> None:
    found, show = page(tmp_path, FAULTS[name])
    with pytest.raises(Exception):  # noqa: B017, PT011 - each another
        found.get_template("a").render(VALUES)
    if show is not None:
        with pytest.raises(Exception):  # noqa: B017, PT011 - so that Jinja is asked
            show(VALUES)


def test_every_page_and_partial_of_the_shipped_theme_has_a_function() -> None:
    found = environment((Layer("harian", shipped_folder() / "harian"),))
    pages = Pages(found, None, VALUES["t"])
    names = found.list_templates()
    pages.prepare(dict.fromkeys(names, 1000))
    assert [name for name in names if pages.get(name) is None] == []


def test_a_template_of_few_pages_gets_no_function_but_uses_one_that_is_kept(tmp_path: Path) -> None:
    kept: dict[str, bytes] = {}
    compiled = Compiled(kept.get, kept.__setitem__)
    found, _ = page(tmp_path, {"a": "{% include 'i' %}", "i": "1"})
    few = Pages(found, compiled, VALUES["t"])
    few.prepare({"a": 3})
    assert few.get("a") is None
    assert kept == {}
    page(tmp_path, {}, compiled)
    again = Pages(environment((Layer("w", tmp_path),)), compiled, VALUES["t"])
    again.prepare({"a": 3})
    show = again.get("a")
    assert show is not None
    assert show(VALUES) == "1"


@pytest.mark.parametrize("edited", ["a", "i", "b"])
def test_a_function_is_made_anew_when_any_of_its_templates_is_edited(
    edited: str, tmp_path: Path
) -> None:
    kept: dict[str, bytes] = {}
    compiled = Compiled(kept.get, kept.__setitem__)
    files = {
        "a": "{% extends 'b' %}{% block main %}a{% include 'i' %}{% endblock %}",
        "b": BASE,
        "i": "i",
    }
    _, first = page(tmp_path, files, compiled)
    changed = files[edited].replace("a{%", "A{%").replace("<", "[") if edited != "i" else "I"
    found, second = page(tmp_path, {edited: changed}, compiled)
    assert first is not None
    assert second is not None
    assert second(VALUES) == found.get_template("a").render(VALUES) != first(VALUES)


def test_an_include_that_comes_to_be_is_put_in_its_place(tmp_path: Path) -> None:
    kept: dict[str, bytes] = {}
    compiled = Compiled(kept.get, kept.__setitem__)
    page(tmp_path, {"a": "{% include 'i' %}"}, compiled)
    before = dict(kept)
    _, show = page(tmp_path, {"i": "{{ page.title }}"}, compiled)
    assert show is not None
    assert show(VALUES) == "A &amp; &lt;B&gt;"
    assert kept["flat a"] != before["flat a"]


def test_a_template_is_compiled_once_for_all_sites_and_names_the_file_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str | None] = []

    class Counting(Environment):
        def _generate(self, source: Any, name: str | None, *more: Any, **named: Any) -> str:
            made.append(name)
            return super()._generate(source, name, *more, **named)

    monkeypatch.setattr("digest.templates.Environment", Counting)
    text = "{% macro m(x) %}\n{{ x.tidak }}\n{% endmacro %}\n{{ m(1) }} unik 4711"
    for site in ("satu", "dua"):
        kept: dict[str, bytes] = {}
        folder = tmp_path / site
        found, _ = page(folder, {"sekali.html": text}, Compiled(kept.get, kept.__setitem__))
        with pytest.raises(UndefinedError) as failed:
            found.get_template("sekali.html").render()
        files = [entry.path for entry in failed.traceback if "sekali.html" in str(entry.path)]
        assert files
        assert set(files) == {folder / "templates/sekali.html"}
        assert kept, "not kept for the next build of this site"
    assert made == ["sekali.html"]
