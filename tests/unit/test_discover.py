from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from digest import discover as module
from digest.discover import Discovered, discover, printable, read
from digest.errors import ContentError, Problem
from digest.model import SourceFile


@pytest.fixture
def site() -> Iterator[Path]:
    """A site root that other users can enter, unlike ``tmp_path``."""
    root = Path(tempfile.mkdtemp(prefix="digest-")).resolve()
    root.chmod(0o755)
    (root / "content" / "articles").mkdir(parents=True)
    yield root
    subprocess.run(["chmod", "-R", "u+rwX", root], check=True)
    shutil.rmtree(root)


def put(root: Path, *paths: str) -> None:
    for path in paths:
        file = root / "content" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"isi {path}", encoding="utf-8", errors="surrogateescape")


def file_of(path: Path) -> SourceFile:
    return SourceFile(f"content/articles/{path.name}", "article", str(path))


def told(found: Discovered) -> list[tuple[str, str]]:
    return [(problem.code, str(problem.where)) for problem in found.problems]


def only(found: Discovered) -> Problem:
    (problem,) = found.problems
    assert problem.severity == "error"
    assert problem.hint
    return problem


# --- what is found ---------------------------------------------------------------------------


def test_markdown_is_sorted_and_its_kind_follows_the_first_folder(site: Path) -> None:
    put(site, "tags/z.md", "articles/2022/02/b.md", "articles/a.markdown", "pages/p/tentang.MD")
    put(site, "categories/k.md")
    found = discover(site)
    assert found.problems == ()
    assert [(file.path, file.kind) for file in found.files] == [
        ("content/articles/2022/02/b.md", "article"),
        ("content/articles/a.markdown", "article"),
        ("content/categories/k.md", "category"),
        ("content/pages/p/tentang.MD", "page"),
        ("content/tags/z.md", "tag"),
    ]
    assert all(Path(file.absolute).is_file() for file in found.files)
    assert read(found.files[0])[0] == b"isi articles/2022/02/b.md"


def test_other_regular_files_are_assets(site: Path) -> None:
    put(site, "articles/2022/peta.svg", "logo.png", "img/a.jpg", "articles/md")
    found = discover(site)
    assert (found.problems, found.files) == ((), ())
    assert tuple(found.assets) == (
        "content/articles/2022/peta.svg",
        "content/articles/md",
        "content/img/a.jpg",
        "content/logo.png",
    )


def test_the_order_of_the_file_system_does_not_matter(site: Path, tmp_path: Path) -> None:
    names = [f"articles/{n % 3}/{n}.md" for n in range(30)] + ["articles/x.png", "x/y.md"]
    put(site, *names)
    (tmp_path / "content").mkdir()
    random.Random(7).shuffle(names)
    put(tmp_path, *names)
    here, there = discover(site), discover(tmp_path)
    assert [file.path for file in here.files] == [file.path for file in there.files]
    assert (list(here.assets), here.problems) == (list(there.assets), there.problems)


def test_another_content_folder_can_be_named(site: Path) -> None:
    put(site, "articles/a.md")
    (site / "content").rename(site / "isi")
    assert [file.path for file in discover(site, content="./isi/").files] == ["isi/articles/a.md"]


LITTER = (
    *(".a.md.swp", ".a.md.swx", "a.md~", "a.md.swo", "4913", "a.tmp", ".goutputstream-X1Y2Z3"),
    *("a.md___jb_tmp___", "a.md___jb_old___", ".#a.md", "#a.md#", ".DS_Store", "Thumbs.db"),
    *(".hidden/b.md", ".git/x.md", "desktop.ini", ".gitkeep"),
)


def test_dotfiles_and_what_editors_leave_behind_are_passed_over(site: Path) -> None:
    put(site, "articles/a.md", *(f"articles/{name}" for name in LITTER), ".DS_Store")
    found = discover(site)
    assert [file.path for file in found.files] == ["content/articles/a.md"]
    assert (found.assets, found.problems) == ({}, ())


def test_a_folder_that_is_named_like_litter_is_content(site: Path) -> None:
    put(site, "articles/4913/a.md")
    assert len(discover(site).files) == 1


def test_thousands_of_files_take_a_blink(site: Path) -> None:
    for number in range(2_000):
        folder = site / "content" / "articles" / str(number % 100)
        if number < 100:
            folder.mkdir()
        (folder / f"berita-nomor-{number}.md").touch()
    best = 9.0
    for _ in range(5):
        start = time.process_time()  # whatever else the machine does
        found = discover(site)
        best = min(best, time.process_time() - start)
    assert len(found.files) == 2_000
    assert best < 0.1  # 5 ms measured, 25 for 10,000 files


# --- what is refused -------------------------------------------------------------------------


def test_a_site_without_content_is_told(tmp_path: Path) -> None:
    problem = only(discover(tmp_path))
    assert (problem.code, str(problem.where)) == ("D150", "content")
    assert "there is no content folder" in problem.message
    assert "articles/" in problem.hint


def test_markdown_directly_under_content_has_no_kind(site: Path) -> None:
    put(site, "README.md")
    problem = only(discover(site))
    assert (problem.code, str(problem.where)) == ("D151", "content/README.md")
    assert "content/articles/" in problem.hint


@pytest.mark.parametrize(
    ("folder", "message", "hint"),
    [
        ("edition", "edition/ is not the folder of a kind of document", "did you mean editions/?"),
        ("Articles", "Articles/ is not the folder of a kind", "did you mean articles/?"),
        ("artikel", "artikel/ is not the folder of a kind", "Known folders: articles/, pages/"),
    ],
)
def test_markdown_in_an_unknown_folder_is_one_problem_of_the_folder(
    site: Path, folder: str, message: str, hint: str
) -> None:
    put(site, f"{folder}/b.md", f"{folder}/x/a.md", f"{folder}/c.png")
    (site / "content" / "articles").rmdir()
    problem = only(discover(site))
    assert (problem.code, str(problem.where)) == ("D160", f"content/{folder}")
    assert message in problem.message
    assert "b.md and 1 more" in problem.message
    assert hint in problem.hint


def test_links_inside_the_site_are_followed(site: Path) -> None:
    put(site, "articles/a.md", "articles/2022/c.md")
    shared = site / "shared"
    (shared / "deep").mkdir(parents=True)
    (shared / "b.md").write_text("b")
    (shared / "deep" / "d.md").write_text("d")
    (site / "content/articles/b.md").symlink_to("../../shared/b.md")
    (site / "content/articles/lama").symlink_to(shared / "deep")
    (site / "content/articles/a2.md").symlink_to("a.md")
    found = discover(site)
    assert found.problems == ()
    assert [file.path for file in found.files] == [
        "content/articles/2022/c.md",
        "content/articles/a.md",
        "content/articles/a2.md",
        "content/articles/b.md",
        "content/articles/lama/d.md",
    ]
    assert [read(file)[0] for file in found.files[3:]] == [b"b", b"d"]


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../../../../../../etc", "/etc"])
def test_a_link_out_of_the_site_is_refused(site: Path, target: str) -> None:
    (site / "content/articles/x.md").symlink_to(target)
    found = discover(site)
    problem = only(found)
    assert (problem.code, str(problem.where)) == ("D152", "content/articles/x.md")
    assert "leaves the site: /etc" in problem.message
    assert found.files == ()


def test_a_content_folder_that_is_a_link_out_of_the_site_is_refused(
    site: Path, tmp_path: Path
) -> None:
    (tmp_path / "content").symlink_to(site / "content")
    assert told(discover(tmp_path)) == [("D152", "content")]


def test_a_link_to_a_hidden_file_is_refused(site: Path) -> None:
    (site / ".env").write_text("TOKEN=x")
    (site / "content/articles/x.txt").symlink_to(site / ".env")
    problem = only(discover(site))
    assert problem.code == "D152"
    assert "hidden" in problem.message


def test_loops_of_links_are_told_and_end(site: Path) -> None:
    put(site, "articles/2022/a.md", "pages/b.md")
    articles = site / "content" / "articles"
    (articles / "self.md").symlink_to("self.md")
    (articles / "up").symlink_to("..")
    (articles / "root").symlink_to(site)
    (articles / "again").symlink_to("2022")
    (articles / "2022" / "here").symlink_to(".")
    found = discover(site)
    assert told(found) == [
        ("D153", "content/articles/2022/here"),
        ("D153", "content/articles/again"),
        ("D153", "content/articles/root"),
        ("D153", "content/articles/self.md"),
        ("D153", "content/articles/up"),
    ]
    assert len(found.files) == 2


def test_folders_of_links_to_each_other_are_each_entered_once(site: Path) -> None:
    for number in range(12):
        folder = site / "shared" / str(number)
        folder.mkdir(parents=True)
        (folder / "a.md").write_text("x")
        for other in range(12):
            (folder / f"to{other}").symlink_to(site / "shared" / str(other))
    (site / "content/articles/in").symlink_to(site / "shared" / "0")
    start = time.perf_counter()
    found = discover(site)
    assert time.perf_counter() - start < 1
    assert len(found.files) == 12
    assert {problem.code for problem in found.problems} == {"D153"}


def test_a_link_that_leads_nowhere_is_told(site: Path) -> None:
    (site / "content/articles/x.md").symlink_to("tiada.md")
    problem = only(discover(site))
    assert (problem.code, str(problem.where)) == ("D154", "content/articles/x.md")
    assert problem.message == "the link leads nowhere"


def test_pipes_sockets_and_devices_are_refused(site: Path) -> None:
    articles = site / "content" / "articles"
    os.mkfifo(articles / "pipa.md")
    (articles / "nol.md").symlink_to("/dev/null")
    (articles / "pipa2.md").symlink_to("pipa.md")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(articles / "soket.md"))
    found = discover(site)
    assert [(p.code, str(p.where), p.message) for p in found.problems] == [
        ("D152", "content/articles/nol.md", "the link leaves the site: /dev/null"),
        ("D155", "content/articles/pipa.md", "is a named pipe, not a file"),
        ("D155", "content/articles/pipa2.md", "is a named pipe, not a file"),
        ("D155", "content/articles/soket.md", "is a socket, not a file"),
    ]


def test_a_name_that_is_not_utf_8_is_refused_and_printed_in_escapes(site: Path) -> None:
    name = os.fsdecode(b"caf\xe9.md")
    (site / "content/articles" / name).write_text("x")
    problem = only(discover(site))
    assert (problem.code, str(problem.where)) == ("D157", "content/articles/caf\\xe9.md")
    assert printable("a\nb\x1b\u202e") == "a\\nb\\x1b\\u202e"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("CON", "the name is a device name on Windows"),
        ("nul.md", "the name is a device name on Windows"),
        ("a.", "the name ends with a dot or space"),
        ("a.md ", "the name ends with a dot or space"),
        ("a\\b.md", "the name contains a backslash"),
        ("a:b.md", "the name contains :, which Windows does not allow"),
        ("a\nb.md", "the name contains the control character U+000A (LINE FEED)"),
        ("a\u202eb.md", "the name contains the control character U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ("x" * 201 + ".md", "the name has 201 bytes before its ending; at most 200 fit"),
        ("é" * 126 + ".md", "the name has 252 bytes before its ending; at most 200 fit"),
    ],
)
def test_names_that_not_every_system_takes_are_refused(site: Path, name: str, message: str) -> None:
    put(site, f"articles/{name}")
    found = discover(site)
    problem = only(found)
    assert problem.code == "D158"
    assert message in problem.message
    assert str(problem.where) == printable(f"content/articles/{name}")
    assert (found.files, found.assets) == ((), {})


def test_a_name_of_256_bytes_cannot_even_be_made_and_255_are_refused(site: Path) -> None:
    with pytest.raises(OSError, match="File name too long"):
        put(site, f"articles/{'x' * 253}.md")
    put(site, f"articles/{'x' * 252}.md")
    assert only(discover(site)).code == "D158"


def test_a_refused_folder_is_not_entered(site: Path) -> None:
    put(site, "articles/aux/a.md")
    assert told(discover(site)) == [("D158", "content/articles/aux")]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Berita.md", "berita.md"),
        ("cafe\u0301.md", "caf\u00e9.md"),
        ("STRASSE.md", "straße.md"),
        ("Foto.png", "foto.PNG"),
    ],
)
def test_twins_by_case_or_unicode_form_are_refused_and_both_named(
    site: Path, one: str, two: str
) -> None:
    put(site, f"articles/{two}", f"articles/{one}")
    problem = only(discover(site))
    assert problem.code == "D159"
    assert problem.where is not None
    assert problem.where.path == f"content/articles/{one}"
    assert [other.path for other in problem.also] == [f"content/articles/{two}"]
    assert ascii(two) in problem.message


def test_twin_folders_are_told_once(site: Path) -> None:
    put(site, "articles/A/x.md", "articles/a/x.md", "articles/b/y.md")
    assert told(discover(site)) == [("D159", "content/articles/A")]


NOBODY = """
import os, sys
from pathlib import Path
import msgspec
from digest.discover import discover, read
from digest.errors import ContentError
if os.geteuid() == 0:  # root may read everything
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
found = discover(Path(sys.argv[1]))
problems = list(found.problems)
for file in found.files:
    try:
        read(file)
    except ContentError as error:
        problems += error.problems
sys.stdout.buffer.write(msgspec.json.encode(problems))
"""


def test_what_may_not_be_read_is_told(site: Path) -> None:
    put(site, "articles/a.md", "articles/rahasia.md", "articles/tutup/b.md")
    (site / "content/articles/rahasia.md").chmod(0)
    (site / "content/articles/tutup").chmod(0)
    done = subprocess.run([sys.executable, "-c", NOBODY, site], capture_output=True, check=True)
    problems = msgspec.json.decode(done.stdout, type=list[Problem])
    assert [(p.code, str(p.where), p.message) for p in problems] == [
        ("D156", "content/articles/tutup", "cannot be read: permission denied"),
        ("D156", "content/articles/rahasia.md", "cannot be read: permission denied"),
    ]
    assert all("chmod" in problem.hint for problem in problems)


# --- reading ---------------------------------------------------------------------------------


def refusal(file: SourceFile, **options: int) -> Problem:
    with pytest.raises(ContentError) as caught:
        read(file, **options)
    (problem,) = caught.value.problems
    assert str(problem.where) == file.path
    assert problem.hint
    return problem


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    for data in (b"", b"x", os.urandom(3_000_000)):
        path.write_bytes(data)
        assert read(file_of(path))[0] == data


def test_a_file_that_is_gone_is_told_after_a_second_look(tmp_path: Path) -> None:
    problem = refusal(file_of(tmp_path / "a.md"))
    assert (problem.code, problem.message) == ("D161", "the file has vanished")


def test_a_file_that_comes_back_at_once_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    timer = threading.Timer(0.005, path.write_bytes, [b"kembali"])
    timer.start()
    assert read(file_of(path))[0] == b"kembali"
    timer.join()


def test_a_file_that_changes_while_it_is_read_is_read_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"awal")
    writes = iter([b"yang panjang sekali"])
    whole = module._all

    def meddle(handle: int, size: int) -> bytes:
        for data in writes:
            path.write_bytes(data)
            break
        return whole(handle, size)

    # Only the moment of the change is arranged; the file, its size and its times are real.
    monkeypatch.setattr(module, "_all", meddle)
    assert read(file_of(path))[0] == b"yang panjang sekali"


def test_a_file_that_never_rests_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"awal")
    whole = module._all

    def meddle(handle: int, size: int) -> bytes:
        with path.open("ab") as stream:
            stream.write(b"lagi")
        return whole(handle, size)

    monkeypatch.setattr(module, "_all", meddle)
    problem = refusal(file_of(path))
    assert (problem.code, problem.message) == ("D162", "the file changes while it is read")


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    with path.open("wb") as stream:
        stream.truncate(17 * 1024 * 1024)
    problem = refusal(file_of(path))
    assert problem.code == "D163"
    assert problem.message == "the file has 17,825,792 bytes; at most 16,777,216 are read"
    path.write_bytes(b"12345")
    assert refusal(file_of(path), limit=4).code == "D163"
    assert read(file_of(path), limit=5)[0] == b"12345"


def test_what_was_put_in_the_place_of_a_file_is_not_read(tmp_path: Path) -> None:
    pipe, link, folder = tmp_path / "pipa.md", tmp_path / "link.md", tmp_path / "map.md"
    os.mkfifo(pipe)
    link.symlink_to("/etc/passwd")
    folder.mkdir()
    start = time.perf_counter()
    assert (refusal(file_of(pipe)).code, refusal(file_of(pipe)).message) == (
        "D155",
        "is a named pipe, not a file",
    )
    assert refusal(file_of(link)).message == "is a link, not a file"
    assert refusal(file_of(folder)).message == "is a folder, not a file"
    assert time.perf_counter() - start < 1
