"""Cost of Baca Juga at 1,000, 10,000 and 100,000 articles, as a Markdown table.

Run ``python tests/bench/bench_related.py [COUNT …]``. Every line is a process of its own, measured
whole: start of the interpreter, import of numpy, reading the index, ranking, writing. Each warm
line begins with a copy of what the cold one left. Articles come from a file written beforehand;
what the engine does not ask for is not read.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from digest.related.engine import RelatedInput

COUNTS = (1_000, 10_000, 100_000)
NEW = 20
STEPS = {
    "cold": "cold",
    "none": "nothing changed",
    "new": f"{NEW} new",
    "edit": "one edit, in the middle",
    "delete": "one deleted, in the middle",
}


def main() -> None:
    """Make the corpora, run every step and print the table."""
    if sys.argv[1:2] == ["--step"]:
        step(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
        return
    from tempfile import TemporaryDirectory  # not in the time of a step

    print("| articles | step | CPU s | wall s | peak RSS MB | lists made |")
    print("|---|---|---|---|---|---|", flush=True)
    for count in [int(given) for given in sys.argv[1:]] or COUNTS:
        with TemporaryDirectory() as name:
            for line in lines(count, Path(name)):
                print(line, flush=True)


def lines(count: int, folder: Path) -> Iterator[str]:
    """The lines of the table for one size; ``folder`` is empty and may be filled."""
    import shutil  # not in the time of a step

    corpus = folder / "corpus"
    write(corpus, count + NEW)
    for name, title in STEPS.items():
        store = folder / "cold"
        if name != "cold":
            store = folder / "warm"
            shutil.rmtree(store, ignore_errors=True)
            shutil.copytree(folder / "cold", store)
        cpu, wall, peak, made = measured([name, str(corpus), str(store)])
        yield f"| {count:,} | {title} | {cpu:.2f} | {wall:.2f} | {peak:.0f} | {made} |"


def write(corpus: Path, count: int) -> None:
    """Write ``count`` articles into one file; beside it where each begins, and the end."""
    from words import articles

    offsets = array("Q")
    with corpus.open("wb") as file:
        for article in articles(count):
            offsets.append(file.tell())
            file.write(msgspec.msgpack.encode(article))
    offsets.append(corpus.stat().st_size)
    corpus.with_suffix(".offsets").write_bytes(offsets.tobytes())


def measured(arguments: list[str]) -> tuple[float, float, float, str]:
    """CPU and wall seconds, peak RSS in MB, and the answer of a step in a process of its own."""
    import subprocess  # not in the time of a step

    started = time.perf_counter()
    command = [sys.executable, __file__, "--step", *arguments]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    answer = child.stdout.read().strip()
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    if status:
        raise SystemExit(f"{' '.join(arguments)} failed")
    return used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, answer


def step(name: str, corpus: Path, store: Path) -> None:
    """Bring ``store`` up to date with a changed corpus; print how many lists were made."""
    from digest.related.engine import update  # counts in the time of the step

    offsets = array("Q", corpus.with_suffix(".offsets").read_bytes())
    keys = [f"s{number}" for number in range(len(offsets) - 1 - (NEW if name != "new" else 0))]
    stamps = dict.fromkeys(keys, "as written")
    middle = keys[len(keys) // 2]
    if name == "edit":
        stamps[middle] = "edited"
    if name == "delete":
        del stamps[middle]
    with corpus.open("rb") as file:
        load = loader(file.fileno(), offsets, middle if name == "edit" else "")
        print(len(update(store, stamps, load).redone))


def loader(file: int, offsets: array[int], edited: str) -> Callable[[str], RelatedInput]:
    """Reads one article; the one called ``edited`` has three words more."""
    from digest.related.engine import RelatedInput  # counts in the time of the step

    def load(key: str) -> RelatedInput:
        number = int(key[1:])
        start, end = offsets[number], offsets[number + 1]
        article = msgspec.msgpack.decode(os.pread(file, end - start, start), type=RelatedInput)
        if key == edited:
            return dataclasses.replace(article, text=article.text + " tambahan kata baru")
        return article

    return load


if __name__ == "__main__":
    main()
