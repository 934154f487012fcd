"""Steps of a living site, part two: theme, settings, the clock, and what stops a build."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from living import World
from living_edits import Step
from living_site import FOLDER, Doc, svg
from sitekit import NOW

OVERRIDES = "overrides/templates/"


def theme_of(world: World) -> str:
    """The name of the theme that is set."""
    return world.state.settings["theme.name"].strip('"')


def _put(world: World, path: str, text: str) -> str:
    world.state.files[path] = text.encode()
    return f"{path}: {text}"


def override_a_template(world: World, rng: random.Random) -> str:
    theme, number = theme_of(world), rng.randrange(9)
    name = rng.choice(("base", "article", "list"))
    block = "head_extra" if theme == "harian" else "main"
    line = f"{{% block {block} %}}{{{{ super() }}}}<p>{number}</p>{{% endblock %}}"
    return _put(world, f"{OVERRIDES}{name}.html", f'{{% extends "{theme}:{name}.html" %}}{line}')


def override_a_partial(world: World, rng: random.Random) -> str:
    number = rng.randrange(9)
    if theme_of(world) == "harian":
        return _put(world, f"{OVERRIDES}partials/footer.html", f"<footer>{number}</footer>")
    name = rng.choice(("partials/kaki", "partials/tambahan", "kotak-serif", "kotak-sans"))
    return _put(world, f"{OVERRIDES}{name}.html", f"<p>{number} {{{{ page.title }}}}</p>")


def override_the_macros(world: World, rng: random.Random) -> str:
    if theme_of(world) != "anak":
        return override_a_partial(world, rng)
    text = f"{{% macro isi(page) %}}<b>{rng.randrange(9)}</b>{{{{ page }}}}{{% endmacro %}}"
    return _put(world, f"{OVERRIDES}alat.html", text)


def remove_an_override(world: World, rng: random.Random) -> str:
    found = sorted(path for path in world.state.files if path.startswith("overrides/"))
    if not found:
        return override_a_template(world, rng)
    path = rng.choice(found)
    del world.state.files[path]
    return path


def edit_a_template(world: World, rng: random.Random) -> str:
    names = ("base", "article", "alat", "partials/kaki", "home")
    path = f"themes/anak/templates/{rng.choice(names)}.html"
    world.state.files[path] += b"<!-- %d -->" % rng.randrange(9)
    return path


def edit_a_template_of_the_parent(world: World, rng: random.Random) -> str:
    path = f"themes/polos/templates/{rng.choice(('base', 'home', 'show', 'list'))}.html"
    world.state.files[path] += b"{# %d #}" % rng.randrange(9)
    return path


def add_a_template_that_shadows(world: World, rng: random.Random) -> str:
    """In the child theme, where the parent's was used until now."""
    path = f"themes/anak/templates/{rng.choice(('404', 'list', 'tags', 'redirect'))}.html"
    if world.state.files.pop(path, None) is not None:
        return f"remove {path}"
    return _put(world, path, '{% extends "base.html" %}{% block main %}anak{% endblock %}')


def change_a_style(world: World, rng: random.Random) -> str:
    number = rng.randrange(9)
    path, data = rng.choice(
        (
            ("themes/anak/static/anak.css", b"h1 { order: %d; mask: url(ikon.svg) }" % number),
            ("themes/anak/static/ikon.svg", svg(number + 1, 1)),
            ("overrides/static/anak.css", b"h2 { order: %d }" % number),
            ("overrides/static/ikon.svg", svg(number + 1, 2)),
            ("overrides/static/tema.css.j2", b"a { color: {{ theme.accent }} } /* %d */" % number),
        )
    )
    world.state.files[path] = data
    return f"{path}: {data!r}"


def change_the_default_of_an_option(world: World, rng: random.Random) -> str:
    path = "themes/anak/theme.toml"
    kept = world.state.files[path].rpartition(b"default = ")[0]
    world.state.files[path] = kept + b'default = "Salam %d"\n' % rng.randrange(4)
    return path


def change_theme(world: World, rng: random.Random) -> str:
    """Another theme, without what was made for the one before."""
    theme = rng.choice(("anak", "anak", "polos", "harian"))
    world.state.settings["theme.name"] = f'"{theme}"'
    for key in [key for key in world.state.settings if key.startswith("theme.options")]:
        del world.state.settings[key]
    for path in [path for path in world.state.files if path.startswith(OVERRIDES)]:
        del world.state.files[path]
    return theme


SETTINGS: dict[str, tuple[str | None, ...]] = {
    "title": ('"Kabar Uji"', '"Kabar & Lain"'),
    "tagline": (None, '"Semboyan"'),
    "base_url": ('"https://kabar.example"', '"https://kabar.example/lokal"'),
    "relative_urls": (None, "true"),
    "timezone": (None, '"Asia/Jayapura"', '"UTC"'),
    "language": (None, '"en"'),
    "lists.page_size": ("4", "3", "50"),
    "lists.home_latest": (None, "2"),
    "related.closing": (None, "0", "2"),
    "related.inline": (None, "0"),
    "related.auto_words": (None, "20"),
    "markup.typography": (None, "false"),
    "markup.raw_html": (None, '"sanitized"'),
    "permalinks.article": (None, '"/{category}/{slug}.html"', '"/b/{slug}/"'),
    "permalinks.tag": (None, '"/topik/{slug}/"'),
    "permalinks.assets": (None, '"/berkas/"'),
    "permalinks.archive": (None, '"/arsip/"'),
    "dates.full": (None, '"d/M/yyyy"'),
    "images.cards": ("false", None),
    "feeds.items": (None, "0", "3"),
    "feeds.term_items": (None, "0", "2"),
    "feeds.content": (None, '"summary"'),
    "permalinks.feeds": (None, '"/umpan/"'),
    "menu": (None, '[{ title = "Semua", url = "/terkini/" }]'),
    "theme.options.accent": (None, '"#445566"'),
}


def change_a_setting(world: World, rng: random.Random) -> str:
    settings = world.state.settings
    key = rng.choice(sorted(SETTINGS))
    value = rng.choice([value for value in SETTINGS[key] if value != settings.get(key)])
    settings.pop(key, None)
    if value is not None:
        settings[key] = value
    return f"{key} = {value}"


def change_the_font(world: World, rng: random.Random) -> str:
    """The option by which the article's template chooses what it includes."""
    if theme_of(world) == "harian":
        return change_a_setting(world, rng)
    font = rng.choice(('"serif"', '"sans"'))
    world.state.settings["theme.options.font"] = font
    return font


def change_the_words_of_the_language(world: World, rng: random.Random) -> str:
    path = "locales/id.toml"
    if path in world.state.files and rng.random() < 0.4:
        del world.state.files[path]
        return f"remove {path}"
    words = ('[ui]\nhome = "Muka"', '[dates]\nday = "d.M.y"', '[read_also]\nmarkers = ["Simak"]')
    return _put(world, path, rng.choice(words))


INSTANTS = (
    NOW,
    datetime(2021, 12, 31, 16, 59, 59, tzinfo=UTC),  # a second before the new year in Jakarta
    datetime(2021, 12, 31, 17, 30, tzinfo=UTC),
    datetime(2022, 3, 2, 1, 0, tzinfo=UTC),  # 48 hours after an article
    datetime(2022, 3, 2, 17, 0, tzinfo=UTC),  # the instant at which an article expires
    datetime(2022, 3, 4, 0, 0, tzinfo=UTC),  # and one at which another is due
    datetime(2022, 12, 31, 17, 0, tzinfo=UTC),
    datetime(2023, 1, 2, 12, 0, tzinfo=UTC),
)


def change_the_clock(world: World, rng: random.Random) -> str:
    world.state.options["now"] = rng.choice([at for at in INSTANTS if at != world.now])
    return str(world.now)


def change_the_flags(world: World, rng: random.Random) -> str:
    flag = rng.choice(("drafts", "drafts", "future", "future", "strict"))
    world.state.options[flag] = not world.state.options.get(flag, False)
    return f"{flag} {world.state.options[flag]}"


def change_the_number_of_processes(world: World, _: random.Random) -> str:
    world.state.options["jobs"] = 3 - int(world.state.options.get("jobs", 1))
    return str(world.state.options["jobs"])


def break_the_site(world: World, rng: random.Random) -> str:
    files, docs = world.state.files, world.state.docs
    path = f"{FOLDER}/rusak.md"
    title = {"title": "Rusak", "date": "2022-02-28"}
    broken: dict[str, bytes] = {
        path: b"---\ntitle: [\n---\n",
        f"{FOLDER}/galat.md": b"\xff",
        f"{OVERRIDES}404.html": b"{{ tidak }}",
        f"{OVERRIDES}base.html": b"{% if %}",
        "overrides/static/x.css.j2": b"{{ tidak }}",
        "locales/id.toml": b"x",
    }
    texts = ("[x](tidak.md)", "[[tidak]]", "![x](tidak.png)", "[x](kabar-01.md#tidak)", "[x](/t/)")
    kind = rng.randrange(3)
    if kind == 0:
        name = rng.choice(sorted(broken))
        docs.pop(name, None)
        files[name] = broken[name]
        return name
    if kind == 1:
        docs[path] = Doc(rng.choice(texts), dict(title))
        return docs[path].text
    key, value = rng.choice((("titel", '"x"'), ("theme.options.x", "1"), ("title", "3")))
    world.state.settings[key] = value
    return f"{key} = {value}"


def take_away_what_others_need(world: World, rng: random.Random) -> str:
    """A picture in the text, an article that is linked, a template that is included."""
    needed = (f"{FOLDER}/peta.svg", "themes/anak/templates/alat.html", f"{FOLDER}/kabar-01.md")
    path = rng.choice(needed)
    world.state.files.pop(path, None)
    world.state.docs.pop(path, None)
    return path


THEMES: tuple[Step, ...] = (
    override_a_template,
    override_a_partial,
    override_the_macros,
    remove_an_override,
    edit_a_template,
    edit_a_template_of_the_parent,
    add_a_template_that_shadows,
    change_a_style,
    change_the_default_of_an_option,
    change_theme,
    change_a_setting,
    change_the_font,
    change_the_words_of_the_language,
    change_the_clock,
    change_the_flags,
    change_the_number_of_processes,
    break_the_site,
    take_away_what_others_need,
)
