"""The list of domain modules in pyproject.toml is complete, and none of them reads a clock or the environment."""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVICES = ("scheduling", "records", "outcomes", "notify")
CONTRACT = "Domain modules are plain Python"
# Of the core, what a rule may speak of.
PLAIN_CORE = {"fascia.clock", "fascia.ids", "fascia.localtime", "fascia.problem"}
# Tables of codes and check digits, no frameworks.
PLAIN_LIBRARIES = {"simple_icd_10_cm", "stdnum"}


def listed() -> set[str]:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (contract,) = [one for one in tool["contracts"] if one["name"] == CONTRACT]
    return set(contract["source_modules"])


def modules() -> dict[str, ast.Module]:
    """Every module inside a feature folder of a service."""
    found = {}
    for service in SERVICES:
        root = ROOT / f"{service}-svc"
        for path in (root / f"{service}_svc").glob("*/*.py"):
            if path.stem != "__init__":
                found[".".join(path.relative_to(root).with_suffix("").parts)] = ast.parse(path.read_text())
    return found


def imports(tree: ast.Module) -> set[str]:
    """What a module imports, as dotted names; of `from a.b import c` both a.b and a.b.c."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def is_plain(name: str, plain: set[str]) -> bool:
    root = name.split(".")[0]
    return (
        root in sys.stdlib_module_names or root in PLAIN_LIBRARIES or name in plain or name.rpartition(".")[0] in plain
    )


def plain_modules(known: dict[str, ast.Module]) -> set[str]:
    """Modules that use nothing but the standard library and other plain modules."""
    plain, packages = set(known) | PLAIN_CORE, {name.rpartition(".")[0] for name in known}
    while True:
        wrong = {
            name
            for name in plain & set(known)
            if not all(is_plain(one, plain) for one in imports(known[name]) - packages)
        }
        if not wrong:
            return plain & set(known)
        plain -= wrong


def test_every_plain_module_is_held_to_stay_so() -> None:
    missing = plain_modules(modules()) - listed()
    assert missing == set(), f"add to {CONTRACT!r} in pyproject.toml"


def test_every_listed_module_exists() -> None:
    assert {name for name in listed() - PLAIN_CORE if name not in modules()} == set()


def test_time_and_settings_come_in_as_arguments() -> None:
    known = modules()
    for name in sorted(listed() - PLAIN_CORE):
        for node in ast.walk(known[name]):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in ("now", "today", "utcnow", "monotonic"), f"{name} reads a clock"
            assert not (isinstance(node, ast.Attribute) and node.attr == "environ"), f"{name} reads the environment"
