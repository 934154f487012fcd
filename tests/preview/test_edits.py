"""What an edit does to the pages that are on screen, from the file to the stream of events."""

from __future__ import annotations

import gc
import re
import shutil
import signal
import time
import weakref
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from previewkit import Events, Preview, previewing, until
from sitekit import NOW, article, environment, many, run, snapshot, write_site

from digest.compose import Options
from digest.preview.desk import Desk
from digest.preview.pages import Page

FIRST = "content/articles/a0000.md"
PAGE = "/2022/02/28/a0000/"
CLOCK = {"SOURCE_DATE_EPOCH": ""}
"""The real time, and not that of other tests."""


def text(body: str, **front: object) -> str:
    """The first article of the site with another text."""
    given = {"tags": ["Tag 0", "Umum"], "category": "Kanal 0", **front}
    return article(str(given.pop("title", "Kabar 0")), "2022-02-28 08:00", body, **given)


def save(site: Path, content: str, path: str = FIRST) -> None:
    """Write a file as a plain editor does."""
    (site / path).write_text(content, encoding="utf-8")


def save_as_vim(site: Path, content: str, path: str = FIRST) -> None:
    """A swap file, a test file, the old one renamed, the new one written, the old one removed."""
    file = site / path
    swap = file.with_name(f".{file.name}.swp")
    swap.write_bytes(b"b0VIM")
    (file.parent / "4913").touch()
    (file.parent / "4913").unlink()
    file.rename(f"{file}~")
    file.write_text(content, encoding="utf-8")
    Path(f"{file}~").unlink()
    swap.unlink()


def save_by_renaming(site: Path, content: str, path: str = FIRST) -> None:
    """A file beside it, renamed over it, as many editors do."""
    beside = (site / path).with_name(".goutputstream-X1Y2Z3")
    beside.write_text(content, encoding="utf-8")
    beside.replace(site / path)


def save_as_jetbrains(site: Path, content: str, path: str = FIRST) -> None:
    """Two renames, with a moment in which there is no file."""
    file = site / path
    new, old = Path(f"{file}___jb_tmp___"), Path(f"{file}___jb_old___")
    new.write_text(content, encoding="utf-8")
    file.rename(old)
    new.rename(file)
    old.unlink()


def save_slowly(site: Path, content: str, path: str = FIRST) -> None:
    """In pieces: what is on the disk meanwhile is half an article."""
    with (site / path).open("w", encoding="utf-8") as file:
        for start in range(0, len(content), 20):
            file.write(content[start : start + 20])
            file.flush()
            time.sleep(0.02)


SAVES = [save, save_as_vim, save_by_renaming, save_as_jetbrains, save_slowly]


@pytest.mark.parametrize("how", SAVES, ids=lambda how: how.__name__)
def test_a_save_of_any_editor_is_one_change(site: Path, how: object) -> None:
    assert callable(how)
    with previewing(site) as preview, preview.events(PAGE) as events:
        how(site, text("Isi yang baru saja ditulis."))
        events.page_with("Isi yang baru saja ditulis.")
        time.sleep(0.3)
        pages = [m for m in events.messages if m["type"] == "page"]
        assert len(pages) == 1, [m["html"] for m in pages]
        assert events.errors() == []


def test_a_burst_of_fifty_saves_ends_in_the_last(site: Path) -> None:
    with previewing(site) as preview, preview.events(PAGE) as events:
        for number in range(50):
            save(site, text(f"Simpanan nomor {number:02}."))
        events.page_with("Simpanan nomor 49.")
        assert "Simpanan nomor 49." in preview.page(PAGE)


def test_no_save_is_lost_that_comes_while_another_is_worked_on(site: Path) -> None:
    with previewing(site) as preview, preview.events(PAGE) as events:
        for number in range(4):
            save(site, text(f"Simpanan nomor {number}."))
            events.page_with(f"Simpanan nomor {number}.")
            time.sleep(0.5)


def test_a_title_reaches_the_lists(site: Path) -> None:
    with previewing(site) as preview, preview.events("/", PAGE) as events:
        save(site, text("Isi.", title="Judul yang lain"))
        own = events.wait(lambda m: m["type"] == "page" and m["path"] == PAGE)
        assert "Judul yang lain" in own["html"]
        events.wait(
            lambda m: m["type"] == "page" and m["path"] == "/" and "Judul yang lain" in m["html"]
        )
        assert "Judul yang lain" in preview.page("/terkini/")


def test_a_tag_gets_its_page(site: Path) -> None:
    with previewing(site) as preview, preview.events(PAGE) as events:
        save(site, text("Isi.", tags=["Tag Baru"]))
        events.page_with("Tag Baru")
        until(lambda: preview.get("/tag/tag-baru/").status == 200, "the page of the tag")


def test_pages_that_nobody_looks_at_are_up_to_date_when_they_are_asked_for(site: Path) -> None:
    with previewing(site) as preview:
        save(site, text("Isi yang baru saja ditulis."))
        until(lambda: "Isi yang baru" in preview.page(PAGE), "the new text")


def test_nothing_is_sent_to_those_who_look_elsewhere(site: Path) -> None:
    with previewing(site) as preview, preview.events("/2022/02/27/a0001/") as events:
        save(site, text("Isi yang baru saja ditulis."))
        until(lambda: "Isi yang baru" in preview.page(PAGE), "the new text")
        assert [m for m in events.messages if m["type"] == "page"] == []


def test_a_new_article_and_one_that_goes(site: Path) -> None:
    with previewing(site) as preview, preview.events("/") as events:
        write_site(site, {"content/articles/baru.md": article("Kabar baru", "2022-02-28 20:00")})
        events.page_with("Kabar baru")
        assert "Kabar baru" in preview.page("/2022/02/28/baru/")
        (site / "content/articles/baru.md").unlink()
        events.wait(lambda m: m["type"] == "page" and "Kabar baru" not in m["html"])
        until(lambda: preview.get("/2022/02/28/baru/").status == 404, "the page to go")


def test_an_article_moved_in_from_elsewhere_is_seen(site: Path, tmp_path: Path) -> None:
    (tmp_path / "luar.md").write_text(article("Dari luar", "2022-02-28 20:00"), encoding="utf-8")
    with previewing(site) as preview, preview.events("/") as events:
        (tmp_path / "luar.md").rename(site / "content/articles/luar.md")
        events.page_with("Dari luar")


def test_only_edits_of_its_content_move_a_page(site: Path) -> None:
    template = "themes/polos/templates/article.html"
    with previewing(site) as preview, preview.events("/", PAGE) as events:
        save(site, text("Isi yang lain.", title="Judul yang lain"))
        assert events.page_with("Isi yang lain.")["moves"]
        listed = events.wait(lambda m: m["type"] == "page" and m["path"] == "/")
        assert "Judul yang lain" in listed["html"]
        assert listed["moves"]
        good = (site / template).read_text("utf-8")
        save(site, good + "{% block main %}{{ super() }}kaki baru{% endblock %}", template)
        assert not events.page_with("kaki baru")["moves"]
        settings = (site / "digest.toml").read_text("utf-8")
        save(site, settings.replace("Kabar Uji", "Nama Lain"), "digest.toml")
        assert not events.page_with("Nama Lain")["moves"]
        save(site, text("Isi terakhir.", title="Judul yang lain"))
        assert events.page_with("Isi terakhir.")["moves"]


def test_what_is_related_anew_behind_an_edit_does_not_move_the_page(site: Path) -> None:
    with previewing(site) as preview, preview.events(PAGE) as events:
        save(site, text("Isi yang lain.", tags=["Tag 1"]))
        events.page_with("Isi yang lain.")
        other = article("Judul tetangga", "2022-02-27 08:00", "Isi.", tags=["Tag 1"])
        save(site, other, "content/articles/a0001.md")
        events.page_with("Judul tetangga")
        moves = [m["moves"] for m in events.messages if m["type"] == "page"]
        assert moves == [True] + [False] * (len(moves) - 1)


def test_an_edit_moves_a_page_of_a_browser_that_says_late_what_it_shows(site: Path) -> None:
    template = "themes/polos/templates/article.html"
    with previewing(site) as preview, preview.events("/", client="lain") as other:
        before = preview.mark(PAGE)
        save(site, text("Isi yang lain.", title="Judul yang lain"))
        other.page_with("Judul yang lain")  # the site was composed with the edit
        with preview.events(PAGE, marks=[before]) as late:
            assert late.page_with("Isi yang lain.")["moves"]
        with preview.events(PAGE) as fresh:
            good = (site / template).read_text("utf-8")
            save(site, good + "{% block main %}{{ super() }}kaki baru{% endblock %}", template)
            assert not fresh.page_with("kaki baru")["moves"]


def test_a_page_whose_address_changes_leads_there(site: Path) -> None:
    with previewing(site) as preview, preview.events(PAGE) as events:
        save(site, text("Isi.", slug="alamat-lain"))
        moved = events.wait(lambda m: m["type"] == "moved")
        assert (moved["path"], moved["to"]) == (PAGE, "/2022/02/28/alamat-lain/")


def test_a_file_that_is_away_for_a_moment_is_no_404(site: Path) -> None:
    with previewing(site) as preview, preview.events(PAGE) as events:
        content = (site / FIRST).read_text("utf-8")
        (site / FIRST).unlink()
        time.sleep(0.05)
        assert preview.get(PAGE).status == 200
        save(site, content)
        time.sleep(0.5)
        assert preview.get(PAGE).status == 200
        assert [m for m in events.messages if m["type"] == "page"] == []


def test_a_page_that_is_about_to_come_is_waited_for(site: Path) -> None:
    with previewing(site) as preview:
        write_site(site, {"content/articles/baru.md": article("Kabar baru", "2022-02-28 20:00")})
        time.sleep(0.15)
        assert preview.get("/2022/02/28/baru/").status == 200


# broken things


def test_a_broken_front_matter_keeps_the_last_page_and_tells(site: Path) -> None:
    good = (site / FIRST).read_text("utf-8")
    with previewing(site) as preview, preview.events(PAGE) as events:
        save(site, good.replace("title:", "titel:"))
        told = events.wait(lambda m: m["type"] == "problems" and m["errors"])["errors"]
        assert {problem["code"] for problem in told} == {"D103", "D104"}
        first = told[0]["where"]
        assert first["path"] == FIRST
        assert first["line"] in {1, 2}  # the file's own line, not that of the front matter
        assert "titel" in "".join(p["where"]["source"] + p["message"] for p in told)
        assert "Paragraf pertama nomor 0" in preview.page(PAGE)
        assert told[0]["code"] in preview.said
        save(site, good)
        events.wait(lambda m: m["type"] == "problems" and not m["errors"])


def test_a_broken_template_keeps_the_last_page_and_tells(site: Path) -> None:
    template = "themes/polos/templates/article.html"
    good = (site / template).read_text("utf-8")
    with previewing(site) as preview, preview.events(PAGE) as events:
        save(site, good + "{% block main %}{{ page.tidak_ada }}{% endblock %}", template)
        told = events.wait(lambda m: m["type"] == "problems" and m["errors"])["errors"]
        assert [problem["code"] for problem in told] == ["D512"]
        assert told[0]["where"]["path"] == template
        assert "Paragraf pertama nomor 0" in preview.page(PAGE)
        save(site, good + "{% block main %}{{ super() }}kaki baru{% endblock %}", template)
        events.page_with("kaki baru")
        events.wait(lambda m: m["type"] == "problems" and not m["errors"])


def test_broken_settings_keep_the_site_and_tell(site: Path) -> None:
    good = (site / "digest.toml").read_text("utf-8")
    with previewing(site) as preview, preview.events(PAGE) as events:
        save(site, good + "judul = 1\n", "digest.toml")
        told = events.wait(lambda m: m["type"] == "problems" and m["errors"])["errors"]
        assert told[0]["code"] == "D403"
        assert told[0]["where"]["path"] == "digest.toml"
        assert preview.get(PAGE).status == 200
        save(site, good.replace("Kabar Uji", "Nama Lain"), "digest.toml")
        events.page_with("Nama Lain")
        events.wait(lambda m: m["type"] == "problems" and not m["errors"])


def test_a_site_that_is_broken_from_the_start_is_shown_when_it_is_mended(site: Path) -> None:
    good = (site / "digest.toml").read_text("utf-8")
    save(site, "title = 1\n", "digest.toml")
    with previewing(site) as preview:
        assert preview.get("/").status == 503
        with preview.events("/") as events:
            assert events.wait(lambda m: m["type"] == "problems")["errors"]
            save(site, good, "digest.toml")
            events.page_with("Kabar Uji")
            assert preview.get(PAGE).status == 200


def test_a_broken_link_is_told_with_the_line_of_the_file(site: Path) -> None:
    with previewing(site) as preview, preview.events(PAGE) as events:
        save(site, text("Baris satu.\n\n[teks](tidak-ada.md)"))
        told = events.wait(lambda m: m["type"] == "problems" and m["errors"])["errors"]
        lines = (site / FIRST).read_text("utf-8").splitlines()
        assert told[0]["code"] == "D240"
        assert lines[told[0]["where"]["line"] - 1] == "[teks](tidak-ada.md)"
        save(site, text("Baris satu.\n\nBaris dua.\n\n[teks](tidak-ada.md)"))
        events.page_with("Baris dua.")
        moved = events.wait(
            lambda m: m["type"] == "problems" and m["errors"] and m["errors"][0] != told[0]
        )
        assert moved["errors"][0]["where"]["line"] == told[0]["where"]["line"] + 2


def test_an_error_where_nobody_looks_is_found_in_the_background(site: Path) -> None:
    template = "themes/polos/templates/archive.html"
    with previewing(site) as preview, preview.events(PAGE) as events:
        good = (site / template).read_text("utf-8")
        save(site, good + "{% block main %}{{ salah.benar }}{% endblock %}", template)
        told = events.wait(lambda m: m["type"] == "problems" and m["errors"], 90)["errors"]
        assert told[0]["code"] == "D512"
        assert told[0]["where"]["path"] == template
        assert "while rendering" in told[0]["message"]


def test_the_content_folder_goes_and_comes_back(site: Path, tmp_path: Path) -> None:
    with previewing(site) as preview, preview.events(PAGE) as events:
        shutil.move(site / "content", tmp_path / "simpan")
        told = events.wait(lambda m: m["type"] == "problems" and m["errors"])["errors"]
        assert told[0]["code"] == "D150"
        assert "Paragraf pertama" in preview.page(PAGE)
        shutil.move(tmp_path / "simpan", site / "content")
        events.wait(lambda m: m["type"] == "problems" and not m["errors"])
        save(site, text("Sesudah kembali."))
        events.page_with("Sesudah kembali.")


def test_a_folder_is_deleted_and_made_anew(site: Path) -> None:
    with previewing(site) as preview, preview.events("/") as events:
        shutil.rmtree(site / "content/articles")
        events.wait(lambda m: m["type"] == "page" and "Kabar 0" not in m["html"])
        write_site(site, many(4))
        events.page_with("Kabar 0")
        save(site, text("Isi.", title="Sesudah kembali"))
        events.page_with("Sesudah kembali")
        assert preview.process.poll() is None


# what it leaves alone


def test_reading_causes_nothing(site: Path) -> None:
    with previewing(site) as preview, preview.events("/", PAGE) as events:
        before = len(events.messages)
        for _ in range(20):
            for file in site.rglob("*.md"):
                file.read_bytes()
            preview.page(PAGE)
        time.sleep(0.5)
        assert [m for m in events.messages[before:] if m["type"] == "page"] == []


def test_litter_of_editors_causes_nothing(site: Path) -> None:
    with previewing(site) as preview, preview.events("/") as events:
        before = len(events.messages)
        folder = site / "content/articles"
        for name in (
            "a.md~",
            ".a.md.swp",
            ".a.md.swx",
            "4913",
            "x.tmp",
            ".goutputstream-1",
            ".#a.md",
        ):
            (folder / name).write_text("sampah", encoding="utf-8")
        (folder / "a.md___jb_tmp___").write_text("sampah", encoding="utf-8")
        time.sleep(0.6)
        assert events.messages[before:] == []


def test_output_is_neither_made_nor_touched(site: Path) -> None:
    assert run(["build", "--quiet"], site, environment(site.parent)).exit_code == 0
    before = snapshot(site / "output")
    with previewing(site) as preview, preview.events(PAGE) as events:
        save(site, text("Isi yang baru saja ditulis."))
        events.page_with("Isi yang baru")
        preview.page("/terkini/")
    assert snapshot(site / "output") == before
    shutil.rmtree(site / "output")
    with previewing(site) as preview:
        preview.page("/")
    assert not (site / "output").exists()


def test_a_build_runs_beside_it(site: Path) -> None:
    with previewing(site) as preview, preview.events(PAGE) as events:
        for number in range(3):
            save(site, text(f"Simpanan {number}."))
            built = run(["build", "--quiet"], site, environment(site.parent))
            assert built.exit_code == 0, built.err
            page = (site / f"output{PAGE}index.html").read_text("utf-8")
            assert f"Simpanan {number}." in page
            assert "digest-" not in page.replace("digest-ssg", "")
            events.page_with(f"Simpanan {number}.")


# drafts and scheduled items


def test_drafts_and_scheduled_items_are_shown_marked_and_can_be_hidden(site: Path) -> None:
    write_site(
        site,
        {
            "content/articles/draf.md": article("Kabar draf", "2022-02-20 08:00", status="draft"),
            "content/articles/nanti.md": article("Kabar nanti", "2030-01-01 08:00"),
        },
    )
    with previewing(site) as preview:
        draft, later = "/2022/02/20/draf/", "/2030/01/01/nanti/"
        assert "Draf" in preview.page(draft)
        assert "Terjadwal" in preview.page(later)
        assert preview.about(draft)["state"] == "draft"
        assert preview.about(later)["state"] == "scheduled"
        assert preview.get(f"{preview.secret}/reveal?drafts=0&future=1").status == 204
        assert preview.get(draft).status == 404
        assert preview.get(later).status == 200
        assert preview.get(f"{preview.secret}/reveal?drafts=1&future=1").status == 204
        assert preview.get(draft).status == 200


def test_options_hide_drafts_and_scheduled_items(site: Path) -> None:
    files = {"content/articles/draf.md": article("Kabar draf", "2022-02-20 08:00", status="draft")}
    write_site(site, files)
    with previewing(site, "--no-drafts", "--no-future") as preview:
        assert preview.get("/2022/02/20/draf/").status == 404


# the clock


def _at(seconds: float) -> str:
    """A time of day from now, as a front matter writes it."""
    return f"{datetime.now(UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S+00:00}"


def test_what_is_scheduled_and_shown_is_published_when_it_is_due(site: Path) -> None:
    with previewing(site, env=CLOCK) as preview, preview.events("/") as events:
        due = article("Kabar nanti", _at(6), "Teks yang ditunggu.")
        write_site(site, {"content/articles/nanti.md": due})
        home = events.page_with("Kabar nanti")["html"]
        found = re.search(r'href="([^"]*/nanti/)"', home)
        assert found
        assert preview.about(found[1])["state"] == "scheduled"
        until(lambda: preview.about(found[1])["state"] == "published", "the instant")


def test_what_is_scheduled_and_hidden_appears_whole_when_it_is_due(site: Path) -> None:
    with previewing(site, "--no-future", env=CLOCK) as preview, preview.events("/") as events:
        due = article("Kabar nanti", _at(4), "Teks yang ditunggu.")
        write_site(site, {"content/articles/nanti.md": due})
        told = events.page_with("Kabar nanti")
        assert not told["moves"]  # nobody edited it just now
        found = re.search(r'href="([^"]*/nanti/)"', told["html"])
        assert found
        assert "Teks yang ditunggu." in preview.page(found[1])
        assert preview.about(found[1])["words"] == 3


def test_what_expires_goes(site: Path) -> None:
    with previewing(site, env=CLOCK) as preview, preview.events("/") as events:
        save(site, text("Isi.", title="Sampai nanti", expires=_at(4)))
        events.page_with("Sampai nanti")
        events.wait(lambda m: m["type"] == "page" and "Sampai nanti" not in m["html"])
        assert preview.get(PAGE).status == 404


# the bar


def test_the_bar_tells_of_the_file(site: Path) -> None:
    env = {"DIGEST_EDITOR": "code --wait"}
    with previewing(site, env=env) as preview:
        about = preview.about(PAGE)
        assert about["source"] == FIRST
        assert about["edit"] == f"vscode://file{site / FIRST}:1:1"
        assert (about["state"], about["words"], about["minutes"]) == ("published", 6, 1)
        home = preview.about("/")
        assert home["source"] == ""
        assert "state" not in home


def test_the_bar_says_why_articles_are_related(site: Path) -> None:
    same = "Bendungan Jatigede Sumedang menyusut karena kemarau panjang di Jawa Barat."
    for number in (0, 1):
        write_site(
            site,
            {
                f"content/articles/b{number}.md": article(
                    f"Bendungan {number}", f"2022-01-0{number + 1}", same, tags=["Air"]
                )
            },
        )
    with previewing(site) as preview:
        picks = preview.get(f"{preview.secret}/why?page=/2022/01/02/b1/").text
        assert "Bendungan 0" in picks
        assert '"score"' in picks
        assert "menyusut" in picks


# following, ending


def test_it_follows_the_editor_to_another_article(site: Path) -> None:
    with previewing(site, "--follow") as preview, preview.events(PAGE) as events:
        save(
            site,
            many(4)["content/articles/a0002.md"] + "\nTambahan.\n",
            "content/articles/a0002.md",
        )
        assert events.wait(lambda m: m["type"] == "follow")["to"] == "/2022/02/26/a0002/"


def test_ctrl_c_ends_it_within_a_second_with_listeners(site: Path) -> None:
    with previewing(site) as preview:
        with preview.events(PAGE, client="a"), preview.events("/", client="b") as second:
            started = time.monotonic()
            assert preview.end(signal.SIGINT) == 130
            assert time.monotonic() - started < 1.0
            until(lambda: second.ended, "the end of the stream")
        assert "Traceback" not in preview.said


def test_it_ends_by_sigterm(site: Path) -> None:
    with previewing(site) as preview:
        assert preview.end(signal.SIGTERM) == 128 + signal.SIGTERM
        assert "Traceback" not in preview.said


def _memory(preview: Preview) -> int:
    """Resident kilobytes."""
    lines = Path(f"/proc/{preview.process.pid}/status").read_text("utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


def _files(preview: Preview) -> int:
    """Open files."""
    return len(list(Path(f"/proc/{preview.process.pid}/fd").iterdir()))


@pytest.mark.slow
def test_a_thousand_edits_need_no_more_memory(site: Path) -> None:
    write_site(site, many(200, start=4))
    with previewing(site) as preview, preview.events(PAGE) as events:
        before = 0
        for number in range(1, 1001):
            save(site, text(f"Ubahan nomor {number:04}."))
            events.page_with(f"Ubahan nomor {number:04}.")
            del events.messages[:-3]
            if number % 20 == 0:
                time.sleep(0.5)  # the site is composed behind the edits
            if number == 50:
                time.sleep(12)  # it clears up
                before = _memory(preview)
        time.sleep(12)
        assert _memory(preview) <= before * 1.05


def test_a_site_that_is_replaced_is_freed_at_once(site: Path) -> None:
    options = Options(site=site, now=NOW, keep=False)
    desk = Desk(options, "", lambda _: None, fixed=True)
    desk.open()
    gc.disable()
    try:
        assert isinstance(desk.show(PAGE), Page)
        assert desk.patched is not None
        old = [weakref.ref(desk.patched.edition)]
        for number in range(3):
            save(site, text(f"Ubahan nomor {number}.", title=f"Judul {number}"))
            desk.changed({str((site / FIRST).resolve())})
            assert desk.patched.edition.by_path[FIRST].content.title == f"Judul {number}"
            old.append(weakref.ref(desk.patched.edition))
            desk.compose()
        assert [edition() for edition in old] == [None] * 4
    finally:
        gc.enable()
        desk.memo.close()


def test_folders_that_are_watched_from_now_on_are_not_read_again(site: Path) -> None:
    options = Options(site=site, now=NOW, keep=False)
    desk = Desk(options, "", lambda _: None, fixed=True)
    desk.open()
    watched = {str(site.resolve()), str((site / "content").resolve())}
    try:
        setup = desk.setup
        desk.changed(watched)
        assert desk.setup is setup
        assert desk.due == 0
        save(site, text("Diubah sebelum ada yang mengawasi."))
        file = site / "digest.toml"
        desk.changed(watched)
        assert desk.setup is setup
        assert desk.due > 0
        desk.compose()
        page = desk.show(PAGE)
        assert isinstance(page, Page)
        assert b"Diubah sebelum ada yang mengawasi." in page.html
        file.write_text(file.read_text("utf-8").replace("Kabar Uji", "Nama Lain"), "utf-8")
        desk.changed(watched)
        page = desk.show(PAGE)
        assert isinstance(page, Page)
        assert b"Nama Lain" in page.html
        (site / "locales").mkdir()
        (site / "locales/id.toml").write_text('[ui]\nhome = "Muka"\n', "utf-8")
        before = desk.setup
        desk.changed(watched)
        assert desk.setup is not before
    finally:
        desk.memo.close()


def test_two_hundred_idle_listeners(site: Path) -> None:
    with previewing(site) as preview:
        secret = preview.secret
        before = _memory(preview)
        idle = [Events(preview.port, f"{secret}/events?client=c{n}") for n in range(200)]
        try:
            with preview.events(PAGE) as events:
                save(site, text("Isi untuk dua ratus."))
                events.page_with("Isi untuk dua ratus.")
            until(lambda: all(any(m["type"] == "page" for m in e.messages) for e in idle), "all")
            assert _memory(preview) - before < 60_000
        finally:
            for each in idle:
                each.close()
        until(lambda: _files(preview) < 150, "closed streams")
