"""What the tests of servers and of targets have in common: a project with git, DVC and runs."""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import textwrap

import psutil
import pytest

from aiinfra.config import load_settings
from aiinfra.pipeline.compile import Given, compile_plan
from aiinfra.project.init import init_project
from aiinfra.targets.local import LocalTarget
from tests.waiting import wait_for

PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}


class Project:
    "A project in `root`: write notebooks, run them."

    # What runs leave in the workspace, and what is nobody's work.
    left = (".aiinfra/", ".dvc/cache/", ".dvc/tmp/")

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

    def pipeline(self, name, body, signature="", before=""):
        "Write a pipeline.py with one pipeline, `flights`; `notebook(…)` in it makes a component."
        head = "from kfp import dsl\nfrom aiinfra.pipeline import notebook_component as notebook\n"
        body = textwrap.indent(textwrap.dedent(body).strip(), "    ")
        source = f"{head}{textwrap.dedent(before)}\n@dsl.pipeline(name='flights')\ndef flights({signature}):\n{body}\n"
        return self.write(name, source)

    def plan(self, source, texts=None, values=None):
        return compile_plan(self.root / source, Given(texts or {}, values or {}), by_reference=True)

    def end(self, run_id):
        "The run when it has ended, and its supervisor with it."
        wait_for(lambda: self.runs.get(run_id).ended and not self.runs.alive(run_id))
        return self.runs.get(run_id)

    def until_event(self, run_id, kind, **data):
        "The first event of this kind, with this data."

        def found():
            events, _ = self.runs.events(run_id).read()
            known = (e for e in events if e.kind == kind)
            return next((e for e in known if {**e.data, "step": e.step}.items() >= data.items()), None)

        return wait_for(found)

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

    def hashes(self):
        "The hash of every file in the workspace, but for what is `left` there."
        files = {p.relative_to(self.root).as_posix(): p for p in self.root.rglob("*") if p.is_file()}
        return {
            name: hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in files.items()
            if not name.startswith(self.left)
        }

    def git(self, *args):
        done = subprocess.run(["git", *args], cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def dvc(self, *args):
        subprocess.run([sys.executable, "-m", "dvc", *args], cwd=self.root, check=True, capture_output=True)


def notebook(cells, kernel="python3", **metadata):
    "A notebook of code cells as JSON: pairs of a source and its tags."
    written = [
        {
            "cell_type": "code",
            "id": f"c{i}",
            "metadata": {"tags": tags} if tags else {},
            "outputs": [],
            "execution_count": None,
            "source": textwrap.dedent(source).strip(),
        }
        for i, (source, tags) in enumerate(cells)
    ]
    spec = {"kernelspec": {**PYTHON, "name": kernel}} if kernel else {}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {**spec, **metadata}, "cells": written}


def maker(make_root, kind=Project):
    "Makes projects, as `aiinfra init` does, in a folder whose name is not the simplest; or a `plain` folder."

    def make(name="vols d'été ½", *, plain=False):
        root = make_root("projects") / name
        if plain:
            root.mkdir()
            (root / "settings.ini").write_text("[aiinfra]\nproject = plain\n")
        else:
            init_project(root)
        return kind(root.resolve())

    return make


@pytest.fixture(scope="session")
def wait_until():
    return wait_for


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
