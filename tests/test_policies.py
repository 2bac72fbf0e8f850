"""Rules that every file keeps: no pickle, no catch-all arguments, no unfinished places, nothing of one machine."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(path for folder in ("rnnlib", "tasks", "flows") for path in (ROOT / folder).rglob("*.py"))
FORWARDING = {"with_about"}
"""Functions whose keywords are all checked by what they are handed to."""
PICKLERS = {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}


def _name(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_no_source_pickles_or_takes_any_keyword_or_is_unfinished(path):
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        assert not {name.split(".")[0] for name in names} & PICKLERS, f"{path}:{node.lineno} imports {names}"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            forwarding = node.name in FORWARDING
            assert node.args.kwarg is None or forwarding, (
                f"{path}:{node.lineno} {node.name} takes any keyword: say which"
            )
        if isinstance(node, ast.ExceptHandler):
            silent = len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
            assert not silent, f"{path}:{node.lineno} swallows an exception"
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "load":
            target = getattr(getattr(node.func, "value", None), "id", "")
            assert target != "torch", f"{path}:{node.lineno} torch.load reads pickle: use safetensors"
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for word in ("TODO", "FIXME", "XXX", "raise NotImplementedError"):
            assert word not in line, f"{path}:{number} is unfinished: {line.strip()}"


def test_importing_the_library_opens_no_socket_and_needs_no_server():
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise AssertionError('a socket at import')\n"
        "socket.socket.connect = refuse\n"
        "import rnnlib.bundle, rnnlib.predictor, rnnlib.training, flows.check\n"
        "heavy = [name for name in ('mlflow', 'prefect', 'sklearn', 'matplotlib') if name in sys.modules]\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_help_imports_nothing_heavy():
    code = (
        "import sys\n"
        "import flows.cli.main\n"
        "heavy = [n for n in ('torch', 'polars', 'mlflow', 'prefect', 'numpy', 'pydantic') if n in sys.modules]\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
