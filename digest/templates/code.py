"""Writes the code of templates that ``digest.templates.flat`` made one.

It is Jinja's generator with shorter forms for what the pages of a news site do most. Each raises
where Jinja would take another way or tell what is missing; the page is then rendered by Jinja.

- All output goes to one list instead of through a generator.
- ``page.title`` is the attribute itself, not a search for an attribute or a key.
- What is given to every page is called without asking whether it wants the context.
- ``{{ t("menu") }}`` is looked up and escaped once for all pages.
"""

from __future__ import annotations

import keyword
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from digest.templates.flat import SHARED, stored

try:  # what ``escape`` does before it makes a Markup of the text, which joining does without
    from markupsafe import _escape_inner as escaped  # type: ignore[attr-defined]
except ImportError:
    escaped = escape

CALLED = frozenset({"t", "number", "asset", "partial"})


def printed(value: Any) -> str:
    """``escape`` for what is only printed: it need not be a ``Markup``."""
    kind = value.__class__
    if kind is str:
        return escaped(value)
    if kind is int:
        return str(value)
    text: str = value if kind is Markup else escape(value)
    return text


class FlatCode(CodeGenerator):
    """Compiles a flat tree. State: the names it sets, and which nodes have which form."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        """The module of a page, with one function ``root``."""
        self._given = SHARED - stored(node)
        asking = (nodes.Filter, nodes.Test)  # such as ``default`` and ``defined``
        self._asked = {id(asked.node) for asked in node.find_all(asking)}
        self._said: set[int] = set()
        self.writeline(f"from {__name__} import printed")
        super().visit_Template(node, frame)

    def enter_frame(self, frame: Frame) -> None:
        """The root gathers its output in a list."""
        if frame.rootlevel:
            self.buffer(frame)
            self.writeline("said = environment.said")
        super().enter_frame(frame)

    def leave_frame(self, frame: Frame, with_python_scope: bool = False) -> None:
        """The root gives its output as one text."""
        super().leave_frame(frame, with_python_scope)
        if frame.rootlevel:
            self.writeline(f"yield concat({frame.buffer})")

    # output

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: object) -> None:
        if self._is_said(node):
            self._said.add(id(node))
        else:
            self.write("printed(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: object) -> None:
        if id(node) not in self._said:
            self.write(")")

    def _is_said(self, node: nodes.Node) -> bool:
        """``t("…")`` without values."""
        match node:
            case nodes.Call(
                node=nodes.Name(name="t"), args=[nodes.Const(value=str())], kwargs=[]
            ) if "t" in self._given:
                return node.dyn_args is None and node.dyn_kwargs is None
        return False

    # expressions

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        """The attribute, where that is what is meant."""
        if not self._is_plain(node):
            super().visit_Getattr(node, frame)
            return
        if isinstance(node.node, nodes.Name):
            self.write(frame.symbols.ref(node.node.name))  # ``missing`` has no attributes
        else:
            self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def _is_plain(self, node: nodes.Getattr) -> bool:
        """Whether an attribute must be there: ``extra`` holds keys, and some only ask."""
        inner, name = node.node, node.attr
        if isinstance(inner, nodes.Getattr):
            if inner.attr == "extra" or not self._is_plain(inner):
                return False
        elif not isinstance(inner, nodes.Name):
            return False
        usual = name.isascii() and not name.startswith("_") and not keyword.iskeyword(name)
        return usual and id(node) not in self._asked

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        """A call of what pages are given, as Python does it."""
        if id(node) in self._said:
            self.write("said[")
            self.visit(node.args[0], frame)
            self.write("]")
            return
        plain = node.dyn_args is None and node.dyn_kwargs is None and not forward_caller
        plain = plain and not any(keyword.iskeyword(each.key) for each in node.kwargs)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if not plain or name not in CALLED & self._given:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write(f"{frame.symbols.ref(name)}(")
        for argument in (*node.args, *node.kwargs):
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")
