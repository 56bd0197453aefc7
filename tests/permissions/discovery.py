"""What the tables must hold: every permission of every policy.py, every public action that takes an actor."""

import ast
import importlib
import inspect
from pathlib import Path

import jieli

PACKAGE = Path(jieli.__file__).parent
TABLES = Path(__file__).parent / "tables"


def permissions():
    """Return every may_* function of every policy.py by app and name."""
    found = {}
    for file in sorted(PACKAGE.glob("*/policy.py")):
        module = importlib.import_module(f"jieli.{file.parent.name}.policy")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("may_") and function.__module__ == module.__name__:
                found[f"{file.parent.name}.{name}"] = function
    return found


def actions():
    """Return the permissions which every public action that takes an actor calls by itself, by app and name."""
    found = {}
    for file in sorted([*PACKAGE.glob("*/actions.py"), *PACKAGE.glob("*/actions/*.py")]):
        app = file.relative_to(PACKAGE).parts[0]
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            if "actor" not in [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]:
                continue
            called = {
                one.func.id if isinstance(one.func, ast.Name) else one.func.attr
                for one in ast.walk(node)
                if isinstance(one, ast.Call) and isinstance(one.func, ast.Name | ast.Attribute)
            }
            found[f"{app}.{node.name}"] = {name for name in called if name.startswith("may_")}
    return found


def tables():
    """Return the module of each table by the name of its app."""
    package = f"{__package__}.tables"
    return {file.stem: importlib.import_module(f"{package}.{file.stem}") for file in sorted(TABLES.glob("[a-z]*.py"))}
