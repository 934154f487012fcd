"""Laws of the engine: warm equals cold, order means nothing, no list breaks its rules."""

from __future__ import annotations

import hashlib
import random
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.related.engine import Related, RelatedInput, rank, stamp, tokenize, update
from digest.related.engine import affected as affected_module
from digest.related.engine import refresh as refresh_module
from digest.related.engine.levels import Levels
from digest.related.engine.lists import Ranker
from digest.related.engine.model import Weights

WORDS = [f"kata{n}" for n in range(60)] + [f"Nama{n}" for n in range(20)]
GOLDEN = "d16f2fc21e05f6e7184098448d61f508f8cb9287472b2ee9272c0e29cd79ccf9"
GOLDEN_LARGE = "da52a7c2e8171f762d90d9ef8dba56f8efe435c1decf710540e1f36e9a54c132"
"""The same with the threshold of a large archive."""
SLOW = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def lists(related: Related) -> dict[str, list[tuple[str, float]]]:
    return {key: [(pick.key, pick.score) for pick in picks] for key, picks in related.items()}


def article(rng: random.Random, key: str, span: int = 40) -> RelatedInput:
    topic = rng.randrange(6) * 9
    words = [WORDS[min(79, topic + rng.randrange(26))] for _ in range(rng.randint(1, 40))]
    return RelatedInput(
        key=key,
        instant=rng.randrange(span) * 3600,
        title=" ".join(words[:4]),
        text=" ".join(rng.sample(words, len(words))),
        tags=tuple(rng.sample(["a", "b", "c", "d"], rng.randrange(3))),
        category=rng.choice(["", "x", "y"]),
        story=rng.choice(["", "", "s", "t"]),
        edition=rng.choice(["", "e"]),
        eligible=rng.random() < 0.9,
        exclude=frozenset(rng.sample([f"k{n}" for n in range(30)], rng.randrange(3))),
    )


def mutate(rng: random.Random, site: dict[str, RelatedInput], fresh: int) -> None:
    act = rng.choice(["add", "add", "late", "edit", "date", "delete", "tag", "hide", "replace"])
    if act in ("add", "late") or not site:
        new = article(rng, f"k{fresh}")
        late = max((doc.instant for doc in site.values()), default=0)
        site[new.key] = replace(new, instant=late + rng.randrange(2)) if act == "late" else new
        return
    key = rng.choice(sorted(site))
    doc = site[key]
    if act == "delete":
        del site[key]
    elif act == "edit":
        site[key] = replace(doc, text=doc.text + " " + rng.choice(WORDS))
    elif act == "date":
        site[key] = replace(doc, instant=rng.randrange(40) * 3600)
    elif act == "tag":
        site[key] = replace(doc, tags=("a", "z"), category="y")
    elif act == "hide":
        site[key] = replace(doc, eligible=not doc.eligible)
    else:
        site[key] = replace(article(rng, key), instant=doc.instant)


def test_the_table_says_what_the_single_lists_say() -> None:
    rng = random.Random(7)
    site = {f"k{n}": article(rng, f"k{n}") for n in range(60)}
    related = rank(site.values(), limit=4)
    keys, rows = related.table()
    assert keys == list(lists(related))
    assert any(rows)
    for key, row in zip(keys, rows, strict=True):
        assert [keys[place] for place in row] == [pick.key for pick in related.picks(key)]
    assert rank(()).table() == ([], [])


@pytest.mark.parametrize("wide", [0, pytest.param(64, marks=pytest.mark.slow)])
@SLOW
@given(seed=st.integers(0, 2**32), size=st.integers(0, 70), steps=st.integers(1, 12))
def test_any_sequence_of_changes_leaves_what_a_clean_run_makes(
    wide: int, seed: int, size: int, steps: int
) -> None:
    rng = random.Random(seed)
    site = {f"k{n}": article(rng, f"k{n}") for n in range(size)}
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(refresh_module, "SEGMENT", rng.choice([3, 8, 1024]))
        # 0 analyses each change however small the site, 64 mostly redoes all since.
        patch.setattr(affected_module, "_LATE", wide)
        patch.setattr(refresh_module, "_FEW", rng.choice([0, 5, 256]))
        # Narrow caps and pools make the borders, where mistakes would hide, common.
        tight = replace(Weights(), cap_floor=4, cap_slope=1, pool=6)
        weights = rng.choice([Weights(), tight, tight])
        folder = Path(name) / "cache"
        for step in range(steps):
            stamps = {key: stamp(doc) for key, doc in site.items()}
            warm = update(folder, stamps, site.__getitem__, limit=5, weights=weights)
            assert lists(warm) == lists(rank(site.values(), limit=5, weights=weights))
            assert not warm.note
            for change in range(rng.randint(1, 3)):
                mutate(rng, site, 1000 + step * 10 + change)


@SLOW
@given(seed=st.integers(0, 2**32), size=st.integers(0, 60))
def test_order_of_input_and_number_of_workers_change_nothing(seed: int, size: int) -> None:
    rng = random.Random(seed)
    docs = [article(rng, f"k{n}") for n in range(size)]
    expected = lists(rank(docs))
    assert lists(rank(rng.sample(docs, len(docs)))) == expected


@pytest.mark.parametrize("jobs", [2, 3])
def test_workers_change_nothing(jobs: int) -> None:
    rng = random.Random(5)
    docs = [article(rng, f"k{n}") for n in range(400)]
    assert lists(rank(docs, jobs=jobs)) == lists(rank(docs))


@SLOW
@given(seed=st.integers(0, 2**32), size=st.integers(0, 60))
def test_no_list_breaks_a_rule(seed: int, size: int) -> None:
    rng = random.Random(seed)
    site = {f"k{n}": article(rng, f"k{n}") for n in range(size)}
    for key, picks in rank(site.values(), limit=7).items():
        keys = [pick.key for pick in picks]
        assert key not in keys
        assert len(keys) == len(set(keys)) <= 7
        assert not site[key].exclude & set(keys)
        assert all(site[found].eligible for found in keys)
        assert all(site[found].instant <= site[key].instant for found in keys)
        scores = [pick.score for pick in picks]
        assert scores == sorted(scores, reverse=True)


@SLOW
@given(seed=st.integers(0, 2**32), size=st.integers(2, 60))
def test_a_newer_article_changes_no_older_list(seed: int, size: int) -> None:
    rng = random.Random(seed)
    docs = [article(rng, f"k{n}") for n in range(size)]
    newest = replace(article(rng, "new"), instant=max(doc.instant for doc in docs) + 1)
    after = lists(rank([*docs, newest]))
    del after["new"]
    assert after == lists(rank(docs))


@SLOW
@given(seed=st.integers(0, 2**32), size=st.integers(2, 40))
def test_one_by_one_equals_all_at_once(seed: int, size: int) -> None:
    rng = random.Random(seed)
    made = rank([article(rng, f"k{n}") for n in range(size)])
    ranker = Ranker(made._archive(), Weights(), Levels(Weights()), 10)
    ranks = range(size)
    few, many = ranker.few(ranks), ranker.many(ranks)
    for name in ("numbers", "scores", "pool", "floor"):
        assert np.array_equal(getattr(few, name), getattr(many, name)), name


@SLOW
@given(seed=st.integers(0, 2**32), size=st.integers(2, 50))
def test_explanation_adds_up_and_agrees_with_the_list(seed: int, size: int) -> None:
    rng = random.Random(seed)
    site = {f"k{n}": article(rng, f"k{n}") for n in range(size)}
    made = rank(site.values(), limit=5)
    for key, picks in made.items():
        items = made.explain(key, site.__getitem__)
        for item in items:
            assert sum(share.weight for share in item.shares) == item.similarity
            assert all(share.label != "?" for share in item.shares)
        shown = [(item.key, item.score) for item in items if not item.excluded]
        assert shown == [(pick.key, pick.score) for pick in picks]
        asked = made.explain(key, site.__getitem__, tuple(sorted(site)))
        assert {item.key for item in asked} == set(site)


@pytest.mark.parametrize("harm", ["flip", "cut", "remove", "empty", "manifest"])
def test_a_damaged_store_is_made_again(tmp_path: Path, harm: str) -> None:
    rng = random.Random(9)
    site = {f"k{n}": article(rng, f"k{n}") for n in range(30)}
    stamps = {key: stamp(doc) for key, doc in site.items()}
    folder = tmp_path / "cache"
    expected = lists(update(folder, stamps, site.__getitem__))
    blob = sorted(folder.glob("*.blob"))[rng.randrange(2)]
    data = bytearray(blob.read_bytes())
    if harm == "flip":
        data[len(data) // 2] ^= 4
        blob.write_bytes(data)
    elif harm == "cut":
        blob.write_bytes(data[: len(data) // 2])
    elif harm == "empty":
        blob.write_bytes(b"")
    elif harm == "remove":
        blob.unlink()
    else:
        manifest = folder / "manifest.json"
        manifest.write_bytes(manifest.read_bytes().replace(b'"next": 30', b'"next": 31'))
    repaired = update(folder, stamps, site.__getitem__)
    assert repaired.note.startswith("made anew: ")
    assert lists(repaired) == expected
    assert not update(folder, stamps, site.__getitem__).note


def test_nothing_changed_loads_and_redoes_nothing(tmp_path: Path) -> None:
    rng = random.Random(9)
    site = {f"k{n}": article(rng, f"k{n}") for n in range(30)}
    stamps = {key: stamp(doc) for key, doc in site.items()}
    update(tmp_path / "c", stamps, site.__getitem__)

    def never(key: str) -> RelatedInput:
        raise AssertionError(key)

    assert update(tmp_path / "c", stamps, never).redone == ()


def test_a_late_edit_of_an_old_article_redoes_few_lists(tmp_path: Path) -> None:
    rng = random.Random(3)
    vocabulary = [f"w{n}" for n in range(4000)]
    site = {
        f"k{n}": RelatedInput(
            f"k{n}", n, " ".join(rng.sample(vocabulary, 5)), " ".join(rng.sample(vocabulary, 60))
        )
        for n in range(1500)
    }
    stamps = {key: stamp(doc) for key, doc in site.items()}
    update(tmp_path / "c", stamps, site.__getitem__)
    site["k100"] = replace(site["k100"], text=site["k100"].text + " ralat")
    stamps["k100"] = stamp(site["k100"])
    warm = update(tmp_path / "c", stamps, site.__getitem__)
    assert 0 < len(warm.redone) < 150
    assert lists(warm) == lists(rank(site.values()))


def test_copies_are_not_shown_but_follow_ups_are() -> None:
    rng = random.Random(1)
    text = " ".join(rng.choice(WORDS) + str(rng.randrange(40)) for _ in range(200))
    follow = text[: len(text) // 2] + " " + " ".join(f"baru{n}" for n in range(100))
    docs = [
        RelatedInput("first", 1, "Gempa Cianjur pagi", text),
        RelatedInput("follow", 2, "Gempa Cianjur siang", follow),
        RelatedInput("copy", 3, "Gempa Cianjur pagi", text),
        RelatedInput("new", 4, "Gempa Cianjur pagi", text + " tambahan"),
    ]
    found = lists(rank(docs))
    assert [key for key, _ in found["new"]] == ["follow"]
    assert [key for key, _ in found["follow"]] == ["first"]


@pytest.mark.parametrize("size", [2, 3, 5, 10])
def test_small_archives_link_what_belongs_together(size: int) -> None:
    docs = [
        RelatedInput(
            f"k{n}",
            n,
            f"{'Banjir Jakarta' if n % 2 else 'Timnas Garuda'} {n}",
            f"{'hujan sungai Ciliwung' if n % 2 else 'gol pelatih stadion'} kata{n} yang",
        )
        for n in range(size)
    ]
    for key, picks in rank(docs).items():
        at = int(key[1:])
        if picks:
            assert (int(picks[0].key[1:]) - at) % 2 == 0
        if at >= 2:
            assert picks


def test_two_articles_of_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="'a'"):
        rank([RelatedInput("a", 1, "x", "y"), RelatedInput("a", 2, "x", "y")])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gempa M6,1 di Cianjur_Barat", ["gempa", "m6", "1", "di", "cianjur", "barat"]),
        ("\ufb01rst \uff12\uff10\uff12\uff12", ["first", "2022"]),
        ("東京都知事 COVID19", ["東京", "京都", "都知", "知事", "covid19"]),
        ("हिन्दी समाचार", ["हिन्दी", "समाचार"]),
        ("สวัสดี", ["สว", "วั", "ัส", "สด", "ดี"]),
        ("Cafe\u0301 “kata”", ["café", "kata"]),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert tokenize(text) == expected


@given(st.text(st.sampled_from("ab1 Z_.,\n“”’–—…«»„•\u00a0")))
def test_words_of_ascii_letters_are_found_as_all_others_are(text: str) -> None:
    # The word behind, in letters that are not ASCII, forbids the short way.
    assert tokenize(f"{text} é") == [*tokenize(text), "é"]


@pytest.mark.parametrize(
    ("weights", "golden"), [(Weights(), GOLDEN), (Weights(least_small=0.0), GOLDEN_LARGE)]
)
def test_scores_are_the_same_bits_on_every_machine(weights: Weights, golden: str) -> None:
    """Digests taken on x86-64; arm64 and every other numpy must reproduce them.

    They change with the formula or its constants, and then only.
    """
    rng = random.Random(11)
    made = rank([article(rng, f"k{n}", span=60) for n in range(300)], weights=weights)
    said = "\n".join(
        f"{key} " + " ".join(f"{pick.key}:{pick.score.hex()}" for pick in picks)
        for key, picks in made.items()
    )
    assert hashlib.sha256(said.encode()).hexdigest() == golden


def test_common_words_are_not_counted() -> None:
    pair = [
        RelatedInput("a", 1, "Harga beras", "bahwa mereka sudah naik di Bandung"),
        RelatedInput("b", 2, "Piala dunia", "bahwa mereka sudah menang di Doha"),
    ]
    assert rank(pair).picks("b")
    assert not rank(pair, weights=Weights(common=("bahwa", "di", "mereka", "sudah"))).picks("b")


def test_a_tag_and_a_story_bring_an_article_forward() -> None:
    filler = [RelatedInput(f"f{n}", n, f"judul lain{n}", f"isi beda{n} hal{n}") for n in range(20)]
    text = "hakim membaca putusan di pengadilan"
    pair = [RelatedInput(key, 30, "Sidang kasus", text) for key in ("b", "c")]
    query = RelatedInput("q", 32, "Sidang perkara", text)
    marks: tuple[dict[str, Any], ...] = (
        {},
        {"tags": ("korupsi",)},
        {"story": "korupsi"},
        {"category": "hukum"},
    )
    settings_ = replace(Weights(), copy=1.1)
    for mark, expected in zip(marks, "bccc", strict=True):
        marked = [pair[0], *(replace(doc, **mark) for doc in (pair[1], query))]
        assert rank([*filler, *marked], weights=settings_).picks("q")[0].key == expected


def test_a_shared_label_alone_relates_nothing() -> None:
    docs = [
        RelatedInput(f"k{n}", n, f"judul{n}", f"isi{n} kata{n}", category="x", edition="e")
        for n in range(12)
    ]
    assert all(not picks for _, picks in rank(docs).items())


def test_one_shared_word_relates_nothing_but_two_or_a_story_do() -> None:
    old = RelatedInput("old", 1, "Warga memanen", "Padi ditumbuk Sumedang", story="panen")
    one = RelatedInput("q", 2, "Warga berziarah", "Makam dibersihkan", story="")
    filler = [RelatedInput(f"f{n}", 0, f"judul{n}", f"isi{n} beda{n}") for n in range(9)]
    for query, expected in (
        (one, 0),
        (replace(one, text="Makam Sumedang"), 1),
        (replace(one, title="Peziarah datang", story="panen"), 1),
    ):
        assert len(rank([*filler, old, query]).picks("q")) == expected
