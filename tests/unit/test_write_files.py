"""Single files of a tree: linked by several processes at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from digest.write import files


def test_a_folder_that_another_process_makes_meanwhile_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "satu.html", tmp_path / "tag/x/index.html"
    source.write_text("isi", encoding="utf-8")
    real = os.link

    def late(one: str, other: str) -> None:
        try:
            real(one, other)
        except FileNotFoundError:
            target.parent.mkdir(parents=True, exist_ok=True)
            raise

    monkeypatch.setattr("digest.write.files.os.link", late)
    assert files.link(str(source), str(target))
    assert target.samefile(source)


def test_a_source_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.link(str(tmp_path / "tiada"), str(tmp_path / "tag/x/index.html"))
