"""Baca Juga through the whole pipeline: warm equals cold, and no list breaks a rule."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from relating import article, both, clean, composed, lists, write

from digest.compose import Composed
from digest.related import LIMIT, Settings, relate

SUBJECTS = [[f"{stem}{n}" for n in range(9)] for stem in ("banjir", "Pemilu", "beras", "Garuda")]
SLUGS = tuple(f"a{n}" for n in range(14))


@dataclass(frozen=True)
class Item:
    """An article of a random site."""

    text: str
    day: int
    front: dict[str, object] = field(default_factory=dict)
    links: tuple[str, ...] = ()


Site = dict[str, Item]
Change = Callable[[random.Random, Item], Item]


def words(rng: random.Random) -> str:
    subject = rng.choice(SUBJECTS)
    return " ".join(rng.choices(subject, k=12) + rng.choices(rng.choice(SUBJECTS), k=4))


def fresh(rng: random.Random) -> Item:
    return Item(words(rng), rng.randint(1, 28))


def with_front(**values: Callable[[random.Random], object]) -> Change:
    """A change of one or more front-matter keys."""
    return lambda rng, item: replace(
        item, front={**item.front, **{key: value(rng) for key, value in values.items()}}
    )


def some(*values: str) -> Callable[[random.Random], object]:
    return lambda rng: rng.sample(values, rng.randrange(min(4, len(values))))


CHANGES: dict[str, Change] = {
    "edit": lambda rng, item: replace(item, text=f"{item.text} {words(rng)}"),
    "date": lambda rng, item: replace(item, day=rng.randint(1, 28)),
    "tags": with_front(tags=some("Banjir", "Pemilu", "Pangan")),
    "category": with_front(category=lambda rng: rng.choice(["", "Nasional", "Daerah"])),
    "story": with_front(story=lambda rng: rng.choice(["", "Banjir Demak", "Pemilu 2024"])),
    "pins": with_front(related=some(*SLUGS)),
    "blocks": with_front(related_exclude=some(*SLUGS)),
    "links": lambda rng, item: replace(item, links=tuple(rng.sample(SLUGS, 2))),
    "sponsored": with_front(sponsored=lambda rng: rng.choice(["", "iklan"])),
    "state": with_front(
        status=lambda rng: rng.choice(["published", "draft", "withdrawn"]),
        withdrawn_reason=lambda _: "Keliru.",
    ),
}


def change(rng: random.Random, site: Site) -> None:
    slug = rng.choice(SLUGS)
    if slug not in site:
        site[slug] = fresh(rng)
    elif rng.random() < 0.15:
        del site[slug]
    else:
        site[slug] = CHANGES[rng.choice(list(CHANGES))](rng, site[slug])


def is_public(item: Item) -> bool:
    return item.front.get("status", "published") == "published"


def files(site: Site) -> dict[str, str]:
    """Content files; links only to what is on the site, since a broken one stops a build."""
    made = {}
    for slug, item in site.items():
        front = dict(item.front)
        if front.get("status") != "withdrawn":
            front.pop("withdrawn_reason", None)
        targets = [to for to in item.links if to in site and is_public(site[to])]
        text = "\n\n".join([item.text, *(f"Lihat [[{to}]]." for to in targets)])
        made[slug] = article(f"Kabar {slug}", f"2023-05-{item.day:02}", text, **front)
    return made


def check_rules(composition: Composed) -> None:
    relations, backlinks = composition.edition.related, composition.edition.linked.backlinks
    for own in composition.site.articles:
        found = relations.lists[own.path]
        assert own not in found
        assert len({pick.path for pick in found}) == len(found) <= LIMIT
        for pick in found:
            pinned = pick.slug in own.front.related
            assert pick.slug not in own.front.related_exclude
            assert own.path not in backlinks.get(pick.path, ()), "linked in the text already"
            assert pick.state == "published"
            assert not pick.front.sponsored
            assert pinned or pick.date <= own.date
            assert pinned or pick.path not in backlinks.get(own.path, ()), "stands there already"
        for newer in relations.follow_ups.get(own.path, ()):
            assert newer.date > own.date
            assert relations.lists[newer.path][0] is own
            assert newer not in found
            assert newer.path not in backlinks.get(own.path, ())
            assert newer.slug not in own.front.related_exclude
            assert newer.state == "published"
            assert not newer.front.sponsored


def check_sequence(root: Path, seed: int, steps: int) -> None:
    """Compare each warm build of a random history with a clean one."""
    rng = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        if seed % 3:  # cut small archives, too, and ask of each change what it touches
            patch.setattr("digest.related.engine.refresh.SEGMENT", 3)
            patch.setattr("digest.related.engine.affected._LATE", 0)
        site = {slug: fresh(rng) for slug in SLUGS if rng.random() < 0.7}
        for _ in range(steps):
            write(root, files(site))
            warm = composed(root, drafts=seed % 2 == 0)
            assert both(warm.edition.related) == both(clean(warm))
            assert not warm.edition.related.problems
            check_rules(warm)
            for _ in range(rng.randint(0, 4)):
                change(rng, site)
    shutil.rmtree(root)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), steps=st.integers(2, 6))
def test_any_sequence_of_edits_leaves_what_a_clean_build_makes(
    tmp_path_factory: pytest.TempPathFactory, seed: int, steps: int
) -> None:
    check_sequence(tmp_path_factory.mktemp("situs"), seed, steps)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_long_sequences_leave_what_a_clean_build_makes(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    check_sequence(tmp_path_factory.mktemp("situs"), seed, 12)


def random_site(count: int, seed: int = 3) -> Site:
    rng = random.Random(seed)
    return {f"b{n}": fresh(rng) for n in range(count)}


def test_the_order_of_files_changes_nothing(tmp_path: Path) -> None:
    made = files(random_site(25))
    write(tmp_path / "a", made)
    write(tmp_path / "b", dict(reversed(made.items())))
    first, second = composed(tmp_path / "a"), composed(tmp_path / "b")
    assert both(first.edition.related) == both(second.edition.related)
    shuffled = tuple(random.Random(1).sample(first.site.articles, 25))
    assert lists(clean(first, shuffled)) == lists(first.edition.related)


def test_the_number_of_processes_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, files(random_site(280)))
    one = composed(tmp_path)
    assert both(clean(one, jobs=2)) == both(one.edition.related)
    assert sum(map(len, lists(one.edition.related).values())) > 1000


def test_a_new_article_changes_no_older_list(tmp_path: Path) -> None:
    site = random_site(20)
    write(tmp_path, files(site))
    before = lists(composed(tmp_path).edition.related)
    newest = article("Kabar baru", "2023-06-01", site["b3"].text, tags=["Banjir"])
    write(tmp_path, {**files(site), "newest": newest})
    after = lists(composed(tmp_path).edition.related)
    assert after.pop("newest")
    assert after == before


def test_pins_come_first_in_their_order_and_may_be_newer(tmp_path: Path) -> None:
    site = files(random_site(8))
    site["old"] = article("Kabar", "2023-01-01", "banjir1 banjir2", related=["b4", "b1"])
    write(tmp_path, site)
    assert lists(composed(tmp_path).edition.related)["old"] == ["b4", "b1"]


def test_an_unpinned_article_that_links_here_is_not_offered_again(tmp_path: Path) -> None:
    text = "banjir1 banjir2 banjir3 banjir4"
    write(
        tmp_path,
        {
            "lama": article("Banjir", "2023-01-01", text),
            "baru": article("Banjir", "2023-01-02", f"{text} surut"),
            "penaut": article("Banjir", "2023-01-03", f"{text} surut. Lihat [[lama]]."),
        },
    )
    site = composed(tmp_path)
    assert lists(site.edition.related) == {"lama": [], "baru": ["lama"], "penaut": ["baru"]}
    assert both(site.edition.related)[1] == {"lama": ["baru"], "baru": ["penaut"]}


def test_relate_without_articles_is_empty(tmp_path: Path) -> None:
    write(tmp_path, {})
    site = composed(tmp_path)
    relations = relate((), site.edition.linked, Settings(site.library.words, tmp_path / "store"))()
    assert both(relations) == ({}, {})
