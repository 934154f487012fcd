"""Servers that speak S3, started on the loopback for the tests: SeaweedFS and moto."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3
import msgspec
from botocore.config import Config

from publish.programs import missing, need

KEY, SECRET = "AKPUBLISHTEST", "sangat-rahasia-jangan-bocor"


class Server(msgspec.Struct, frozen=True):
    """A running server: its port, and a client with the right to do all."""

    port: int
    client: Any

    @property
    def endpoint(self) -> str:
        """The address for ``endpoint`` of a target."""
        return f"http://127.0.0.1:{self.port}"


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on, all different."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]


def client_of(port: int) -> Any:
    """A client of boto3 for a server on the loopback, apart from the code under test."""
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        config=Config(
            retries={"total_max_attempts": 3},
            connect_timeout=5,
            read_timeout=30,
            max_pool_connections=20,
            s3={"addressing_style": "path"},
        ),
    )


def answers(port: int, process: subprocess.Popen[bytes], limit: float = 60) -> Any:
    """The client once the server answers. Fails when it ends or is not ready in time."""
    client, end = client_of(port), time.monotonic() + limit
    while time.monotonic() < end and process.poll() is None:
        try:
            client.create_bucket(Bucket="siap")
        except Exception:
            time.sleep(0.3)
        else:
            return client
    return missing("the S3 server did not start: see its log in the test's folder")


@contextmanager
def running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended with the block."""
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, stdin=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def seaweed(folder: Path) -> Iterator[Server]:
    """SeaweedFS, which checks signatures and preconditions."""
    parts = ("master", "volume", "filer", "s3")
    names = [f"{part}.port{kind}" for part in parts for kind in ("", ".grpc")]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    right = {"accessKey": KEY, "secretKey": SECRET}
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    who = {"identities": [{"name": "t", "credentials": [right], "actions": actions}]}
    (folder / "s3.json").write_text(json.dumps(who))
    (folder / "data").mkdir()
    command = [need("weed"), f"-logdir={folder}", "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    command += [f"-dir={folder / 'data'}", "-master.telemetry=false", "-volume.max=20"]
    command += ["-master.volumeSizeLimitMB=64", "-filer", f"-filer.localSocket={folder / 'f.sock'}"]
    command += ["-s3", f"-s3.config={folder / 's3.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    command += [f"-{name}={port}" for name, port in ports.items()]
    with running(command, folder / "weed.log") as process:
        yield Server(ports["s3.port"], answers(ports["s3.port"], process))


@contextmanager
def moto(folder: Path) -> Iterator[Server]:
    """moto, a second opinion: another reading of the same protocol, signatures unchecked."""
    (port,) = free_ports(1)
    need("moto_server")
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, folder / "moto.log") as process:
        yield Server(port, answers(port, process))
