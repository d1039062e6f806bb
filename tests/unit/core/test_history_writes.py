"""History is only ever added to: IAM cannot tell its items from others, so the code is held to it."""

import ast

from tests.conftest import ROOT

READS = {"get", "_get"}
SOURCES = sorted(path for folder in ("layers", "functions") for path in (ROOT / folder).rglob("*.py"))


def _uses(tree: ast.AST) -> list[tuple[int, str]]:
    """Line of every use of `history_key`, and the name of the function that it is an argument of."""
    callers = {
        id(argument): call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for argument in call.args
    }
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    uses = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "history_key":
            uses.append((node.lineno, "an attribute"))
        elif isinstance(node, ast.Name) and node.id == "history_key":
            call = called.get(id(node))
            uses.append((node.lineno, callers.get(id(call), "nothing") if call else "nothing"))
    return uses


def test_items_of_history_are_put_where_none_is_and_read_and_nothing_else() -> None:
    uses = {
        f"{path.relative_to(ROOT)}:{line}": function
        for path in SOURCES
        for line, function in _uses(ast.parse(path.read_text("utf-8")))
    }
    assert {"put_new", "_get"} <= set(uses.values())
    assert {place: function for place, function in uses.items() if function not in {"put_new", *READS}} == {}


def test_nobody_else_spells_the_key_out() -> None:
    found = {path.name for path in SOURCES if "HISTORY#" in path.read_text("utf-8")}
    assert found == {"catalog.py"}


def test_the_rule_sees_what_it_forbids() -> None:
    for source in (
        "update(history_key(a, b, 1), assign={})",
        "delete(history_key(a, b, 1))",
        "key = history_key(a, b, 1)",
        "write = update\nwrite(history_key)",
        "catalog.history_key(a, b, 1)",
    ):
        ((_, function),) = _uses(ast.parse(source))
        assert function not in {"put_new", *READS}, source
    assert _uses(ast.parse("put_new(history_key(a, b, 1), {})")) == [(1, "put_new")]
