"""Work spread over processes: order kept, exceptions raised, killers named, the rest goes on."""

from __future__ import annotations

import gc
import os
import signal
import struct
import sys
import threading
import time
from multiprocessing.connection import Connection

import pytest

from digest.errors import ConfigError, ContentError, Problem, Where
from digest.parallel import BATCH, THRESHOLD, spread, usable_jobs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")

ITEMS = range(THRESHOLD + 150)
"""Enough items that two processes are used."""


def lost(item: int, code: int | None) -> tuple[str, int, int | None]:
    return ("lost", item, code)


def pid_of(item: int) -> int:
    return os.getpid()


def test_results_come_in_the_order_of_the_items() -> None:
    def slow_first(item: int) -> int:
        if item < 3:
            time.sleep(0.05)
        return item * item

    assert spread(ITEMS, slow_first, jobs=2, lost=lost) == [item * item for item in ITEMS]


def test_the_work_is_done_by_as_many_other_processes_as_asked() -> None:
    pids = set(spread(ITEMS, pid_of, jobs=2, lost=lost))
    assert len(pids) == 2
    assert os.getpid() not in pids


@pytest.mark.parametrize("items", [0, 1, THRESHOLD - 1])
def test_few_items_are_done_here(items: int) -> None:
    assert set(spread(range(items), pid_of, jobs=4, lost=lost)) <= {os.getpid()}


def test_one_job_is_done_here() -> None:
    assert set(spread(ITEMS, pid_of, jobs=1, lost=lost)) == {os.getpid()}


def test_a_process_with_threads_is_never_forked() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert usable_jobs(4, 10_000) == 1
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize(("jobs", "items", "used"), [(8, 200, 2), (8, 10_000, 8), (2, 10_000, 2)])
def test_a_process_gets_at_least_a_hundred_items(jobs: int, items: int, used: int) -> None:
    assert usable_jobs(jobs, items) == used


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
@pytest.mark.parametrize("culprits", [{0}, {1}, {77}, {len(ITEMS) - 1}, {5, 6, 7, 200}])
def test_an_item_that_kills_its_worker_is_named_and_the_rest_goes_on(
    number: signal.Signals, culprits: set[int]
) -> None:
    def deadly(item: int) -> int:
        if item in culprits:
            os.kill(os.getpid(), number)
        return item

    expected = [lost(item, -number) if item in culprits else item for item in ITEMS]
    assert spread(ITEMS, deadly, jobs=2, lost=lost) == expected


def test_an_item_that_ends_its_worker_is_named_with_the_exit_code() -> None:
    def leaving(item: int) -> int:
        if item == 10:
            os._exit(3)
        return item

    assert spread(ITEMS, leaving, jobs=2, lost=lost)[10] == lost(10, 3)


def test_every_item_may_kill_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.parallel.THRESHOLD", 8)
    items = range(40)

    def deadly(item: int) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return item

    assert spread(items, deadly, jobs=2, lost=lost) == [lost(item, -9) for item in items]


def test_a_worker_killed_while_it_sends_loses_no_other_item() -> None:
    """As the system does when memory runs out: half a message is in the pipe."""

    def torn(item: int) -> int:
        if item == 100:
            for found in gc.get_objects():
                if isinstance(found, Connection) and not found.closed and found.writable:
                    os.write(found.fileno(), struct.pack("!i", 1000) + b"half")
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    found = spread(ITEMS, torn, jobs=2, lost=lost)
    assert [result for result in found if isinstance(result, tuple)] == [lost(100, -9)]


@pytest.mark.parametrize(
    "error",
    [
        ValueError("salah"),
        OSError(28, "No space left on device"),
        ContentError(Problem("D999", "salah", Where("a.md", 3))),
        ConfigError([Problem("D998", "satu"), Problem("D999", "dua")]),
    ],
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_is_raised_here_as_it_was(
    error: Exception, jobs: int, capfd: pytest.CaptureFixture[str]
) -> None:
    def failing(item: int) -> int:
        if item == 30:
            raise error
        return item

    with pytest.raises(type(error)) as caught:
        spread(ITEMS, failing, jobs=jobs, lost=lost)
    assert str(caught.value) == str(error)
    assert getattr(caught.value, "problems", None) == getattr(error, "problems", None)
    assert "Traceback" not in capfd.readouterr().err


class PickyError(Exception):
    """Cannot be unpickled: it wants two arguments."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} {two}")


def test_an_exception_that_cannot_travel_is_still_told() -> None:
    def failing(item: int) -> int:
        raise PickyError("salah", "benar")

    with pytest.raises(Exception, match="salah benar"):
        spread(ITEMS, failing, jobs=2, lost=lost)


def test_a_result_that_cannot_travel_is_an_error_and_no_hang() -> None:
    with pytest.raises(Exception, match="pickle"):
        spread(ITEMS, lambda item: lambda: item, jobs=2, lost=lost)


def test_no_worker_is_left_after_an_exception() -> None:
    import multiprocessing

    def failing(item: int) -> int:
        if item == 1:
            raise ValueError
        time.sleep(0.001)
        return item

    with pytest.raises(ValueError):  # noqa: PT011 - it has no text
        spread(ITEMS, failing, jobs=2, lost=lost)
    assert multiprocessing.active_children() == []


def test_large_results_pass() -> None:
    found = spread(ITEMS, lambda item: bytes([item % 256]) * 100_000, jobs=2, lost=lost)
    assert [value[0] for value in found if isinstance(value, bytes)] == [i % 256 for i in ITEMS]


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_counts_up_to_the_items(jobs: int) -> None:
    ticks: list[int] = []
    spread(ITEMS, lambda item: item, jobs=jobs, lost=lost, tick=ticks.append)
    assert ticks == sorted(ticks)
    assert len(ITEMS) - BATCH < ticks[-1] <= len(ITEMS)


def test_no_file_stays_open_after_many_runs() -> None:
    def open_files() -> int:
        gc.collect()
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counts descriptors

    spread(ITEMS, pid_of, jobs=2, lost=lost)
    before = open_files()
    for _ in range(5):
        spread(ITEMS, pid_of, jobs=2, lost=lost)
    assert open_files() <= before
