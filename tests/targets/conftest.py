"""A project with git, DVC and runs: real supervisors, steps, kernels and MLflow."""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from aiinfra.config import load_settings
from aiinfra.pipeline.compile import Given, compile_plan
from aiinfra.project.init import init_project
from aiinfra.targets.local import LocalTarget

PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}
# How long to wait for what takes a few seconds: a machine may be busy. A test that passes doesn't wait for it.
PATIENCE = 120


class Project:
    def __init__(self, root):
        self.root = root
        self.settings = load_settings(root, env={})
        self.target = LocalTarget(self.settings)
        self.runs = self.target.runs

    def write(self, name, content=""):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else textwrap.dedent(content).encode())
        return path

    def notebook(self, name, parameters, *cells, kernel="python3"):
        "A notebook whose second cell is tagged `parameters`."
        cells = [
            {
                "cell_type": "code",
                "id": f"c{i}",
                "metadata": {"tags": ["parameters"]} if i == 1 else {},
                "outputs": [],
                "execution_count": None,
                "source": textwrap.dedent(source).strip(),
            }
            for i, source in enumerate(["from aiinfra import *", parameters, *cells])
        ]
        metadata = {"kernelspec": {**PYTHON, "name": kernel}}
        return self.write(
            name, json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})
        )

    def pipeline(self, name, body, signature="", before=""):
        head = "from kfp import dsl\nfrom aiinfra.pipeline import notebook_component as notebook\n"
        body = textwrap.indent(textwrap.dedent(body).strip(), "    ")
        source = f"{head}{textwrap.dedent(before)}\n@dsl.pipeline(name='flights')\ndef flights({signature}):\n{body}\n"
        return self.write(name, source)

    def plan(self, source, texts=None, values=None):
        return compile_plan(self.root / source, Given(texts or {}, values or {}), by_reference=True)

    def submit(self, source, texts=None, values=None):
        return self.target.submit(self.plan(source, texts, values)).id

    def run(self, source, texts=None, values=None):
        "Run it to its end."
        return self.end(self.submit(source, texts, values))

    def end(self, run_id):
        "The run when it has ended, and its supervisor with it."
        until(lambda: self.runs.get(run_id).ended and not self.runs.alive(run_id))
        return self.runs.get(run_id)

    def until_event(self, run_id, kind, **data):
        "The first event of this kind, with this data."

        def found():
            events, _ = self.runs.events(run_id).read()
            known = (e for e in events if e.kind == kind)
            return next((e for e in known if {**e.data, "step": e.step}.items() >= data.items()), None)

        return until(found)

    def until_printed(self, run_id):
        "What the first cell that prints has printed."
        return self.until_event(run_id, "log").data["text"]

    def events(self, run_id):
        return self.runs.events(run_id).read()[0]

    def folder(self, run_id, step=None):
        folder = self.runs.run_dir(run_id)
        return folder / "steps" / step if step else folder

    def manifest(self, run_id, step):
        return json.loads((self.folder(run_id, step) / "manifest.json").read_text())

    def processes(self, run_id):
        "All processes of a run: the supervisor, steps, kernels, and what cells started."
        folder = str(self.folder(run_id))
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                marked = process.environ().get("AIINFRA_RECORD", "").startswith(f"{folder}/")
                if process.status() != psutil.STATUS_ZOMBIE and (marked or folder in process.cmdline()):
                    found.append(process)
        return found

    def until_gone(self, run_id):
        "Until no process of the run is left."
        until(lambda: not self.processes(run_id))

    def step_process(self, run_id):
        "The process of the step that runs."
        pid = self.runs.supervisor(run_id)
        steps = (p for p in psutil.Process(pid).children() if "aiinfra.step" in p.cmdline())
        return next(steps)

    def mlflow(self, mlflow_run):
        from mlflow.tracking import MlflowClient

        return MlflowClient(tracking_uri=self.settings.tracking_uri).get_run(mlflow_run)

    def mlflow_files(self, mlflow_run):
        from mlflow.tracking import MlflowClient

        client = MlflowClient(tracking_uri=self.settings.tracking_uri)
        return {f.path for f in client.list_artifacts(mlflow_run)}

    def hashes(self):
        "The hash of every file in the workspace: all but what runs leave and DVC's cache."
        leave = (".aiinfra/", ".dvc/cache/", ".dvc/tmp/")
        files = {p.relative_to(self.root).as_posix(): p for p in self.root.rglob("*") if p.is_file()}
        return {
            name: hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in files.items()
            if not name.startswith(leave)
        }

    def git(self, *args):
        done = subprocess.run(["git", *args], cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def dvc(self, *args):
        subprocess.run([sys.executable, "-m", "dvc", *args], cwd=self.root, check=True, capture_output=True)


def until(condition):
    "What `condition()` gives once it is true."
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="session")
def wait_until():
    return until


@pytest.fixture(scope="session", autouse=True)
def session_jupyter(tmp_path_factory):
    "Module fixtures run before each test's own Jupyter folders are set: they have these."
    home = tmp_path_factory.mktemp("jupyter")
    before = dict(os.environ)
    for name in ("CONFIG", "DATA", "RUNTIME"):
        os.environ[f"JUPYTER_{name}_DIR"] = str(home / name.lower())
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def make_project(tmp_path_factory):
    "A new project, as `aiinfra init` makes it, in a folder whose name is not the simplest; or a `plain` folder."

    def make(name="vols d'été ½", *, plain=False):
        root = tmp_path_factory.mktemp("projects") / name
        if plain:
            root.mkdir()
            (root / "settings.ini").write_text("[aiinfra]\nproject = plain\n")
        else:
            init_project(root)
        return Project(root.resolve())

    return make


@pytest.fixture(scope="session")
def project(make_project):
    "One project for many runs."
    return make_project()


@pytest.fixture
def bare(tmp_path):
    "A project without git and DVC, for what never gets as far as a run."
    root = (tmp_path / "bare").resolve()
    root.mkdir()
    (root / "settings.ini").write_text("[aiinfra]\nproject = bare\n")
    return Project(root)
