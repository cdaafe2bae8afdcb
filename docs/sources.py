"""Take the modules of a package apart, and find which of their statements a module needs."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class CannotAssemble(Exception):
    """The modules do not fit into one namespace; the message says what is to be changed."""


@dataclass(eq=False)
class Piece:
    """A statement at the top of a module.

    Attributes:
        node: The statement, without its spare methods.
        names: What it defines.
        last: Its last line, with the note under a constant.
        spare: Methods of a class that nothing is known to call.
    """

    module: Module
    node: ast.stmt
    names: set[str]
    last: int
    spare: list[ast.FunctionDef] = field(default_factory=list)


@dataclass(eq=False)
class Module:
    """A module, taken apart.

    Attributes:
        root: The directory that holds the package.
        path: Seen from there.
        homes: Module and name of each name that is imported from the package; the name of a module itself is "".
        strangers: The import statement of each name that comes from elsewhere; indented if it is for types alone.
        needs: Modules of the package that must be run before.
    """

    root: Path
    path: Path
    text: str
    summary: str
    pieces: list[Piece] = field(default_factory=list)
    homes: dict[str, tuple[str, str]] = field(default_factory=dict)
    strangers: dict[str, str] = field(default_factory=dict)
    needs: list[str] = field(default_factory=list)

    def home_of(self, node: ast.AST) -> tuple[str, str] | None:
        """Return module and name that a name, or an attribute of a module such as ``tables.ENTRY``, stands for."""
        if isinstance(node, ast.Name) and self.homes.get(node.id, ("", ""))[1]:
            return self.homes[node.id]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            home, name = self.homes.get(node.value.id, ("", "its name"))
            return None if name else (home, node.attr)
        return None

    def offset(self, line: int, column: int = 0) -> int:
        """Return where in the text a place is that is given as in a syntax tree: columns are bytes."""
        lines = self.text.splitlines(keepends=True)
        return len("".join(lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode() if column else "")

    def span(self, node: ast.stmt, last: int | None = None) -> tuple[int, int]:
        """Return where the lines of a statement begin and end: decorators and the comments above are its own."""
        lines = self.text.splitlines()
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
        while first > 1 and lines[first - 2].lstrip().startswith("#"):
            first -= 1
        return self.offset(first), self.offset((last or node.end_lineno or 0) + 1)


# Taking apart


def modules_for(start: str, root: Path, stand_ins: Mapping[str, str]) -> dict[str, Module]:
    """Return the modules that one needs, directly or not, each after those it needs itself.

    Args:
        start: The module's name.
        root: The directory that holds the package.
        stand_ins: Names of modules that are taken in the place of others.

    Raises:
        CannotAssemble: A statement is of a kind that cannot be moved.
    """
    ordered: dict[str, Module] = {}

    def visit(name: str) -> None:
        if name not in ordered:
            module = _taken_apart(name, root, stand_ins)
            for needed in module.needs:
                visit(needed)
            ordered[name] = module

    visit(start)
    return ordered


def _taken_apart(name: str, root: Path, stand_ins: Mapping[str, str]) -> Module:
    path = Path(*name.split("."))
    path = path / "__init__.py" if (root / path).is_dir() else path.with_suffix(".py")
    text = (root / path).read_text(encoding="utf-8")
    tree = ast.parse(text)
    module = Module(root, path, text, (ast.get_docstring(tree) or "").partition("\n")[0])
    for node in tree.body[1:]:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and module.pieces:
            module.pieces[-1].last = node.end_lineno or 0  # the note under a constant
        elif isinstance(node, ast.Import | ast.ImportFrom):
            _note_import(module, node, stand_ins)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for statement in node.body:
                _note_import(module, statement, stand_ins, "    ")
        else:
            module.pieces.append(_piece(module, node))
            for below in ast.walk(node):
                if isinstance(below, ast.ImportFrom) and is_ours(below):
                    _note_import(module, below, stand_ins, "    ")
    return module


def is_ours(node: ast.ImportFrom) -> bool:
    """Tell whether an import is from the package."""
    return (node.module or "").partition(".")[0] == "recorder"


def _piece(module: Module, node: ast.stmt) -> Piece:
    piece = Piece(module, node, _defined(node), node.end_lineno or 0)
    if isinstance(node, ast.ClassDef) and not node.bases:  # a base may call what it declares
        methods = [member for member in node.body if isinstance(member, ast.FunctionDef)]
        piece.spare = [method for method in methods if not method.name.startswith("__")]
        node.body = [member for member in node.body if member not in piece.spare]
    return piece


def _defined(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    below = {inner.name for inner in ast.walk(node) if isinstance(inner, ast.FunctionDef | ast.ClassDef)}
    return below | stored(node)


def stored(node: ast.AST) -> set[str]:
    """Return the names that a value is given to, however deep below."""
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}


def _note_import(module: Module, node: ast.AST, stand_ins: Mapping[str, str], margin: str = "") -> None:
    """Note what an import brings; one with a margin is not run before the module is."""
    if not isinstance(node, ast.Import | ast.ImportFrom):
        raise CannotAssemble(f"{module.path}: under TYPE_CHECKING stands more than imports")
    source = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    source = stand_ins.get(source, source)
    for alias in node.names:
        if (source or alias.name).partition(".")[0] != "recorder":
            line = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
            line = margin + (f"from {source} {line}" if source else line)
            module.strangers[alias.asname or alias.name.partition(".")[0]] = line
        elif not source or alias.asname:
            raise CannotAssemble(f"{module.path}, line {node.lineno}: write `from {source or '...'} import NAME`")
        else:
            is_module = (module.root / Path(*source.split("."), f"{alias.name}.py")).exists()
            home = (f"{source}.{alias.name}", "") if is_module else (source, alias.name)
            module.homes[alias.name] = home
            if not margin:
                module.needs.append(home[0])


# Finding what is reached


def reached_from(start: str, modules: Mapping[str, Module]) -> set[Piece]:
    """Return the statements that all of a module reaches, methods that are called put back into their classes.

    Raises:
        CannotAssemble: A name is imported that nothing defines.
    """
    reached: set[Piece] = set()
    waiting = list(modules[start].pieces)
    while waiting:
        while waiting:
            piece = waiting.pop()
            if piece not in reached:
                reached.add(piece)
                waiting += _references(piece, modules)
        nodes = [node for piece in reached for node in ast.walk(piece.node)]
        attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        for piece in [piece for piece in reached if any(method.name in attributes for method in piece.spare)]:
            called = [method for method in piece.spare if method.name in attributes]
            piece.spare = [method for method in piece.spare if method not in called]
            piece.node.body += called  # type: ignore[attr-defined]  # only a class has spare methods
            reached.remove(piece)
            waiting.append(piece)
    return reached


def _references(piece: Piece, modules: Mapping[str, Module]) -> list[Piece]:
    module = piece.module
    found = [other for other in module.pieces if not other.names]  # effects belong to all of the module
    for node in ast.walk(piece.node):
        if isinstance(node, ast.Name):
            found += [other for other in module.pieces if node.id in other.names]
        if home := module.home_of(node):
            pieces = modules[home[0]].pieces if home[0] in modules else []
            definitions = [other for other in pieces if home[1] in other.names]
            if not definitions:
                raise CannotAssemble(f"{module.path}: nothing that is imported in time defines {'.'.join(home)}")
            found += definitions
    return found
