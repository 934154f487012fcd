"""A page's templates as one: parents, blocks and includes put in their places before compiling.

Jinja renders a page as some twenty functions, each with a context of its own that copies all names.
``flatten`` builds one tree of what they print together, which compiles to one function:

- a template that extends another becomes its outermost parent, in which each block stands as the
  innermost template has it, with ``{{ super() }}`` in it replaced by the next one's;
- an include of a literal name becomes the body of what it names.

Each such piece stands in a ``Scope``, as what it sets must not leave it. What it reads is another
matter: in Jinja an include (and a block that is ``scoped``) sees the names set around it at that
point, any other block sees only those that a page is given. In one tree every piece sees all that
is set around it, so a piece is put in place only where that makes no difference. Where it may, an
include stays an include, and anything else raises ``NotFlat``: the page is left to Jinja. So are
the rarer statements, see ``_LEFT``.

Nothing here tells what is wrong with a template. Each is compiled by Jinja first, and a fault that
shows while a page is rendered is told by rendering it again as Jinja does (see ``digest.render``).
"""

from __future__ import annotations

from itertools import takewhile
from typing import cast

import jinja2
import msgspec
from jinja2 import nodes
from jinja2.visitor import NodeTransformer

SHARED = frozenset({"site", "page", "theme", "t", "number", "asset", "partial"})
"""What every page is given."""

_LEFT = (nodes.ScopedEvalContextModifier, nodes.EvalContextModifier, nodes.ContextReference)
"""Statements that change how what they hold is compiled: their templates are left to Jinja."""
_BINDING = (nodes.Assign, nodes.AssignBlock, nodes.Macro, nodes.Import, nodes.FromImport)


class NotFlat(Exception):  # noqa: N818 - no error: Jinja renders the page
    """The templates of a page cannot be made one with the same output for certain."""


def flatten(environment: jinja2.Environment, name: str, read: dict[str, str]) -> nodes.Template:
    """The tree of a template with all it extends and includes in their places.

    ``read`` is filled with the text of each template that was looked at, "" for one that cannot be
    had; also when NotFlat is raised.
    """
    tree = nodes.Template(_Flattener(environment, read).page(name))
    loaded = _named(tree, "load")
    if loaded & {"self", "super"}:
        raise NotFlat
    given = sorted(loaded & SHARED - stored(tree))
    tree.body[:0] = [nodes.ExprStmt(nodes.Name(each, "load")) for each in given]  # looked up once
    return cast("nodes.Template", tree.set_environment(environment))


def stored(tree: nodes.Node) -> set[str]:
    """Every name that a template sets, loops over or takes as an argument."""
    names = _named(tree, "store", "param")
    return names.union(*map(_bound, tree.find_all(_BINDING)))


class _Flattener(NodeTransformer):
    """Puts the pieces of one page in place.

    State: ``_blocks``, the definitions of each block, innermost first, and those ``_used``;
    ``_open``, the templates around the place that is looked at; ``_units``, the pieces around it;
    ``_targets``, the names of the loops and ``with`` around it; ``_hidden``, names set around it
    that it must not see; ``_super``, what ``super()`` means there.
    """

    def __init__(self, environment: jinja2.Environment, read: dict[str, str]) -> None:
        self._environment, self._read = environment, read
        self._blocks: dict[str, list[nodes.Block]] = {}
        self._used: set[int] = set()
        self._open: list[str] = []
        self._units: list[_Unit] = []
        self._targets: list[set[str]] = []
        self._hidden: set[str] = set()
        self._super: _Super | None = None

    def page(self, name: str) -> list[nodes.Node]:
        """The statements of a page."""
        before: list[nodes.Node] = []
        parent: str | None = name
        while parent is not None:
            if parent in self._open:
                raise NotFlat
            self._open.append(parent)
            tree = self._parsed(parent)
            for block in tree.find_all(nodes.Block):
                self._blocks.setdefault(block.name, []).append(block)
            parent = _parent(tree)
            if parent is not None:
                before += _before_extends(tree)
        return before + self._piece(tree.body, set(), None)

    def _parsed(self, name: str) -> nodes.Template:
        """A fresh tree of a template that Jinja finds no fault in."""
        self._read.setdefault(name, "")
        try:
            self._environment.get_template(name)
            loader = self._environment.loader
            assert loader is not None  # noqa: S101 - every environment of ours has one
            source, file, _ = loader.get_source(self._environment, name)
            tree = self._environment.parse(source, name, file)
        except Exception as error:  # Jinja tells, if the page ever comes to it
            raise NotFlat from error
        self._read[name] = source
        if _holds(tree, *_LEFT):
            raise NotFlat
        return tree

    def _piece(
        self, body: list[nodes.Node], hidden: set[str], above: _Super | None
    ) -> list[nodes.Node]:
        """The statements of a template or block, with what stands inside them in place."""
        kept = self._hidden, self._super
        self._hidden, self._super = hidden, above
        unit = _Unit(body)
        self._units.append(unit)
        done: list[nodes.Node] = []
        for unit.place, statement in enumerate(body):
            done += self.visit_list(statement)
        self._units.pop()
        self._hidden, self._super = kept
        if hidden and any(map(_sees_all, done)):
            raise NotFlat
        return done

    def _fits(self, piece: nodes.Node, hidden: set[str]) -> bool:
        """Whether a piece reads the same names in this place as where Jinja would run it."""
        names = _named(piece, "load")
        if "loop" in names and "loop" in self._around():
            return False  # whether an include sees it hangs on what else the loop holds
        return not names & hidden and all(unit.sure_of(names) for unit in self._units)

    def _around(self, units: int = 0, targets: int = 0) -> set[str]:
        """All names that may be set around the place, from some unit and target on."""
        sets = (unit.sets for unit in self._units[units:])
        return set().union(*self._targets[targets:], *sets)

    # blocks

    def visit_Block(self, node: nodes.Block) -> nodes.Node:
        """A block as the innermost template has it."""
        hidden = self._hidden if node.scoped else self._around()
        above = _Super(node.name, 1, hidden, len(self._units), len(self._targets))
        return self._definition(node.name, 0, hidden, above)

    def _definition(self, name: str, depth: int, hidden: set[str], above: _Super) -> nodes.Node:
        definitions = self._blocks[name]
        if depth >= len(definitions):
            raise NotFlat  # there is no parent to print
        block = definitions[depth]
        if block.required or id(block) in self._used or not self._fits(block, hidden):
            raise NotFlat
        self._used.add(id(block))
        return nodes.Scope(self._piece(block.body, hidden, above))

    def visit_Output(self, node: nodes.Output) -> list[nodes.Node]:
        """What is printed; in the place of ``{{ super() }}`` stands the parent's block."""
        done: list[nodes.Node] = []
        printed: list[nodes.Expr] = []
        for child in node.nodes:
            if self._super is None or not _is_super(child):
                printed.append(child)
                continue
            up = self._super
            hidden = up.hidden | self._around(up.units, up.targets)
            above = msgspec.structs.replace(up, depth=up.depth + 1, hidden=hidden)
            done += [nodes.Output(printed)] if printed else []
            done.append(self._definition(up.name, up.depth, hidden, above))
            printed = []
        return [*done, nodes.Output(printed)] if printed else done

    def visit_Extends(self, node: nodes.Extends) -> nodes.Node:
        """Its place is the beginning of a template; elsewhere it depends on what happens."""
        raise NotFlat

    # includes

    def visit_Include(self, node: nodes.Include) -> nodes.Node:
        """What an include names, in its place; or the include, where that is not certain."""
        if not node.with_context:
            raise NotFlat  # Jinja compiles it wrongly where output is gathered
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        if not isinstance(name, str) or name in self._open:
            return node
        try:
            tree = self._parsed(name)
        except NotFlat:
            return node
        if _holds(tree, nodes.Extends, nodes.Block) or not self._fits(tree, self._hidden):
            return node
        self._open.append(name)
        body = self._piece(tree.body, self._hidden, None)
        self._open.pop()
        return nodes.Scope(body)

    # what sets names for what it holds

    def visit_For(self, node: nodes.For) -> nodes.Node:
        """The body sees the names of the loop, ``else`` does not."""
        self._within(node.body, {*_named(node, "store", only="target"), "loop"})
        self._within(node.else_, set())
        return node

    def visit_With(self, node: nodes.With) -> nodes.Node:
        """The body sees the names that are given."""
        self._within(node.body, _named(node, "param", "store", only="targets"))
        return node

    def _within(self, body: list[nodes.Node], targets: set[str]) -> None:
        self._targets.append(targets)
        body[:] = [each for statement in body for each in self.visit_list(statement)]
        self._targets.pop()

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:
        """A function of its own, left as it is."""
        if _holds(node, nodes.Block, nodes.Include):
            raise NotFlat
        return node

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:
        """The same."""
        if _holds(node, nodes.Block, nodes.Include):
            raise NotFlat
        return node


class _Super(msgspec.Struct, frozen=True):
    """The parents of a block that is being put in place: its definitions from ``depth`` on.

    They must not see ``hidden``, nor what the block sets: the names from ``units`` and ``targets``
    on.
    """

    name: str
    depth: int
    hidden: set[str]
    units: int
    targets: int


class _Unit:
    """A piece that is being put in place, with the names it sets for itself.

    State: ``place``, the number of the statement that is looked at.
    """

    def __init__(self, body: list[nodes.Node]) -> None:
        self.place = 0
        self._sure: dict[str, int] = {}
        self.sets: set[str] = set()
        for place, statement in enumerate(body):
            top = _bound(statement) if isinstance(statement, _BINDING) else set()
            inner = _bound_inside(statement)
            self._sure |= dict.fromkeys(top - self.sets, place)
            for name in inner | (top & self.sets):
                self._sure.pop(name, None)
            self.sets |= top | inner

    def sure_of(self, names: set[str]) -> bool:
        """Whether each name is set before the place once for all, or nowhere in the piece."""
        return all(self._sure.get(name, self.place) < self.place for name in names & self.sets)


def _bound_inside(node: nodes.Node) -> set[str]:
    """The names that are set within a statement, not counting those of blocks."""
    if isinstance(node, nodes.Block):
        return set()
    found: set[str] = set()
    for child in node.iter_child_nodes():
        found |= _bound(child) if isinstance(child, _BINDING) else set()
        found |= _bound_inside(child)
    return found


def _bound(node: nodes.Node) -> set[str]:
    """The names that a statement sets for those after it."""
    match node:
        case nodes.Macro():
            return {node.name}
        case nodes.Import():
            return {node.target}
        case nodes.FromImport():
            return {name if isinstance(name, str) else name[1] for name in node.names}
    return _named(node, "store", only="target")


def _named(node: nodes.Node, *contexts: str, only: str = "") -> set[str]:
    """The names inside a node that are used in one of the ways; ``only`` in one of its fields."""
    fields = (only,) if only else None
    found: set[str] = set()
    for child in node.iter_child_nodes(only=fields):
        if isinstance(child, nodes.Name):
            found |= {child.name} if child.ctx in contexts else set()
        elif isinstance(child, nodes.NSRef):
            found.add(child.name)  # a namespace whose field is set
        found |= _named(child, *contexts)
    return found


def _holds(node: nodes.Node, *kinds: type[nodes.Node]) -> bool:
    return next(node.find_all(kinds), None) is not None


def _parent(tree: nodes.Template) -> str | None:
    """The template that one extends. Raises NotFlat unless nothing but blocks depends on it."""
    if tree.find(nodes.Extends) is None:
        return None
    found = [node for node in tree.body if not isinstance(node, nodes.Block | nodes.Output)]
    match found:
        case [nodes.Extends(template=nodes.Const(value=str(name)))]:
            return name
    raise NotFlat


def _before_extends(tree: nodes.Template) -> list[nodes.Node]:
    """What a template prints before it extends another."""
    before = list(takewhile(lambda node: not isinstance(node, nodes.Extends), tree.body))
    if all(isinstance(child, nodes.TemplateData) for node in before for child in _printed(node)):
        return before
    raise NotFlat


def _printed(node: nodes.Node) -> list[nodes.Expr] | list[nodes.Node]:
    return node.nodes if isinstance(node, nodes.Output) else [node]


def _is_super(node: nodes.Node) -> bool:
    """``super()``, and nothing more."""
    match node:
        case nodes.Call(node=nodes.Name(name="super"), dyn_args=None, dyn_kwargs=None):
            return not node.args and not node.kwargs
    return False


def _sees_all(node: nodes.Node) -> bool:
    """Whether a statement has Jinja hand on every name there is."""
    kinds = (nodes.Include, nodes.Import, nodes.FromImport)
    found = [node, *node.find_all(kinds)]
    return any(isinstance(each, kinds) and each.with_context for each in found)
