"""Questions to another process: answered there, in order, and here where it is gone."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from digest.aside import Aside

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")

Answers = Callable[[int], tuple[int, int]]


def squares() -> Answers:
    """The square of a number, and the process that found it."""
    return lambda number: (number * number, os.getpid())


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_questions_are_answered_in_their_order_by_one_other_process() -> None:
    with Aside(squares, pays=True) as aside:
        waiting = [aside.ask(number) for number in range(50)]
        found = [wait() for wait in waiting]
    assert [square for square, _ in found] == [number * number for number in range(50)]
    assert len({process for _, process in found}) == 1
    assert found[0][1] != os.getpid()


def test_it_is_made_ready_before_it_is_asked(tmp_path: Path) -> None:
    def ready() -> Answers:
        (tmp_path / "ready").touch()
        return squares()

    with Aside(ready, pays=True) as aside:
        until = time.monotonic() + 10
        while not (tmp_path / "ready").exists() and time.monotonic() < until:
            time.sleep(0.01)
        assert (tmp_path / "ready").exists()
        assert aside.ask(3)()[0] == 9


def test_large_questions_and_answers_arrive_whole() -> None:
    def ready() -> Callable[[bytes], tuple[bytes, int]]:
        return lambda asked: (asked[::-1], os.getpid())

    data = os.urandom(3_000_000)
    with Aside(ready, pays=True) as aside:
        answer, process = aside.ask(data)()
    assert answer == data[::-1]
    assert process != os.getpid()


def test_where_it_does_not_pay_there_is_no_other_process() -> None:
    with Aside(squares, pays=False) as aside:
        assert not aside.beside
        assert aside.ask(4)() == (16, os.getpid())


def test_a_process_with_threads_is_never_forked() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        with Aside(squares, pays=True) as aside:
            assert aside.ask(5)() == (25, os.getpid())
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("killed", ["before", "while"])
def test_what_a_killed_process_was_asked_is_answered_here(killed: str) -> None:
    here = os.getpid()

    def ready() -> Answers:
        def answer(number: int) -> tuple[int, int]:
            if os.getpid() != here and number == 7:
                os.kill(os.getpid(), signal.SIGKILL)
            return squares()(number)

        if killed == "before" and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    with Aside(ready, pays=True) as aside:
        first, second = aside.ask(7), aside.ask(8)
        assert first() == (49, here)
        assert second() == (64, here)


def test_an_exception_over_there_is_raised_here() -> None:
    def ready() -> Callable[[int], float]:
        return lambda number: 1 / number

    with Aside(ready, pays=True) as aside, pytest.raises(ZeroDivisionError):
        aside.ask(0)()


def test_leaving_ends_the_other_process_whatever_it_does(tmp_path: Path) -> None:
    def ready() -> Answers:
        (tmp_path / "pid.new").write_text(str(os.getpid()))
        (tmp_path / "pid.new").rename(tmp_path / "pid")
        time.sleep(60)
        return squares()

    with Aside(ready, pays=True) as aside:
        aside.ask(1)
        until = time.monotonic() + 10
        while not (tmp_path / "pid").exists() and time.monotonic() < until:
            time.sleep(0.01)
    assert not aside.beside
    assert not is_alive(int((tmp_path / "pid").read_text()))


def test_no_pipe_is_left_open() -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    for number in range(5):
        with Aside(squares, pays=True) as aside:
            aside.ask(number)()
    assert len(list(Path("/dev/fd").iterdir())) == before
