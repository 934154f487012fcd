"""How the command starts: what it loads, completes and prints about itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sitekit import COMMAND, REPOSITORY, RunCli, article, environment, run, write_site

import digest
from digest.cli import COMMANDS
from digest.model import FOLDERS

KINDS = tuple(FOLDERS.values())
HEAVY = ("jinja2", "markdown", "watchdog", "babel", "frontmatter", "yaml", "nh3", "slugify", "rich")


def loaded(args: list[str], cwd: Path, home: Path) -> set[str]:
    """The modules that a command has loaded when it ends."""
    script = (
        "import sys, atexit\n"
        "atexit.register(lambda: print('\\n'.join(sys.modules), file=sys.stderr))\n"
        "from digest.cli import main\n"
        f"main({args!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=cwd,
        env=environment(home),
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    return set(done.stderr.decode().splitlines())


@pytest.mark.parametrize("args", [["--version"], ["--help"], ["explain", "D240"]])
def test_small_commands_load_no_heavy_library(tmp_path: Path, args: list[str]) -> None:
    modules = loaded(args, tmp_path, tmp_path)
    assert "digest.cli" in modules
    assert not modules & {*HEAVY, "multiprocessing", "asyncio"}


def test_version_loads_only_click(tmp_path: Path) -> None:
    own = {name for name in loaded(["--version"], tmp_path, tmp_path) if name.startswith("digest")}
    assert own == {"digest", "digest.cli"}


def test_a_build_never_loads_the_preview(root: Path, tmp_path: Path) -> None:
    write_site(root, {"content/articles/a.md": article()})
    assert "watchdog" not in loaded(["build"], root, tmp_path)


def test_version_is_that_of_the_package(run_cli: RunCli) -> None:
    for option in ("--version", "-V"):
        done = run_cli(option)
        assert (done.exit_code, done.err) == (0, "")
        assert done.out == f"digest, version {digest.__version__}\n"


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_every_command(run_cli: RunCli, option: str) -> None:
    done = run_cli(option)
    assert done.exit_code == 0
    for command in ("build", "check", "clean", "explain", "list", "new", "schema"):
        assert f"\n  {command} " in done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_starts_from_nothing_and_has_help(tmp_path: Path, command: str) -> None:
    """Whatever it needs it imports; a process of the nursery has everything."""
    done = run([command, "--help"], tmp_path, environment(tmp_path), fresh=True)
    assert done.exit_code == 0
    assert "Usage: digest" in done.out
    assert done.err == ""


@pytest.mark.parametrize("command", ["build", "check", "list"])
def test_the_common_options_are_common(run_cli: RunCli, command: str) -> None:
    out = run_cli(command, "--help").out
    for option in ("--site", "--output", "--now", "--drafts", "--future", "--jobs", "--json"):
        assert option in out
    for option in ("--strict", "--quiet", "--debug", "--format"):
        assert option in out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(run_cli: RunCli, shell: str) -> None:
    if shell == "bash" and not Path("/bin/bash").exists():
        pytest.skip("click asks bash for its version")
    done = run_cli(env={"_DIGEST_COMPLETE": f"{shell}_source"})
    assert done.exit_code == 0
    assert "_DIGEST_COMPLETE" in done.out


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("digest ", set(COMMANDS)),
        ("digest bu", {"build"}),
        ("digest build --dr", {"--drafts"}),
        ("digest check --fo", {"--format"}),
        ("digest check --format sa", {"sarif"}),
        ("digest list --state dr", {"draft"}),
        ("digest new ", {"article", "edition", "site"}),
        ("digest schema ", set(KINDS)),
    ],
)
def test_commands_and_options_are_completed(run_cli: RunCli, words: str, wanted: set[str]) -> None:
    parts = words.split(" ")
    done = run_cli(
        env={
            "_DIGEST_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(parts) - 1),
        }
    )
    assert {line.split(",")[1] for line in done.out.splitlines()} == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_schema_prints_a_json_schema(run_cli: RunCli, kind: str) -> None:
    done = run_cli("schema", kind)
    schema = json.loads(done.out)
    assert done.exit_code == 0
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "title" in schema["properties"]
    assert schema["additionalProperties"] is False


def test_schema_is_of_an_article_unless_told(run_cli: RunCli) -> None:
    assert run_cli("schema").out == run_cli("schema", "article").out


def test_schema_needs_no_site(run_cli: RunCli, tmp_path: Path) -> None:
    assert run_cli("schema", cwd=tmp_path).exit_code == 0


def test_the_module_can_be_run(tmp_path: Path) -> None:
    assert COMMAND[1:] == ("-m", "digest")
    installed = REPOSITORY / ".venv/bin/digest"
    if installed.exists():
        done = subprocess.run(
            [installed, "--version"], capture_output=True, env=environment(tmp_path)
        )
        assert done.stdout.startswith(b"digest, version ")


def test_an_internal_error_is_one_line_and_a_traceback_with_debug(
    root: Path, tmp_path: Path
) -> None:
    write_site(root, {"content/articles/a.md": article()})
    script = (
        "import sys, digest.build\n"
        "def broken(*_, **__): raise ZeroDivisionError('aduh')\n"
        "digest.build.composed = broken\n"
        "from digest.cli import main\n"
        "main(sys.argv[1:])\n"
    )

    def call(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", script, "build", *args]
        env = environment(tmp_path)
        return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True)

    plain, debug = call(), call("--debug")
    assert plain.returncode == 70
    assert plain.stderr.count("\n") == 1
    assert "aduh" in plain.stderr
    assert "Traceback" not in plain.stderr
    assert debug.returncode != 0
    assert "Traceback" in debug.stderr
