"""The console script as a process, in a project of its own; notebooks written in a line."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.waiting import wait_for

PROGRAM = str(Path(sys.executable).with_name("aiinfra"))
NOT_INHERITED = ("AIINFRA_", "MLFLOW_TRACKING", "MLFLOW_RUN", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM")


def strict(text):
    "The JSON `text`; NaN and infinities, which JSON doesn't have, are refused."

    def refuse(constant):
        raise ValueError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


@dataclass
class Result:
    "How a process ended."

    code: int
    out: str
    err: str

    @property
    def json(self):
        return strict(self.out)

    @property
    def text(self):
        return self.out + self.err


class Cli:
    "`aiinfra` in the folder of a project: call it with its arguments."

    def __init__(self, folder, home):
        self.folder = folder
        kept = {k: v for k, v in os.environ.items() if not k.startswith(NOT_INHERITED)}
        jupyter = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        self.env = {**kept, **jupyter, "HOME": str(home), "PYTHONUTF8": "1"}

    def __call__(self, *args, cwd=None, env=None, timeout=120, **more):
        done = subprocess.run(
            [PROGRAM, *map(str, args)],
            cwd=self.folder / (cwd or "."),
            env={**self.env, **(env or {})},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=timeout,
            **{"stdin": subprocess.DEVNULL, **more},
        )
        assert "Traceback (most recent call last)" not in done.stderr or "--debug" in args or env, done.stderr
        return Result(done.returncode, done.stdout, done.stderr)

    def start(self, *args, **more):
        "The process, started and not waited for."
        pipes = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
        }
        return subprocess.Popen(
            [PROGRAM, *map(str, args)], cwd=self.folder, env=self.env, **{**pipes, **more}
        )

    def shell(self, script, **env):
        "A bash script that finds `aiinfra` on its path."
        path = f"{Path(PROGRAM).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env={**self.env, "PATH": path, **env},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    @property
    def tree(self):
        "Every file of the project, with the hash of its content."
        files = (p for p in sorted(self.folder.rglob("*")) if p.is_file() and ".git" not in p.parts)
        return {str(p.relative_to(self.folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def notebook(path, *cells, parameters=None, title=None, kernel="python3", **metadata):
    "Write a notebook of code cells to `path`; `title` is a Markdown cell above the cell with `parameters`."
    written = []
    for kind, source, tags in (
        *([("markdown", title, [])] if title else []),
        *([("code", parameters, ["parameters"])] if parameters is not None else []),
        *(("code", cell, []) for cell in cells),
    ):
        cell = {
            "cell_type": kind,
            "id": f"c{len(written)}",
            "metadata": {"tags": tags} if tags else {},
            "source": source,
        }
        written.append({**cell, **({"outputs": [], "execution_count": None} if kind == "code" else {})})
    if kernel:
        metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": written, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    return path


@pytest.fixture(scope="session")
def write():
    return notebook


@pytest.fixture(scope="session")
def make_cli(tmp_path_factory):
    "Makes a `Cli` in a new, empty folder."
    home = tmp_path_factory.mktemp("home")

    def make(name="project"):
        return Cli(tmp_path_factory.mktemp(name), home)

    return make


@pytest.fixture
def cli(make_cli):
    return make_cli()


@pytest.fixture(scope="session")
def strict_json():
    return strict


@pytest.fixture(scope="session")
def mlflow_db(tmp_path_factory):
    "An MLflow database with its tables: making them takes longer than a run."
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    code = "import sys; from aiinfra.step.tracking import experiment_id; experiment_id('sqlite:///' + sys.argv[1], 'none')"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True)
    return path


@pytest.fixture(scope="session")
def make_project(make_cli, mlflow_db):
    "Makes a project that has run something before, as far as MLflow knows."

    def make(name="project", settings=""):
        cli = make_cli(name)
        (cli.folder / "settings.ini").write_text(settings)
        (cli.folder / ".aiinfra").mkdir()
        shutil.copyfile(mlflow_db, cli.folder / ".aiinfra/mlflow.db")
        return cli

    return make


@pytest.fixture(scope="session")
def until():
    return wait_for


@pytest.fixture(scope="session")
def processes():
    "The processes that have something to do with a folder, by their command line, environment or current folder."
    import psutil

    def of(folder):
        found = []
        for process in psutil.process_iter():
            try:
                places = [*process.cmdline(), process.cwd(), *process.environ().values()]
            except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                continue
            if process.pid != os.getpid() and any(str(folder) in place for place in places):
                found.append(process)
        return found

    return of
