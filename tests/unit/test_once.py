"""Values made once, without a lock."""

from __future__ import annotations

import threading

from digest.once import once
from digest.plan.printer import Edition


class Slow:
    """Waits for ``gate`` before it has a value."""

    def __init__(self, gate: threading.Event) -> None:
        self.gate = gate
        self.asked = threading.Event()
        self.made = 0

    @once
    def value(self) -> int:
        """How often it was made."""
        self.asked.set()
        assert self.gate.wait(30)
        self.made += 1
        return self.made


def test_a_value_is_made_when_it_is_asked_for_and_kept() -> None:
    gate = threading.Event()
    gate.set()
    slow = Slow(gate)
    assert slow.made == 0
    assert (slow.value, slow.value, slow.made) == (1, 1, 1)
    assert Slow.value.__doc__ == "How often it was made."


def test_another_object_need_not_wait_while_a_value_is_made() -> None:
    waiting, open_gate = Slow(threading.Event()), threading.Event()
    open_gate.set()
    thread = threading.Thread(target=lambda: waiting.value)
    thread.start()
    assert waiting.asked.wait(30)
    found: list[int] = []
    other = threading.Thread(target=lambda: found.append(Slow(open_gate).value))
    other.start()
    other.join(10)
    waiting.gate.set()
    thread.join(30)
    assert found == [1]


def test_what_two_sites_of_a_preview_are_asked_at_once_is_made_so() -> None:
    lazy = ("related", "chapters", "carriers", "corrections", "correction_places")
    assert all(isinstance(vars(Edition)[name], once) for name in lazy)
