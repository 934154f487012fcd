"""What a reader of the preview sees and keeps while files change."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from previewkit import Preview, previewing
from sitekit import article, write_site

from web.preview.browser import Browser
from web.preview.conftest import FIRST, PAGE, text

pytestmark = pytest.mark.slow


def save(site: Path, content: str, path: str = FIRST) -> None:
    """Write a file."""
    (site / path).write_text(content, encoding="utf-8")


# the page changes in place


def test_an_edit_keeps_all_that_the_reader_and_scripts_did(
    site: Path, preview: Preview, browser: Browser
) -> None:
    tab = browser.tab(preview.base + PAGE)
    tab.run(
        """(() => {
        lebih.open = true; centang.checked = true; lain.value = "ditulis";
        kotak.value = "setengah ka";
        kotak.focus(); kotak.setSelectionRange(2, 5); window.hitungan += 1;
        window.simpul = document.querySelector("h1");
        scrollTo(0, 300);
        })()"""
    )
    for number in range(20):
        save(site, text(f"Kalimat pertama, ubahan {number}."))
        tab.wait_for(f"ubahan {number}.")
        kept = tab.run(
            """({
            scroll: scrollY, open: lebih.open, checked: centang.checked, other: lain.value,
            value: kotak.value, focus: document.activeElement.id, selection:
            [kotak.selectionStart, kotak.selectionEnd], state: window.hitungan,
            node: window.simpul === document.querySelector("h1"),
            attribute: document.querySelector("h1").dataset.olehSkrip,
            added: document.querySelectorAll("#oleh-skrip").length,
            })"""
        )
        assert kept == {
            "scroll": 300,
            "open": True,
            "checked": True,
            "other": "ditulis",
            "value": "setengah ka",
            "focus": "kotak",
            "selection": [2, 5],
            "state": 42,
            "node": True,
            "attribute": "ya",
            "added": 1,
        }
    assert tab.messages == []
    tab.do("close")


def test_a_selection_of_text_is_kept(site: Path, preview: Preview, browser: Browser) -> None:
    tab = browser.tab(preview.base + PAGE)
    tab.run(
        """(() => { const p = [...document.querySelectorAll(".prose p")].find(
        (e) => e.textContent.startsWith("Paragraf nomor 3 "));
        getSelection().setBaseAndExtent(p.firstChild, 0, p.firstChild, 8); })()"""
    )
    save(site, text("Kalimat pertama yang lain."))
    tab.wait_for("yang lain.")
    assert tab.run("getSelection().toString()") == "Paragraf"
    tab.do("close")


def test_a_change_out_of_sight_is_scrolled_to_unless_that_is_switched_off(
    site: Path, preview: Preview, browser: Browser
) -> None:
    tab = browser.tab(preview.base + PAGE)
    save(site, text("Kalimat pertama.").replace("nomor 38 dari", "nomor 38 diubah dari"))
    tab.wait_for("38 diubah")
    tab.wait("scrollY > 400")
    tab.run("localStorage.setItem('digest-jump', '0'), scrollTo({top: 0, behavior: 'instant'})")
    save(site, text("Kalimat pertama.").replace("nomor 38 dari", "nomor 38 lagi dari"))
    tab.wait_for("38 lagi")
    time.sleep(0.5)
    assert tab.run("scrollY") == 0
    tab.run("localStorage.removeItem('digest-jump')")
    tab.do("close")


def test_a_style_sheet_is_exchanged_without_a_flash(
    site: Path, preview: Preview, browser: Browser
) -> None:
    tab = browser.tab(preview.base + PAGE)
    tab.run(
        """(() => { window.warna = new Set();
        const look = () => { warna.add(getComputedStyle(document.querySelector("h1")).fontFamily);
        requestAnimationFrame(look); }; look(); window.hitungan = 7; })()"""
    )
    sheet = site / "overrides/static/css/harian.css.j2"
    shipped = Path(__file__).parents[3] / "themes/harian/static/css/harian.css.j2"
    sheet.write_text(
        shipped.read_text("utf-8") + "\nh1 { color: rgb(9, 8, 7); }\n", encoding="utf-8"
    )
    tab.wait("getComputedStyle(document.querySelector('h1')).color === 'rgb(9, 8, 7)'")
    tab.wait("document.querySelectorAll('link[rel=stylesheet]').length === 1")
    assert tab.run("[...warna].length") == 1  # it was styled in every frame
    assert tab.run("window.hitungan") == 7
    tab.do("close")


def test_a_template_edit_changes_the_page_in_place(
    site: Path, preview: Preview, browser: Browser
) -> None:
    tab = browser.tab(preview.base + PAGE)
    tab.run("window.hitungan = 7")
    base = site / "overrides/templates/base.html"
    base.write_text(
        base.read_text("utf-8") + "{% block footer %}<footer>kaki baru</footer>{% endblock %}",
        encoding="utf-8",
    )
    tab.wait_for("kaki baru")
    assert tab.run("window.hitungan") == 7
    tab.do("close")


def test_edits_of_templates_keep_the_place_and_all_state(
    site: Path, preview: Preview, browser: Browser
) -> None:
    """What changes is out of sight: who edits a template looks at where he is."""
    tab = browser.tab(preview.base + PAGE)
    base = site / "overrides/templates/base.html"
    good = base.read_text("utf-8")
    tab.run(
        """(() => { kotak.value = "setengah"; kotak.focus(); kotak.blur(); scrollTo(0, 1000);
        document.querySelector(".prose a, main a, a").focus({ preventScroll: true });
        window.fokus = document.activeElement; window.hitungan = 7; })()"""
    )
    for number in range(20):
        mark = f"templat nomor {number}."
        base.write_text(f"{good}{{% block footer %}}<p>{mark}</p>{{% endblock %}}", "utf-8")
        tab.wait_for(mark)
        time.sleep(0.1)
        kept = tab.run(
            """[scrollY, document.activeElement === window.fokus, window.hitungan, kotak.value]"""
        )
        assert kept == [1000, True, 7, "setengah"]
    tab.do("close")


# problems


def test_the_overlay_comes_with_the_problem_and_goes_when_it_is_mended(
    site: Path, preview: Preview, browser: Browser
) -> None:
    tab = browser.tab(preview.base + PAGE)
    tab.run("window.hitungan = 7")
    save(site, text("Kalimat lain.").replace("title:", "titel<b>:"))
    tab.wait_in_bar("!root.querySelector('.overlay').hidden")
    shown = tab.in_bar("root.querySelector('.overlay').innerText")
    assert "D103" in shown or "D104" in shown
    assert f"{FIRST}:" in shown
    assert "titel<b>" in shown  # as text
    assert tab.in_bar("root.querySelectorAll('.overlay b b').length") == 0
    address = tab.in_bar("root.querySelector('.overlay .place a').href")
    assert re.fullmatch(rf"vscode://file{re.escape(str(site / FIRST))}:\d+:\d+", address)
    assert "Kalimat pertama." in tab.run("document.body.textContent")
    save(site, text("Kalimat yang sudah baik."))
    tab.wait_for("Kalimat yang sudah baik.")
    tab.wait_in_bar("root.querySelector('.overlay').hidden")
    assert tab.run("window.hitungan") == 7  # no reload
    tab.do("close")


def test_the_overlay_is_closed_by_escape_and_stays_closed(
    site: Path, preview: Preview, browser: Browser
) -> None:
    tab = browser.tab(preview.base + PAGE)
    save(site, text("Satu.\n\n[teks](tidak-ada.md)"))
    tab.wait_in_bar("!root.querySelector('.overlay').hidden")
    tab.do("press", key="Escape")
    assert tab.in_bar("root.querySelector('.overlay').hidden")
    save(site, text("Dua.\n\n[teks](tidak-ada.md)"))
    tab.wait_for("Dua.")
    time.sleep(0.3)
    assert tab.in_bar("root.querySelector('.overlay').hidden")
    tab.wait_in_bar("root.querySelector('.pill').textContent.includes('1 error')")
    tab.do("close")


def test_a_site_broken_from_the_start_comes_up_by_itself(site: Path, browser: Browser) -> None:
    good = (site / "digest.toml").read_text("utf-8")
    save(site, "title = 1\n", "digest.toml")
    with previewing(site) as preview:
        tab = browser.tab(preview.base + "/")
        tab.wait_in_bar("root.querySelector('.overlay').innerText.includes('D403')")
        save(site, good, "digest.toml")
        tab.wait_for("Kabar nol")
        tab.wait_in_bar("root.querySelector('.overlay').hidden")
        tab.do("close")


# the bar


def test_the_bar_tells_of_the_file_and_says_why_links_are_there(
    site: Path, preview: Preview, browser: Browser
) -> None:
    same = "Bendungan Jatigede Sumedang menyusut karena kemarau panjang di Jawa Barat."
    write_site(
        site,
        {
            "content/articles/b0.md": article("Bendungan susut", "2022-01-01", same),
            "content/articles/b1.md": article(
                "Bendungan pulih", "2022-01-02", same, status="draft"
            ),
        },
        theme=False,
    )
    tab = browser.tab(preview.base + "/2022/01/02/b1/")
    tab.wait_in_bar("root.querySelector('.pill').textContent.includes('draft')")
    tab.in_bar("root.querySelector('.pill').click()")
    tab.wait_in_bar("root.querySelector('.panel a')")
    panel = tab.in_bar("root.querySelector('.panel').innerText")
    assert "content/articles/b1.md" in panel
    assert "10 words, 1 min" in panel
    tab.in_bar("root.querySelector('.panel button').click()")
    tab.wait_in_bar("root.querySelector('.why li')")
    why = tab.in_bar("root.querySelector('.why').innerText")
    assert "Bendungan susut" in why
    assert "score" in why
    assert tab.messages == []
    tab.do("close")


def test_the_switch_hides_drafts(site: Path, preview: Preview, browser: Browser) -> None:
    draft = article("Kabar draf", "2022-02-14 08:00", status="draft")
    write_site(site, {"content/articles/d.md": draft}, theme=False)
    tab = browser.tab(preview.base + "/")
    tab.wait_for("Kabar draf")
    assert "Draf" in tab.run("document.querySelector('main').innerText")
    tab.in_bar("root.querySelector('.pill').click()")
    tab.wait_in_bar("root.querySelector('.switches input')")
    tab.in_bar("root.querySelector('.switches input').click()")
    tab.wait("!document.body.textContent.includes('Kabar draf')")
    tab.do("close")


# several tabs


def test_two_tabs_on_different_pages(site: Path, preview: Preview, browser: Browser) -> None:
    first = browser.tab(preview.base + PAGE)
    second = browser.tab(preview.base + "/2022/02/12/a1/")
    second.run("window.hitungan = 7")
    save(site, text("Hanya untuk tab pertama."))
    first.wait_for("Hanya untuk tab pertama.")
    changed = article("Kabar satu", "2022-02-12 08:00", "Hanya untuk tab kedua.")
    save(site, changed, "content/articles/a1.md")
    second.wait_for("Hanya untuk tab kedua.")
    assert "Hanya untuk tab pertama." not in second.run("document.body.textContent")
    assert second.run("window.hitungan") == 7
    for tab in (first, second):
        tab.do("close")


def test_ten_tabs_share_one_connection(site: Path, preview: Preview, browser: Browser) -> None:
    tabs = [browser.tab(preview.base + PAGE) for _ in range(10)]
    save(site, text("Untuk sepuluh tab."))
    for tab in tabs:
        tab.wait_for("Untuk sepuluh tab.")
        tab.do("close")


def test_a_browser_without_shared_workers_follows_too(
    site: Path, preview: Preview, browser: Browser
) -> None:
    """As on phones."""
    lone = browser.tab(width=390, height=800)
    lone.do("hide_shared_workers")
    lone.goto(preview.base + PAGE)
    assert lone.run("globalThis.SharedWorker === undefined")
    save(site, text("Untuk ponsel."))
    lone.wait_for("Untuk ponsel.")
    lone.do("close")


# coming and going


def test_new_deleted_and_moved_articles(site: Path, preview: Preview, browser: Browser) -> None:
    home = browser.tab(preview.base + "/")
    write_site(
        site, {"content/articles/baru.md": article("Kabar baru", "2022-02-14 08:00")}, theme=False
    )
    home.wait_for("Kabar baru")
    page = browser.tab(preview.base + "/2022/02/14/baru/")
    moved = article("Kabar pindah", "2022-02-14 08:00", slug="pindah")
    save(site, moved, "content/articles/baru.md")
    page.wait("location.pathname === '/2022/02/14/pindah/'")
    (site / "content/articles/baru.md").unlink()
    home.wait("!document.body.textContent.includes('Kabar pindah')")
    page.wait("!document.body.textContent.includes('Kabar pindah')")
    for tab in (home, page):
        tab.do("close")


def test_it_follows_the_editor(site: Path, browser: Browser) -> None:
    with previewing(site, "--follow") as preview:
        tab = browser.tab(preview.base + PAGE)
        for number in range(20):  # the first may come before the tab is heard of
            changed = article("Kabar satu", "2022-02-12 08:00", f"Diubah di sini, {number}.")
            save(site, changed, "content/articles/a1.md")
            time.sleep(0.5)
            if tab.run("location.pathname") == "/2022/02/12/a1/":
                break
        tab.wait("location.pathname === '/2022/02/12/a1/'")
        tab.wait_for("Diubah di sini,")
        tab.do("close")


def test_a_preview_that_comes_back_takes_its_tabs_along(site: Path, browser: Browser) -> None:
    with previewing(site) as preview:
        port = preview.port
        tab = browser.tab(preview.base + PAGE)
        tab.run("window.hitungan = 7")
    tab.wait_in_bar("root.querySelector('.pill').textContent.includes('offline')")
    save(site, text("Ditulis sementara itu."))
    with previewing(site, port=port):
        tab.wait_for("Ditulis sementara itu.")
        tab.do("close")


def test_ctrl_c_ends_it_within_a_second_with_tabs_open(site: Path, browser: Browser) -> None:
    with previewing(site) as preview:
        tabs = [browser.tab(preview.base + PAGE) for _ in range(3)]
        started = time.monotonic()
        assert preview.end() == 130
        assert time.monotonic() - started < 1.0
        for tab in tabs:
            tab.do("close")


def test_the_page_under_the_bar_is_the_built_one(site: Path, preview: Preview) -> None:
    """Law: what is previewed is what is built, but for our script."""
    from web.programs import digest

    digest("build", "--site", str(site), "--now", "2022-03-01T12:00+07:00", "--quiet")
    built = (site / f"output{PAGE}index.html").read_text("utf-8")
    page = preview.page(PAGE)
    plain = re.sub(r'<script src="/__digest-[^>]*></script>', "", page)
    assert plain == built
    assert json.dumps("__digest") not in built
