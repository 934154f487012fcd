"""Slow lines: the time limit is for a host that stands still, not for a large body."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.publish.targets import s3
from digest.publish.web import once
from publish.releases import BRISK, context_of, target_of

SIZE = 16 << 20


@pytest.fixture
def slow() -> Iterator[int]:
    """The port of a server that takes its time to read, longer than the limit in all."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    listener.bind(("127.0.0.1", 0))
    listener.listen()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            got = 0
            while got < SIZE:
                data = connection.recv(65536)
                if not data:
                    return
                got += len(data)
                time.sleep(0.015)
            connection.settimeout(0.3)
            answer = b'HTTP/1.1 200 OK\r\nETag: "x"\r\nContent-Length: 0\r\n\r\n'
            connection.sendall(answer)
            time.sleep(0.3)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    thread.join(10)
    listener.close()


def test_a_large_body_may_take_longer_than_the_limit(slow: int) -> None:
    started = time.monotonic()
    answer = once("PUT", f"http://127.0.0.1:{slow}/x", 2.5, body=bytes(SIZE))
    assert answer.ok
    assert time.monotonic() - started > 2.5


def test_a_large_object_may_take_longer_than_the_limit(
    slow: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import msgspec

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKUJI")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "rahasia-uji")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    context = msgspec.structs.replace(
        context_of(tmp_path, {}),
        policy=msgspec.structs.replace(BRISK, timeout=2.5, attempts=1),
    )
    target = target_of("s3://siap", endpoint=f"http://127.0.0.1:{slow}")
    started = time.monotonic()
    assert s3.open_target(target, context)._bucket.put("besar", bytes(SIZE), {}) == "x"
    assert time.monotonic() - started > 2.5
