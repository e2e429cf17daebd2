# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of the ASGI 1.x reference, §6–13, has a test that names it."""

import ast
from pathlib import Path

from tests.checklist import NOT_HERE, rows

HERE = Path(__file__).parent


def named():
    """The rows named by marks of test functions, with the tests."""
    for path in HERE.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == "row":
                        yield from ((arg.value, node.name) for arg in mark.args if isinstance(arg, ast.Constant))


def test_that_every_row_has_a_test_that_names_it():
    assert rows() - {name for name, _ in named()} == set(NOT_HERE)


def test_that_only_rows_that_exist_are_named():
    assert {name for name, _ in named()} <= rows()
