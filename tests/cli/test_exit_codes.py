"""What the command answers: exit codes, where it speaks, and in which form."""

from __future__ import annotations

import io
import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sitekit import COMMAND, RunCli, article, document, environment, many, snapshot, write_site

from digest import cli

GOOD = {"content/articles/a.md": article("A", tags=["X"])}
BAD = {"content/articles/b.md": article("B", text="[x](jauh-sekali.md)")}
NOTED = {**GOOD, "content/articles/b.md": article("B", tags=["x-"])}
WARNED = {
    **GOOD,
    "content/articles/b.md": article("B", text="![x](x.svg)"),
    "content/articles/x.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
}
COMMANDS = ("build", "check", "list")


@pytest.fixture
def write(root: Path) -> Callable[..., None]:
    """Writes files into the test's site."""
    return lambda files, **options: write_site(root, files, **options)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_good_site_is_exit_0(write: Callable[..., None], run_cli: RunCli, command: str) -> None:
    write(GOOD)
    done = run_cli(command)
    assert done.exit_code == 0, done.err


@pytest.mark.parametrize("command", COMMANDS)
def test_problems_of_the_content_are_exit_1_on_stderr(
    write: Callable[..., None], run_cli: RunCli, command: str, root: Path
) -> None:
    write({**GOOD, **BAD})
    done = run_cli(command)
    assert done.exit_code == 1
    assert done.out == ""
    assert done.err == (
        "content/articles/b.md:5:5: error: the link leads to no file: 'jauh-sekali.md' [D240]\n"
        "    5 | [x](jauh-sekali.md)\n"
        "      |     ^\n"
        "\n"
        "1 error (nothing was written)\n"
    )
    assert not (root / "output").exists()


@pytest.mark.parametrize("command", [*COMMANDS, "clean"])
def test_wrong_settings_are_exit_2(
    write: Callable[..., None], run_cli: RunCli, command: str
) -> None:
    write({"digest.toml": "titel = 'x'\n"})
    done = run_cli(command)
    assert done.exit_code == 2
    assert "digest.toml:1:1: error: " in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    "args",
    [
        ["bild"],
        ["build", "--drats"],
        ["build", "--jobs", "0"],
        ["build", "--jobs", "x"],
        ["build", "--site", "tidak-ada"],
        ["build", "--format", "xml"],
        ["build", "--now", "kemarin"],
        ["build", "--now", ""],
        ["explain", "D999"],
        ["explain", "x"],
        ["schema", "artikel"],
        ["list", "--state", "x"],
        ["new"],
        ["new", "article"],
        [],
    ],
)
def test_wrong_use_is_exit_2_on_stderr(
    write: Callable[..., None], run_cli: RunCli, args: list[str]
) -> None:
    write(GOOD)
    done = run_cli(*args)
    assert done.exit_code == 2
    assert done.out == ""
    assert done.err
    assert "Traceback" not in done.err


def test_a_mistyped_command_is_suggested(run_cli: RunCli) -> None:
    assert "Did you mean 'build'?" in run_cli("biuld").err


def test_a_bad_instant_shows_the_form(write: Callable[..., None], run_cli: RunCli) -> None:
    write(GOOD)
    done = run_cli("build", "--now", "besok")
    assert "D411" in done.err
    assert "2022-02-13T09:15+07:00" in done.err


@pytest.mark.parametrize("value", ["besok", "1e9", "99999999999999999"])
def test_a_bad_source_date_epoch_is_wrong_use(
    write: Callable[..., None], run_cli: RunCli, value: str
) -> None:
    write(GOOD)
    done = run_cli("build", env={"SOURCE_DATE_EPOCH": value})
    assert done.exit_code == 2
    assert "SOURCE_DATE_EPOCH" in done.err


def test_a_folder_that_is_no_site_is_exit_2(tmp_path: Path, run_cli: RunCli) -> None:
    done = run_cli("build", cwd=tmp_path)
    assert done.exit_code == 2
    assert "D401" in done.err


def test_warnings_and_notes_are_told_and_are_exit_0(
    write: Callable[..., None], run_cli: RunCli
) -> None:
    write({**WARNED, **NOTED, **WARNED})
    done = run_cli("build")
    assert done.exit_code == 0
    assert "warning: " in done.err
    assert "[D251]" in done.err


def test_strict_makes_warnings_exit_1_and_says_that_nothing_was_written(
    write: Callable[..., None], run_cli: RunCli, root: Path
) -> None:
    write(WARNED)
    done = run_cli("build", "--strict")
    assert done.exit_code == 1
    assert "1 warning (nothing was written)" in done.err
    assert not (root / "output").exists()


# where it speaks


def test_build_speaks_on_stderr_only(write: Callable[..., None], run_cli: RunCli) -> None:
    write({**GOOD, "content/articles/c.md": article("C", status="draft")})
    done = run_cli("build")
    assert done.out == ""
    assert "built " in done.err
    assert "1 article" in done.err
    assert "1 draft" in done.err
    assert "\x1b" not in done.err
    assert "\r" not in done.err


def test_the_summary_counts_the_pages_there_are(
    write: Callable[..., None], run_cli: RunCli, root: Path
) -> None:
    write({**many(3), "content/pages/p.md": document(title="P")})
    err = run_cli("build").err
    pages = len(list((root / "output").rglob("*.html")))
    assert f"built {pages} pages" in err
    assert "3 article" in err


@pytest.mark.parametrize("command", ["build", "check", "clean"])
def test_quiet_says_nothing_when_all_is_well(
    write: Callable[..., None], run_cli: RunCli, command: str
) -> None:
    write(NOTED)
    done = run_cli(command, "--quiet")
    assert (done.exit_code, done.out, done.err) == (0, "", "")


def test_quiet_still_tells_warnings_and_errors(write: Callable[..., None], run_cli: RunCli) -> None:
    write(WARNED)
    assert "[D251]" in run_cli("build", "-q").err
    write(BAD)
    assert "[D240]" in run_cli("build", "-q").err


@pytest.mark.parametrize("command", ["build", "check", "clean", "list"])
def test_json_is_one_value_on_stdout_and_silence_on_stderr(
    write: Callable[..., None], run_cli: RunCli, command: str
) -> None:
    write(NOTED)
    done = run_cli(command, "--json")
    assert done.exit_code == 0
    assert isinstance(done.json, dict)
    assert done.err == ""


@pytest.mark.parametrize("command", ["build", "check", "list"])
def test_json_tells_failures_with_every_field(
    write: Callable[..., None], run_cli: RunCli, command: str
) -> None:
    write(BAD)
    done = run_cli(command, "--json")
    assert done.exit_code == 1
    assert done.json["ok"] is False
    (problem,) = done.json["problems"]
    assert problem["code"] == "D240"
    assert problem["severity"] == "error"
    assert problem["where"] == {
        "path": "content/articles/b.md",
        "line": 5,
        "column": 5,
        "source": "[x](jauh-sekali.md)",
    }
    assert done.err == ""


def test_json_of_a_build_says_what_was_done(
    write: Callable[..., None], run_cli: RunCli, root: Path
) -> None:
    write({**NOTED, "content/articles/c.md": article("C", "2022-04-01 07:00")})
    answer = run_cli("build", "--json").json
    assert answer["ok"] is True
    assert answer["output"] == str(root / "output")
    assert answer["pages"]["article"] == 2
    assert answer["next_change"] in {"2022-04-01T00:00:00+00:00", "2022-04-01T07:00:00+07:00"}
    assert answer["left_out"][0]["path"] == "content/articles/c.md"
    assert answer["left_out"][0]["state"] == "scheduled"
    assert [problem["code"] for problem in answer["problems"]] == ["D301"]
    assert answer["bytes"] == sum(map(len, snapshot(root / "output").values())) - len(
        (root / "output/.digest.json").read_bytes()
    )


def test_github_annotations_are_on_stdout(write: Callable[..., None], run_cli: RunCli) -> None:
    write(BAD)
    done = run_cli("check", "--format", "github")
    assert done.exit_code == 1
    command, _, message = done.out.removesuffix("\n").removeprefix("::error ").partition("::")
    assert sorted(command.split(",")) == [
        "col=5",
        "file=content/articles/b.md",
        "line=5",
        "title=D240",
    ]
    assert message == "the link leads to no file: 'jauh-sekali.md'"


@pytest.mark.parametrize("files", [GOOD, WARNED, BAD])
def test_sarif_is_a_log_whatever_was_found(
    write: Callable[..., None], run_cli: RunCli, files: dict[str, str]
) -> None:
    write(files)
    log = run_cli("check", "--format", "sarif").json
    assert log["version"] == "2.1.0"
    (only,) = log["runs"]
    expected = {id(GOOD): [], id(WARNED): ["D251"], id(BAD): ["D240"]}[id(files)]
    assert [result["ruleId"] for result in only["results"]] == expected
    assert [rule["id"] for rule in only["tool"]["driver"]["rules"]] == expected


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
@pytest.mark.parametrize("files", [GOOD, BAD])
def test_list_in_a_machine_form_is_parsable(
    write: Callable[..., None], run_cli: RunCli, form: str, files: dict[str, str]
) -> None:
    """Rows for people and a log for machines must not share stdout."""
    write(files)
    out = run_cli("list", "--format", form).out
    if form == "github":
        assert all(line.startswith("::") for line in out.splitlines())
    else:
        json.loads(out)


def test_check_writes_nothing(write: Callable[..., None], run_cli: RunCli, root: Path) -> None:
    write({**GOOD, "overrides/templates/article.html": "{{ page.titel }}"})
    before = snapshot(root)
    done = run_cli("check")
    assert done.exit_code == 1
    assert "[D512]" in done.err
    assert snapshot(root) == before


def test_check_says_how_many_articles_are_well(write: Callable[..., None], run_cli: RunCli) -> None:
    write(GOOD)
    assert run_cli("check").err.startswith("no problems in 1 article")


# colour, pipes, closed files


@pytest.mark.skipif(not Path("/usr/bin/script").exists(), reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("extra", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_terminals_and_no_color_is_respected(
    write: Callable[..., None], root: Path, tmp_path: Path, extra: dict[str, str], coloured: bool
) -> None:
    write(BAD)
    done = subprocess.run(
        ["script", "-qec", f"{shlex.join(COMMAND)} check", "/dev/null"],
        cwd=root,
        env={**environment(tmp_path, extra), "TERM": "xterm"},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert ("\x1b[1;31merror" in done.stdout.decode()) is coloured
    assert b"D240" in done.stdout


def test_a_reader_that_goes_away_is_no_failure_of_the_content(
    write: Callable[..., None], root: Path, tmp_path: Path
) -> None:
    """``digest list | head -1``: neither a traceback nor exit 1, which means bad content."""
    write(many(1200))
    done = subprocess.run(
        [
            "bash",
            "-c",
            f"set -o pipefail; {shlex.join(COMMAND)} list | head -1; exit ${{PIPESTATUS[0]}}",
        ],
        cwd=root,
        env=environment(tmp_path),
        capture_output=True,
        timeout=120,
    )
    assert done.stdout.count(b"\n") == 1
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    assert done.returncode in {0, 141}


@pytest.mark.parametrize("command", ["list", "build", "explain", "--version"])
@pytest.mark.parametrize("closing", [">&-", "2>&-", ">/dev/full"])
def test_closed_or_full_files_end_without_a_traceback(
    write: Callable[..., None], root: Path, tmp_path: Path, command: str, closing: str
) -> None:
    write(GOOD)
    done = subprocess.run(
        ["bash", "-c", f"{shlex.join(COMMAND)} {command} {closing}"],
        cwd=root,
        env=environment(tmp_path),
        capture_output=True,
        timeout=60,
    )
    assert b"Traceback" not in done.stderr
    assert b"internal error" not in done.stderr
    assert done.returncode in {0, 74, 120, 141}


class Interrupting(io.RawIOBase):
    """A stream that a signal meets in the middle of a write."""

    met = False

    def writable(self) -> bool:
        """It can be written."""
        return True

    def write(self, data: Any) -> int:
        """Meet the signal, once."""
        if not self.met:
            self.met = True
            signal.raise_signal(signal.SIGTERM)
        return memoryview(data).nbytes


def test_a_signal_in_the_middle_of_a_message_ends_the_command_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    before = signal.signal(signal.SIGTERM, cli._end)
    stream = io.TextIOWrapper(io.BufferedWriter(Interrupting()), line_buffering=True)
    monkeypatch.setattr(sys, "stderr", stream)
    try:
        with pytest.raises(SystemExit) as ended:
            print("preview at http://localhost:8000/", file=sys.stderr)
        assert ended.value.code == 128 + signal.SIGTERM
        assert "ended by a signal" in capfd.readouterr().err
    finally:
        signal.signal(signal.SIGTERM, before)
