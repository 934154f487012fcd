"""Links and images inside the site: what each reference of each body means, checked."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote

from digest.errors import Problem, Where
from digest.front import ArticleFront, EditionFront, EntryFront, ImageFront
from digest.model import (
    Article,
    Copy,
    ImageRef,
    Issue,
    Linked,
    LinkRef,
    Page,
    Picture,
    Resolved,
    Site,
    Skipped,
    Term,
)
from digest.pace import breathe
from digest.urls import beside

Node = Article | Page | Issue | Term

HINTED = 50
"""Broken links that get a did-you-mean: looking for one among 100,000 files costs time."""

Locate = Callable[[str, str, int], Where]
"""(path, text, nth) → the place of the nth occurrence of a link target in a file."""


def link(
    site: Site,
    *,
    root: Path,
    content: str,
    static: str,
    assets: Mapping[str, bytes],
    broken: frozenset[str],
    prefix: str,
    locate: Locate,
    only: Mapping[str, Node] = MappingProxyType({}),
) -> Linked:
    """Resolve all links and images of ``site``.

    With ``only``, those of these nodes by path, which then stand for the site's own of that path.

    ``assets`` are the non-Markdown files under the content folder, relative to ``root``, with their
    seals; ``broken`` the content files that could not be read, links to which are not told as well;
    ``prefix`` is the path of the base URL. Problems: D240 no such file, D241 no such slug, D242 not
    on the site now, D243 no such fragment, D244 ambiguous slug, D250 missing image.
    """
    linker = _Linker(site, root, content, static, assets, broken, prefix, locate)
    return linker.run(only)


class _Linker:
    """Collects while it walks the documents once; lives for one ``link`` call."""

    def __init__(
        self,
        site: Site,
        root: Path,
        content: str,
        static: str,
        assets: Mapping[str, bytes],
        broken: frozenset[str],
        prefix: str,
        locate: Locate,
    ) -> None:
        self._root, self._content, self._static = root, content, static
        self._assets, self._prefix, self._locate = assets, prefix, locate
        self._broken = broken | {_stem(path) for path in broken}
        self._nodes: dict[str, Node] = {node.path: node for node in _nodes(site)}
        self._by_url = {node.url: node for node in self._nodes.values()}
        self._slugs: dict[str, list[Article | Page]] = defaultdict(list)
        for node in self._nodes.values():
            if isinstance(node, Article | Page):
                self._slugs[node.slug].append(node)
        self._skipped = {skip.path: skip for skip in site.skipped}
        self._anchors: dict[str, frozenset[str]] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._copies: dict[tuple[str, str], Copy] = {}
        self._backlinks: dict[str, dict[str, None]] = defaultdict(dict)
        self._rooted: list[tuple[str, LinkRef, str]] = []
        self._problems: list[Problem] = []
        self._hints_left = HINTED

    def run(self, only: Mapping[str, Node]) -> Linked:
        links, pictures, leads = {}, {}, {}
        self._nodes.update(only)
        for path, node in (only or self._nodes).items():
            breathe()
            if isinstance(node, Article) and node.state == "withdrawn":
                continue  # its page shows neither text nor pictures
            content = node.content
            if content is None:
                continue
            if content.links:
                links[path] = tuple(self._link(node, ref) for ref in content.links)
            if content.images:
                pictures[path] = tuple(self._image(node, ref) for ref in content.images)
            front = content.front
            if isinstance(front, EntryFront):
                self._entry_links(node, [entry.url for entry in front.links])
                continue
            if isinstance(front, EditionFront):
                continue
            if isinstance(front, ArticleFront) and (front.related or front.related_exclude):
                self._check_pins(path, front)
            if front.image is not None:
                leads[path] = self._lead(node, front.image)
        return Linked(
            links,
            pictures,
            leads,
            {path: tuple(sorted(sources)) for path, sources in self._backlinks.items()},
            tuple(self._copies.values()),
            tuple(self._rooted),
            tuple(self._problems),
        )

    # links

    def _link(self, node: Node, ref: LinkRef) -> Resolved:
        target, mark, fragment = ref.target.partition("#")
        fragment = mark + fragment
        if ref.wiki:
            return self._to_slug(node, ref, target.strip(), fragment)
        if not target:
            return self._to_node(node, ref, node, fragment)
        if target.startswith("/"):
            return self._to_root(node, ref, target, fragment)
        return self._to_file(node, ref, unquote(target.partition("?")[0]), fragment)

    def _to_slug(self, node: Node, ref: LinkRef, slug: str, fragment: str) -> Resolved:
        found = self._slugs.get(slug, [])
        if len(found) == 1:
            return self._to_node(node, ref, found[0], fragment)
        if found:
            places = ", ".join(other.path for other in found)
            message = f"[[{slug}]] could be any of {places}"
            hint = "link to the file instead: [teks](../02/lain.md)"
            self._flaw("D244", message, node, ref, hint)
            return Resolved(found[0].url, found[0].title)
        for skip in self._skipped.values():
            if skip.slug == slug:
                return self._not_shown(node, ref, skip)
        if slug in self._broken:
            return Resolved("#", slug)
        hint = self._near(slug, self._slugs, "[[{}]]")
        self._flaw("D241", f"no article or page has the slug {slug!r}", node, ref, hint)
        return Resolved("#", slug)

    def _to_root(self, node: Node, ref: LinkRef, target: str, fragment: str) -> Resolved:
        """A path from the site's root; with the path prefix written out it is accepted, too."""
        if self._prefix and (target + "/").startswith(self._prefix + "/"):
            target = target[len(self._prefix) :] or "/"
        self._rooted.append((node.path, ref, target + fragment))
        other = self._by_url.get(target.partition("?")[0])
        if other is not None and other is not node and other.path:
            self._backlinks[other.path][node.path] = None
        return Resolved(target + fragment)

    def _to_file(self, node: Node, ref: LinkRef, target: str, fragment: str) -> Resolved:
        path = self._path(node, target)
        if path is None:
            self._flaw("D240", f"the link {ref.target!r} leaves the content folder", node, ref)
            return Resolved("#")
        if path in self._nodes:
            return self._to_node(node, ref, self._nodes[path], fragment)
        if path in self._skipped:
            return self._not_shown(node, ref, self._skipped[path])
        if path in self._assets:
            return Resolved(self._publish(node, path) + fragment)
        if path in self._broken:
            return Resolved("#")
        hint = self._near_file(node, path)
        self._flaw("D240", f"the link leads to no file: {ref.target!r}", node, ref, hint)
        return Resolved("#")

    def _to_node(self, node: Node, ref: LinkRef, other: Node, fragment: str) -> Resolved:
        title = other.name if isinstance(other, Term) else other.title
        if isinstance(other, Article) and other.state == "withdrawn":
            fragment = ""  # its page has no headings any more
        if len(fragment) > 1 and unquote(fragment[1:]) not in self._anchors_of(other):
            known = self._anchors_of(other)
            hint = self._near(unquote(fragment[1:]), known, "#{}") or (
                "its headings have: " + ", ".join(f"#{a}" for a in sorted(known)[:8])
                if known
                else "it has no headings to link to"
            )
            message = f"{other.path or title} has no {fragment!r}"
            self._flaw("D243", message, node, ref, hint)
        if other is not node and other.path:
            self._backlinks[other.path][node.path] = None
        return Resolved(
            other.url + fragment if other is not node or not fragment else fragment, title
        )

    def _check_pins(self, path: str, front: ArticleFront) -> None:
        """Tell pins and blocks of Baca Juga that name no article of the content."""
        known = {skip.slug for skip in self._skipped.values()}
        for key in ("related", "related_exclude"):
            for slug in getattr(front, key):
                if slug not in self._slugs and slug not in known:
                    where = self._locate(path, slug, 0)
                    hint = self._near(slug, self._slugs, "{}")
                    message = f"{key}: no article has the slug {slug!r}"
                    self._problems.append(Problem("D246", message, where, hint, "warning"))

    def _entry_links(self, node: Node, urls: list[str]) -> None:
        """The links of a register entry: addresses, or paths of the site."""
        for url in urls:
            if re.match(r"/([^/]|$)", url):
                path, mark, fragment = url.partition("#")
                self._to_root(node, LinkRef(url), path, mark + fragment)
            elif not re.match(r"https?://[^\s/]", url):
                hint = "write a path of the site that begins with / or a full address"
                self._flaw("D240", f"the link {url!r} leads nowhere", node, LinkRef(url), hint)

    def _not_shown(self, node: Node, ref: LinkRef, skip: Skipped) -> Resolved:
        message = f"the link leads to {skip.path}, which is not on the site now ({skip.state})"
        hint = "publish it, or take the link out until then"
        self._flaw("D242", message, node, ref, hint)
        return Resolved("#", skip.title)

    def _anchors_of(self, node: Node) -> frozenset[str]:
        if node.path not in self._anchors:
            self._anchors[node.path] = frozenset(node.content.anchors if node.content else ())
        return self._anchors[node.path]

    # images

    def _lead(self, node: Node, image: ImageFront) -> Picture:
        return self._picture(node, image.src, lambda: self._locate(node.path, image.src, 0))

    def _image(self, node: Node, ref: ImageRef) -> Picture:
        return self._picture(node, ref.src, lambda: self._locate(node.path, ref.src, ref.nth))

    def _picture(self, node: Node, src: str, place: Callable[[], Where]) -> Picture:
        if re.match(r"(https?:)?//", src):
            return Picture(src)
        plain = unquote(src.partition("#")[0].partition("?")[0])
        if src.startswith("/"):
            file = posixpath.normpath(f"{self._static}/{plain.lstrip('/')}")
            url, known = src, self._in_static(file)
        else:
            path = self._path(node, plain)
            known = path is not None and path in self._assets
            file = path or ""
            url = self._publish(node, file) if known else ""
        if not known:
            folder = f"{self._static}/" if src.startswith("/") else "the article's folder"
            hint = f"looked in {folder}; names are case-sensitive"
            self._problems.append(Problem("D250", f"there is no image {src!r}", place(), hint))
            return Picture("#")
        width, height = self._size(file, place)
        return Picture(url, width, height)

    def _in_static(self, file: str) -> bool:
        return file.startswith(self._static + "/") and (self._root / file).is_file()

    def _size(self, file: str, place: Callable[[], Where]) -> tuple[int, int]:
        if file not in self._sizes:
            import imagesize  # lazy: many sites have few images, and it loads an XML parser

            try:
                width, height = imagesize.get(self._root / file)
            except (OSError, ValueError) as error:
                message = f"cannot read the size of {file}: {error}"
                self._problems.append(Problem("D251", message, place(), severity="warning"))
                width, height = 0, 0
            if width <= 0 or height <= 0:
                hint = "without width and height the page jumps while it loads"
                message = f"the image {file} does not say how large it is"
                self._problems.append(Problem("D251", message, place(), hint, "warning"))
                width, height = 0, 0
            self._sizes[file] = (round(width), round(height))
        return self._sizes[file]

    def _publish(self, node: Node, path: str) -> str:
        """Publish an asset beside the page that uses it."""
        url, file = beside(node.url, posixpath.basename(path))
        self._copies.setdefault(
            (file, path), Copy(file, self._root / path, path, self._assets[path])
        )
        return url

    # paths and messages

    def _path(self, node: Node, target: str) -> str | None:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(node.path), target))
        return path if path.startswith(self._content + "/") and "\0" not in path else None

    def _flaw(self, code: str, message: str, node: Node, ref: LinkRef, hint: str = "") -> None:
        where = self._locate(node.path, ref.target, ref.nth)
        self._problems.append(Problem(code, message, where, hint))

    def _near(self, word: str, known: Iterable[str], form: str) -> str:
        if self._hints_left <= 0:
            return ""
        self._hints_left -= 1
        near = get_close_matches(word, list(known), n=1, cutoff=0.6)
        return f"did you mean {form.format(near[0])}?" if near else ""

    def _near_file(self, node: Node, path: str) -> str:
        """A file of the same name elsewhere, else one with a similar name."""
        name = posixpath.basename(path)
        here = posixpath.dirname(node.path)
        for other in sorted({*self._nodes, *self._assets}):
            if other and posixpath.basename(other) == name:
                return f"did you mean {posixpath.relpath(other, here)}?"
        known: Mapping[str, str] = {_stem(other): other for other in sorted(self._nodes) if other}
        stem = _stem(name)
        near = get_close_matches(stem, list(known), n=1, cutoff=0.6) if self._hints_left else []
        self._hints_left -= bool(self._hints_left)
        return f"did you mean {posixpath.relpath(known[near[0]], here)}?" if near else ""


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]


def _nodes(site: Site) -> Iterator[Node]:
    yield from site.articles
    yield from site.withdrawn
    yield from site.pages
    yield from (issue for issue in site.editions if issue.path)
    for terms in site.registers:
        yield from (term for term in terms.values() if term.path)
