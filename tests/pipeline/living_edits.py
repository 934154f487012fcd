"""Steps of a living site, part one: what editors do to articles, registers and pages."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

from living import World, first_state, save
from living_site import CATEGORIES, FOLDER, PEOPLE, SENTENCES, TAGS, Doc, plain, png, svg

Step = Callable[[World, random.Random], str]
"""Changes the world and says what it did."""

ARTICLES = "content/articles/"


def articles(world: World) -> list[str]:
    """Paths of all articles, sorted."""
    return sorted(path for path in world.state.docs if path.startswith(ARTICLES))


def any_article(world: World, rng: random.Random) -> str:
    """The path of some article."""
    return rng.choice(articles(world))


def front(world: World, rng: random.Random, **values: object) -> str:
    """Give some article other front matter."""
    path = any_article(world, rng)
    world.state.docs[path] = world.state.docs[path].having(**values)
    return f"{path} {values}"


def edit_text(world: World, rng: random.Random) -> str:
    path = any_article(world, rng)
    doc, new = world.state.docs[path], rng.choice(SENTENCES)
    blocks = doc.text.split("\n\n")
    place = rng.randrange(len(blocks))
    blocks[place : place + rng.randrange(2)] = [f"{new} ({rng.randrange(100)})"]
    world.state.docs[path] = doc.saying("\n\n".join(blocks))
    return f"{path} block {place}"


def edit_title(world: World, rng: random.Random) -> str:
    return front(world, rng, title=f"Judul {rng.randrange(50)}: {rng.choice(SENTENCES)[:30]}")


def change_date(world: World, rng: random.Random) -> str:
    days = ("2021-12-31", "2022-01-01 00:00", "2022-02-27 23:59", "2022-02-28T23:00+09:00")
    return front(world, rng, date=rng.choice((*days, f"2022-02-{rng.randint(1, 28):02}")))


def change_tags(world: World, rng: random.Random) -> str:
    return front(world, rng, tags=rng.sample((*TAGS, "Baru", "banjir"), rng.randrange(4)))


def change_category(world: World, rng: random.Random) -> str:
    return front(world, rng, category=rng.choice((*CATEGORIES, "Ekonomi", None)))


def change_slug(world: World, rng: random.Random) -> str:
    return front(world, rng, slug=rng.choice((None, f"slug-{rng.randrange(9)}")))


def change_summary(world: World, rng: random.Random) -> str:
    return front(world, rng, summary=rng.choice((None, rng.choice(SENTENCES))))


def change_status(world: World, rng: random.Random) -> str:
    status = rng.choice(("draft", "published", "withdrawn"))
    reason = "Keliru." if status == "withdrawn" else None
    return front(world, rng, status=status, withdrawn_reason=reason)


def change_expiry(world: World, rng: random.Random) -> str:
    return front(world, rng, expires=rng.choice((None, "2022-03-02", "2023-01-01 00:00")))


def change_labels(world: World, rng: random.Random) -> str:
    noted = {"at": "2022-02-28", "kind": "koreksi", "text": rng.choice(SENTENCES)}
    values: tuple[dict[str, object], ...] = (
        {"corrections": [noted]},
        {"updated": f"2022-02-28 1{rng.randrange(9)}:00"},
        {"source": rng.choice(("Antara", "Reuters", None))},
        {"sponsored": rng.choice(("iklan", None))},
        {"aliases": [f"/lama/{rng.randrange(3)}/"]},
        {"dateline": rng.choice(("Jakarta", None))},
        {"story": rng.choice(("Banjir Demak", None))},
        {"extra": {"angka": rng.randrange(3)}},
        {"id": rng.choice((f"id-{rng.randrange(9)}", None))},
        {"translation_of": rng.choice(("kabar-01", "kabar-02", None)), "lang": "en"},
    )
    return front(world, rng, **rng.choice(values))


def change_pins(world: World, rng: random.Random) -> str:
    slugs = [path.rpartition("/")[2].removesuffix(".md") for path in articles(world)]
    key = rng.choice(("related", "related_exclude"))
    return front(world, rng, **{key: rng.sample(slugs, rng.randrange(3)) or None})


def change_links(world: World, rng: random.Random) -> str:
    path, other, third = (any_article(world, rng) for _ in range(3))
    slug = third.rpartition("/")[2].removesuffix(".md")
    to = os.path.relpath(other, os.path.dirname(path)).replace(os.sep, "/")  # noqa: PTH120 - text
    links = (f"Lihat [ini]({to}).", f"Baca [[{slug}]].", "Baca Juga")
    text = "\n\n".join([rng.choice(SENTENCES), *rng.sample(links, rng.randint(1, 3)), SENTENCES[0]])
    world.state.docs[path] = world.state.docs[path].saying(text)
    return f"{path} to {other} or {third}"


def change_lead_image(world: World, rng: random.Random) -> str:
    return front(world, rng, image=rng.choice(({"src": "peta.svg", "alt": "Peta"}, None)))


def move_file(world: World, rng: random.Random) -> str:
    path = any_article(world, rng)
    folder = rng.choice(("content/articles", f"{ARTICLES}2022/01", f"{ARTICLES}lain", FOLDER))
    target = f"{folder}/{path.rpartition('/')[2]}"
    world.state.docs[target] = world.state.docs.pop(path)
    return f"{path} to {target}"


def rename_file(world: World, rng: random.Random) -> str:
    path = any_article(world, rng)
    target = f"{path.removesuffix('.md')[:60]}-{rng.randrange(9)}.md"
    world.state.docs[target] = world.state.docs.pop(path)
    return f"{path} to {target}"


def exchange_two_files(world: World, rng: random.Random) -> str:
    """Each gets the other's name, with its times and its inode."""
    world.write()
    one, other = rng.sample(articles(world), 2)
    between = world.site / "content/tukar"
    (world.site / one).rename(between)
    (world.site / other).rename(world.site / one)
    between.rename(world.site / other)
    docs, disk = world.state.docs, world.disk
    docs[one], docs[other] = docs[other], docs[one]
    disk[one], disk[other] = disk[other], disk[one]
    return f"{one} and {other}"


def delete_file(world: World, rng: random.Random) -> str:
    path = any_article(world, rng)
    world.gone[path] = world.state.docs.pop(path)
    return path


def restore_file(world: World, rng: random.Random) -> str:
    gone = sorted(world.gone.keys() - world.state.docs.keys())
    if not gone:
        return delete_file(world, rng)
    path = rng.choice(gone)
    world.state.docs[path] = world.gone.pop(path)
    return path


def duplicate_file(world: World, rng: random.Random) -> str:
    path = any_article(world, rng)
    copy = f"{FOLDER}/salinan-{rng.randrange(5)}.md"
    world.state.docs[copy] = world.state.docs[path].having(slug=None, aliases=None)
    return f"{path} to {copy}"


def remove_duplicate(world: World, rng: random.Random) -> str:
    copies = [path for path in articles(world) if "/salinan-" in path]
    if not copies:
        return duplicate_file(world, rng)
    path = rng.choice(copies)
    del world.state.docs[path]
    return path


def add_article(world: World, rng: random.Random) -> str:
    number = rng.randrange(100)
    path = f"{FOLDER}/baru-{number:02}.md"
    day = rng.choice(("2022-02-28 23:00", "2022-03-01 11:59", "2021-06-01", "2022-03-02"))
    world.state.docs[path] = plain(number).having(date=day)
    return f"{path} of {day}"


def edit_with_the_old_size_and_time(world: World, rng: random.Random) -> str:
    """As an archiver or a version control system may leave it."""
    world.write()
    path = any_article(world, rng)
    doc = world.state.docs[path]
    new = doc.saying(doc.text.translate(str.maketrans("bBrs", "dDns")))
    before = (world.site / path).stat()
    save(world.site / path, bytes(new), renaming=rng.random() < 0.5)
    os.utime(world.site / path, ns=(before.st_atime_ns, before.st_mtime_ns))
    world.state.docs[path], world.disk[path] = new, bytes(new)
    return path


def touch_files(world: World, rng: random.Random) -> str:
    world.write()
    chosen = rng.sample(sorted(world.disk), 5)
    for path in chosen:
        now = rng.choice((0, 10**9, 2 * 10**9))
        os.utime(world.site / path, (now, now))
    return ", ".join(chosen)


def save_unchanged(world: World, rng: random.Random) -> str:
    world.write()
    path = rng.choice(sorted(world.disk))
    save(world.site / path, world.disk[path], renaming=rng.random() < 0.5)
    return path


def change_nothing(_: World, __: random.Random) -> str:
    return "build again"


def go_back_to_the_first_state(world: World, _: random.Random) -> str:
    theme = world.state.settings["theme.name"].strip('"')
    world.state = first_state(theme)
    return "everything"


def _toggled(world: World, path: str, doc: Doc, rng: random.Random) -> str:
    """Remove a document, or add or change it."""
    if path in world.state.docs and rng.random() < 0.4:
        del world.state.docs[path]
        return f"remove {path}"
    world.state.docs[path] = doc
    return f"write {path} {doc.front}"


def change_tag_file(world: World, rng: random.Random) -> str:
    name = rng.choice(TAGS)
    path = f"content/tags/{name.lower().replace(' ', '-')}.md"
    doc = Doc(rng.choice(("", "Isi [[kabar-07]].")))
    doc = doc.having(title=name, description=f"Tentang {rng.randrange(3)}")
    return _toggled(world, path, doc, rng)


def change_category_file(world: World, rng: random.Random) -> str:
    name = rng.choice((*CATEGORIES, "Ekonomi"))
    slug = rng.choice((name.lower(), "k"))
    doc = Doc("").having(title=name, weight=rng.randrange(3), slug=slug)
    return _toggled(world, f"content/categories/{name.lower()}.md", doc, rng)


def change_newsroom(world: World, rng: random.Random) -> str:
    """Who reported, wrote and edited an article, and which story and edition it belongs to."""
    pages = [f"2022-02-2{n} 09:00" for n in range(5)]
    noted = [{"at": day, "kind": "ralat", "text": f"Teks {day}"} for day in rng.sample(pages, 2)]
    values: tuple[dict[str, object], ...] = (
        {"source": None, "sources": rng.sample(("Antara", "antara", "Reuters", "Tempo"), 2)},
        {"source": {"name": "Reuters", "date": rng.choice(pages)}, "sources": None},
        {"authors": rng.sample(("Ani", "Budi", "ani", "Dewi"), rng.randrange(3))},
        {"editor": rng.choice((*PEOPLE, None))},
        {"story": rng.choice(("banjir", "Banjir Demak", "Pemilu 2024", None))},
        {"edition": rng.choice(("e1", "2", "e3", "tiada", None))},
        {"corrections": noted[: rng.randrange(3)]},
    )
    return front(world, rng, **rng.choice(values))


def change_register_file(world: World, rng: random.Random) -> str:
    folder, name = rng.choice(
        (
            ("sources", "Antara"),
            ("sources", "Reuters"),
            ("authors", "Ani"),
            ("stories", "Banjir"),
            ("tags", "Pangan"),
        )
    )
    doc = Doc(rng.choice(("", "Isi [[kabar-07]]."))).having(
        title=rng.choice((name, f"{name} Baru")),
        description=rng.choice((None, "Tentang")),
        slug=rng.choice((None, f"{name.lower()}-x")),
        synonyms=rng.choice((None, ["Tempo"], ["Dewi", "Banjir"])),
        aliases=rng.choice((None, [f"/lama/{folder}/"])),
    )
    return _toggled(world, f"content/{folder}/{name.lower()}.md", doc, rng)


def change_edition(world: World, rng: random.Random) -> str:
    slugs = [path.rpartition("/")[2].removesuffix(".md") for path in articles(world)]
    number = rng.randint(1, 4)
    items = [
        rng.choice((slug, {"slug": slug, "form": rng.choice(("lead", "brief"))}))
        for slug in rng.sample(slugs, rng.randint(1, 3))
    ]
    doc = Doc(rng.choice(("", "Catatan [[kabar-03]]."))).having(
        number=rng.randint(1, 5),
        date=rng.choice(("2022-02-26", "2022-02-28 05:00", "2022-03-02 06:00")),
        title=rng.choice((None, "Malam")),
        summary=rng.choice((None, "Ringkas.")),
        status=rng.choice((None, None, "draft")),
        sections=[{"title": rng.choice((None, "Daerah", "Kilas")), "items": items}],
    )
    return _toggled(world, f"content/editions/e{number}.md", doc, rng)


def change_newsroom_settings(world: World, rng: random.Random) -> str:
    key = rng.choice(("editions.collect", "sources.missing", "permalinks.edition"))
    chosen = {
        "editions.collect": ("off", "daily", "weekly"),
        "sources.missing": ("ignore", "ignore", "warning"),
        "permalinks.edition": ("/edisi/{slug}/", "/edisi/{date:%Y}/{slug}.html"),
    }
    world.state.settings[key] = f'"{rng.choice(chosen[key])}"'
    return f"{key} = {world.state.settings[key]}"


def change_page(world: World, rng: random.Random) -> str:
    name = rng.choice(("kontak", "pedoman"))
    doc = Doc("Isi [[kabar-08]].").having(title=f"{name} {rng.randrange(3)}")
    doc = doc.having(weight=rng.choice((1, 3)))
    return _toggled(world, f"content/pages/{name}.md", doc, rng)


def change_image(world: World, rng: random.Random) -> str:
    name = rng.choice(("peta.svg", "foto.png", "laporan.pdf"))
    width = rng.randrange(1, 40)
    made = {"peta.svg": svg(width, 9), "foto.png": png(width, 7), "laporan.pdf": b"%" * width}
    world.state.files[f"{FOLDER}/{name}"] = made[name]
    return f"{name} of width {width}"


def change_static_file(world: World, rng: random.Random) -> str:
    path = rng.choice(("static/robots.txt", "static/unduh/data.csv", "static/a/b/c.txt"))
    if path in world.state.files and rng.random() < 0.5:
        del world.state.files[path]
        return f"remove {path}"
    world.state.files[path] = b"x" * rng.randrange(3)
    return f"write {path}"


EDITS: tuple[Step, ...] = (
    edit_text,
    edit_title,
    change_date,
    change_tags,
    change_category,
    change_slug,
    change_summary,
    change_status,
    change_expiry,
    change_labels,
    change_pins,
    change_links,
    change_lead_image,
    move_file,
    rename_file,
    exchange_two_files,
    delete_file,
    restore_file,
    duplicate_file,
    remove_duplicate,
    add_article,
    edit_with_the_old_size_and_time,
    touch_files,
    save_unchanged,
    change_nothing,
    go_back_to_the_first_state,
    change_tag_file,
    change_category_file,
    change_newsroom,
    change_newsroom,
    change_register_file,
    change_edition,
    change_newsroom_settings,
    change_page,
    change_image,
    change_static_file,
)
