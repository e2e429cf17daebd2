# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrows between packages point down only (docs/architecture.md)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Who may import whom, directly; what is reachable along the arrows may be imported too.
ARROWS = {
    "main": {"app.commands"},
    "app.commands": {
        "panels",
        "app.bots",
        "app.player",
        "app.scenario",
        "app.scenario_player",
        "app.lab",
        "app.lesson",
        "app.store",
        "app.filters",
        "app.worker",
        "app.server",
        "app.ports",
        "app.tls",
        "app.session",
        "app.routing_words",
        "app.lines",
        "app.telling",
        "app.traffic",
    },
    "panels": {
        "app.ledger",
        "app.scenario",
        "app.console",
        "app.filters",
        "app.journey",
        "app.keys_then",
        "app.lanes",
        "app.lab",
        "app.lesson",
        "app.lines",
        "app.metrics",
        "app.routing_words",
        "app.session",
        "app.stages",
        "app.store",
        "app.picked",
        "app.summing",
        "app.telling",
        "app.traffic",
        "app.way",
    },
    "app.player": {"app.lab", "app.lesson"},
    "app.ledger": {"app.state"},
    "app.scenario": {"app.ledger", "app.lesson", "app.metrics"},
    "app.scenario_player": {"app.player", "app.scenario"},
    "app.lab": {"app.console", "app.live", "app.bots", "app.clients", "app.recording", "app.inbox", "app.right_of_way"},
    "app.right_of_way": set(),
    "app.live": {"app.console", "app.sources", "app.redis_server", "app.ports", "app.versions"},
    "app.versions": set(),
    "app.routing_words": {"app.events"},
    "app.ports": set(),
    "app.tls": set(),
    "app.lesson": {"app.store"},
    "app.journey": {"app.way"},
    "app.stages": {"app.store", "app.way"},
    "app.way": {"app.state"},
    "app.store": {"app.past", "app.frame_index"},
    "app.past": {"app.state"},
    "app.state": {"app.entities", "app.events", "app.pace"},
    "app.pace": set(),
    "app.entities": set(),
    "app.invitation": set(),
    "app.sources": {
        "app.invitation",
        "app.capture",
        "app.layer",
        "app.inbox",
        "app.redis_server",
        "app.lesson_recording",
    },
    "app.clients": {"app.events", "app.tls", "app.wire"},
    "app.bots": {"app.events", "app.child", "app.tls"},
    "app.console": {"app.layer"},
    "app.redis_server": {"app.child", "app.console"},
    "app.filters": {"app.frame_index", "app.wire"},
    "app.capture": {"app.frame_index", "app.events", "app.wire"},
    "app.frame_index": {"app.frame_columns", "app.spool"},
    "app.frame_columns": set(),
    "app.spool": set(),
    "app.server": {"app.layer", "app.child", "app.lines", "app.tls"},
    "app.worker": {"app.channels", "app.child", "app.invitation", "app.lines"},
    "app.demo": {"app.channels"},
    "app.channels": {"app.layer"},
    "app.layer": {"app.events"},
    "app.child": {"app.codec", "app.box", "app.tally"},
    "app.tally": {"app.events"},
    "app.box": {"app.codec"},
    "app.lesson_recording": {"app.recording", "app.state"},
    "app.recording": {"app.blocks", "app.codec", "app.frame_index", "app.whole_lines"},
    "app.whole_lines": {"app.blocks"},
    "app.blocks": set(),
    "app.inbox": {"app.tally"},
    "app.keys_then": {"app.layer", "app.state"},
    "app.session": {"app.recording", "app.sources", "app.store"},
    "app.telling": {"app.events"},
    "app.lines": {"app.telling"},
    "app.traffic": {"app.recording", "app.sources"},
    "app.metrics": {"app.events", "app.pace", "app.samples"},
    "app.samples": set(),
    "app.picked": {"app.store"},
    "app.summing": {"app.metrics", "app.store"},
    "app.lanes": {"app.state", "app.telling"},
    "app.codec": {"app.events"},
    "app.events": {"app.wire"},
    "app.wire": set(),
    "app.settings": set(),
    "app.orders": set(),
}
FOR_ANYONE = {"app.settings", "app.orders", "app"}
ONLY_IN = {
    "PyQt5": ("panels", "app.commands.window"),
    "pyqtgraph": ("panels", "app.commands.window"),
    "django": ("app.demo", "app.worker", "app.channels"),
    "scapy": ("app.capture", "app.sources.sniff"),
}


def modules():
    for path in [ROOT / "main.py", *sorted((ROOT / "app").rglob("*.py")), *sorted((ROOT / "panels").rglob("*.py"))]:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        yield name.removesuffix(".__init__"), path


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def package_of(module):
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "app" and len(parts) > 1 else parts[0]


def reachable(package):
    seen, todo = set(), [package]
    while todo:
        for target in ARROWS[todo.pop()] - seen:
            seen.add(target)
            todo.append(target)
    return seen | {package} | FOR_ANYONE


@pytest.mark.parametrize(("module", "path"), list(modules()))
def test_that_arrows_point_down_only(module, path):
    package = package_of(module)
    if package == "app":
        return
    allowed = reachable(package)
    for name in imports(path):
        if name.split(".")[0] in ("app", "panels", "main"):
            assert package_of(name) in allowed, f"{module} must not import {name}"


@pytest.mark.parametrize(("module", "path"), list(modules()))
def test_that_heavy_packages_stay_where_they_belong(module, path):
    for name in imports(path):
        places = ONLY_IN.get(name.split(".")[0])
        assert places is None or module.startswith(places), f"{module} must not import {name}"


def test_that_only_the_window_command_knows_the_panels():
    for module, path in modules():
        if module.startswith("app.") and module != "app.commands.window":
            assert not any(name.split(".")[0] == "panels" for name in imports(path)), module


def test_that_the_decoder_needs_only_the_standard_library():
    import sys

    for module, path in modules():
        if module.startswith("app.wire"):
            for name in imports(path):
                top = name.split(".")[0]
                assert top in sys.stdlib_module_names or name.startswith("app.wire"), f"{module} imports {name}"


def test_that_there_is_no_cycle():
    for package in ARROWS:
        for target in ARROWS[package]:
            assert package not in reachable(target) - FOR_ANYONE, f"{package} and {target} reach each other"
