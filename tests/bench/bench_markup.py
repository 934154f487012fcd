"""Time of the Markdown conversion: µs per article of about 350 words, best of several rounds.

Run ``python tests/bench/bench_markup.py [--profile]``. Peers: Python-Markdown alone, and with the
extensions that come nearest to what ``digest.markup`` does.
"""

from __future__ import annotations

import cProfile
import pstats
import random
import sys
import time
from collections.abc import Callable

import markdown

from digest.markup import Converter, MarkupSettings

_TEXT = (
    "pemerintah pusat daerah mengatakan bahwa harga beras naik tajam sepanjang pekan ini karena"
    " pasokan dari sejumlah provinsi terlambat akibat banjir sementara warga berharap bantuan"
    " segera tiba menteri perdagangan meninjau pasar induk bersama gubernur dan wali kota kemarin"
    " sore untuk memastikan stok tetap aman menjelang hari raya menurut data badan statistik"
)


def article(seed: int, kind: str) -> str:
    """A text of about 350 words: ``plain``, ``wire`` (quotes, links) or ``rich`` (all kinds)."""
    rng = random.Random(seed)
    words_known = _TEXT.split()
    blocks = []
    for number in range(9):
        words = rng.choices(words_known, k=38)
        words[0] = words[0].capitalize()
        if kind != "plain" and number % 3 == 0:
            words[10:14] = [f'"{words[10]}', *words[11:13], f'{words[13]},"']
        if kind != "plain" and number % 4 == 1:
            words[20] = f"[{words[20]}](../0{number}/lain-{seed}.md#bagian)"
            words[5] = f"*{words[5]}*"
        blocks.append(" ".join(words) + ".")
    if kind != "plain":
        blocks.insert(4, "Baca Juga")
        blocks.insert(6, "## Apa kata mereka?")
    if kind == "rich":
        blocks += [
            "- satu [luar](https://contoh.id/a)\n- dua **tebal**\n- tiga",
            '![Foto pasar](pasar.jpg "Pasar induk"){credit="Foto: Antara"}',
            "| Kota | Harga |\n|:-----|------:|\n| Bandung | 12.000 |\n| Medan | 13.500 |",
            "Catatan[^1] dan [[perang-ukraina|kisah]] & lain-lain.\n\n[^1]: Sumber resmi.",
        ]
    return "\n\n".join(blocks) + "\n"


def best(convert: Callable[[str], object], texts: list[str], rounds: int = 7) -> float:
    """Best time per text over ``rounds``, in µs."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for text in texts:
            convert(text)
        times.append((time.perf_counter() - start) / len(texts))
    return min(times) * 1e6


def peer(extensions: list[str]) -> Callable[[str], object]:
    """Python-Markdown with ``extensions``, reset before each text."""
    md = markdown.Markdown(extensions=extensions)
    return lambda text: md.reset().convert(text)


def ours(**settings: object) -> Callable[[str], object]:
    """The converter of this package."""
    converter = Converter(MarkupSettings(**settings))  # type: ignore[arg-type]
    return lambda text: converter.convert(text, path="a.md", first_line=1)


def main() -> None:
    """Print the table, or a profile of the wire articles."""
    if "--profile" in sys.argv:
        convert = ours()
        texts = [article(seed, "wire") for seed in range(2000)]
        profile = cProfile.Profile()
        profile.runcall(lambda: [convert(text) for text in texts])
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)
        return
    near = ["tables", "footnotes", "attr_list", "sane_lists", "toc", "def_list", "fenced_code"]
    for kind in ("plain", "wire", "rich"):
        texts = [article(seed, kind) for seed in range(300)]
        words = sum(len(text.split()) for text in texts) // len(texts)
        print(f"{kind} ({words} words)")
        for name, convert in {
            "digest.markup": ours(),
            "digest.markup, no typography": ours(typography=False),
            "digest.markup, trusted": ours(raw_html="trusted"),
            "Python-Markdown": peer([]),
            "Python-Markdown, extensions": peer([*near, "abbr"]),
            "Python-Markdown, extensions and smarty": peer([*near, "abbr", "smarty"]),
        }.items():
            print(f"  {name:40} {best(convert, texts):8.0f} µs")


if __name__ == "__main__":
    main()
