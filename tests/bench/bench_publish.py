"""What a publish costs: one edited article of many, each kind of hosting beside rsync and rclone.

    .venv/bin/python tests/bench/bench_publish.py --count 10000 --folder /tmp/bench

Every target is a real server on the loopback; all get the same two trees in one run: everything
once, then what one edited article changes. Building is not counted (``--no-build``).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from desk import desks  # noqa: E402 - found by the path above
from machine import machine, today  # noqa: E402
from publish.proxy import proxied  # noqa: E402
from publish.s3servers import KEY, SECRET, seaweed  # noqa: E402
from publish.servers import Sshd, git_daemon, sshd  # noqa: E402

PEERS = HERE.parents[1] / ".bench/python/bin"
"""Where ``make bench`` puts its peers."""
LIMIT = 900
"""Seconds one publish may take."""


@dataclass(frozen=True)
class Way:
    """One way to publish: the command, its environment, and what counts its bytes."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    sent: Callable[[], int] | None = None


@dataclass(frozen=True)
class Row:
    """One measured run."""

    files: str
    size: int | None
    seconds: float


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--only", default="", help="parts of names, with commas between them")
    options = parser.parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    options.folder.mkdir(parents=True)
    lines = machine(options.folder)
    desk = desks(["digest"], options.folder, options.count)["digest"]
    site = desk.room.folder
    with ExitStack() as stack:
        ways, skipped = _ways(site, options.folder, stack)
        wanted = options.only.split(",")
        chosen = [way for way in ways if any(part in way.name for part in wanted)]
        _digest(site, "build")
        before = {way.name: _timed(way) for way in chosen}
        again = {way.name: _timed(way) for way in chosen}
        desk.text()
        _digest(site, "build")
        after = {way.name: _timed(way) for way in chosen}
    print(f"{today()}, {options.count:,} articles, {_files(site / 'output'):,} files")
    print("\n".join(f"- {line}" for line in lines), end="\n\n")
    print("| | everything | nothing changed | one article edited | files | bytes on the wire |")
    print("|---|---|---|---|---|---|")
    for name, row in after.items():
        size = "" if row.size is None else f"{row.size:,}"
        print(
            f"| {name} | {before[name].seconds:.1f} s | {again[name].seconds:.2f} s"
            f" | {row.seconds:.2f} s | {row.files} | {size} |"
        )
    print("\n".join(f"\n{line}" for line in skipped))
    return 0


def _ways(site: Path, folder: Path, stack: ExitStack) -> tuple[list[Way], list[str]]:
    """All ways, each to a place of its own, and why some are missing."""
    server = stack.enter_context(sshd(_made(folder / "sshd")))
    _run(["git", "init", "--quiet", "--bare", str(folder / "git/pages.git")])
    git = stack.enter_context(proxied("127.0.0.1", stack.enter_context(git_daemon(folder / "git"))))
    ssh = {name: stack.enter_context(proxied("127.0.0.1", server.port)) for name in ("r", "f", "p")}
    for proxy in ssh.values():
        server.environment(proxy.port)
    host = f"{server.user}@127.0.0.1"
    targets = {
        "dir": f"dir://{folder}/dir",
        "git": f"git+git://127.0.0.1:{git.port}/pages.git",
        "rsync": f"rsync://{host}:{ssh['r'].port}{folder}/rsync",
        "sftp": f"sftp://{host}:{ssh['f'].port}{folder}/sftp",
    }
    bytes_of: dict[str, Callable[[], int]] = {
        "git": lambda: git.sent,
        "rsync": lambda: ssh["r"].sent,
        "sftp": lambda: ssh["f"].sent,
    }
    environment = server.environment()
    skipped: list[str] = []
    peers: list[Way] = []
    endpoint = ""
    if shutil.which("weed", path=str(Path(sys.executable).parent)):
        store = stack.enter_context(seaweed(_made(folder / "weed")))
        store.client.create_bucket(Bucket="kabar")
        s3 = stack.enter_context(proxied("127.0.0.1", store.port))
        endpoint = f"http://127.0.0.1:{s3.port}"
        targets["s3"], bytes_of["s3"] = "s3://kabar", lambda: s3.sent
        environment |= {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
        environment["AWS_DEFAULT_REGION"] = "us-east-1"
        store.client.create_bucket(Bucket="saingan")
        other = stack.enter_context(proxied("127.0.0.1", store.port))
        peers = _rclone_to_s3(site, f"http://127.0.0.1:{other.port}", lambda: other.sent)
    else:
        skipped.append("S3: weed is not installed.")
    settings = (site / "digest.toml").read_text(encoding="utf-8")
    for name, url in targets.items():
        more = f'endpoint = "{endpoint}"\n' if name == "s3" else ""
        settings += f'\n[publish.{name}]\nurl = "{url}"\n{more}'
    (site / "digest.toml").write_text(settings, encoding="utf-8")
    base = (sys.executable, "-m", "digest", "publish")
    ways = [
        Way(
            f"digest to {name}",
            (*base, name, "--no-build", "--json", "--site", str(site)),
            environment,
            bytes_of.get(name),
        )
        for name in targets
    ]
    ways += _peers(site, folder, server, ssh["p"].port, lambda: ssh["p"].sent, skipped)
    return ways + peers, skipped


def _rclone_to_s3(site: Path, endpoint: str, sent: Callable[[], int]) -> list[Way]:
    """rclone to a bucket of the same server, going by checksums as digest does."""
    rclone = shutil.which("rclone", path=str(Path(sys.executable).parent))
    if not rclone:
        return []
    command: tuple[str, ...] = (rclone, "sync", "--config", "/dev/null", "--stats", "0")
    settings = {"PROVIDER": "Other", "ENDPOINT": endpoint}
    settings |= {"ACCESS_KEY_ID": KEY, "SECRET_ACCESS_KEY": SECRET}
    environment = {f"RCLONE_S3_{name}": value for name, value in settings.items()}
    command = (*command, "--checksum", f"{site}/output/", ":s3:saingan")
    return [Way("rclone sync to S3", command, environment, sent)]


def _peers(
    site: Path,
    folder: Path,
    server: Sshd,
    port: int,
    sent: Callable[[], int],
    skipped: list[str],
) -> list[Way]:
    """What people use else, on the same trees."""
    output, environment = f"{site}/output/", server.environment()
    rsync = ("rsync", "-a", "--delete", "--stats")
    shell = f"{environment['RSYNC_RSH']} -p {port}"
    there = f"{server.user}@127.0.0.1:{folder}/peer-ssh/"
    ways = [
        Way("rsync -a to a folder", (*rsync, output, f"{folder}/peer-dir/"), {}),
        Way("rsync -a over ssh", (*rsync, "-e", shell, output, there), {}, sent),
    ]
    rclone = shutil.which("rclone", path=str(Path(sys.executable).parent))
    if rclone:
        command: tuple[str, ...] = (rclone, "sync", "--config", "/dev/null", "--stats", "0")
        ways.append(Way("rclone sync to a folder", (*command, output, f"{folder}/peer-rclone"), {}))
        skipped.append("rclone over SFTP: it hung before the first file in a trial; not measured.")
    else:
        skipped.append("rclone: not installed (`make publish-tools`).")
    hugo = shutil.which("hugo", path=f"{PEERS}{os.pathsep}{os.environ['PATH']}")
    if hugo and "withdeploy" in _run([hugo, "version"]):
        home = _made(folder / "hugo")
        target = (
            f'[[deployment.targets]]\nname = "t"\nURL = "file://{_made(folder / "peer-hugo")}"\n'
        )
        (home / "hugo.toml").write_text(f'publishDir = "{output}"\n{target}', encoding="utf-8")
        deploy = (hugo, "deploy", "--source", str(home), "--maxDeletes", "-1")
        ways.append(Way("hugo deploy to a folder", deploy, {}))
    else:
        skipped.append("hugo deploy: no hugo with deploy is installed here.")
    return ways


def _timed(way: Way) -> Row:
    """One run of a way."""
    before = way.sent() if way.sent else 0
    started = time.perf_counter()
    done = subprocess.run(
        way.command,
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1]), **way.environment},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    seconds = time.perf_counter() - started
    print(f"{way.name}: {seconds:.2f} s", file=sys.stderr, flush=True)
    if done.returncode:
        raise SystemExit(f"{way.name} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    size = way.sent() - before if way.sent else None
    return Row(_moved(way, done.stdout), size, seconds)


def _moved(way: Way, out: str) -> str:
    """How many files went, as the program says; "" where it does not say."""
    if way.name.startswith("digest"):
        return str(len(json.loads(out)["changes"]))
    for line in out.splitlines():
        if "Number of regular files transferred" in line:
            return line.partition(":")[2].strip()
    return ""


def _digest(site: Path, *arguments: str) -> None:
    _run([sys.executable, "-m", "digest", *arguments, "--site", str(site), "-q"])


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=True)
    return done.stdout


def _files(folder: Path) -> int:
    return sum(1 for path in folder.rglob("*") if path.is_file())


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
