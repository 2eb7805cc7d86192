"""A Jupyter server with the extension, in a project with git, DVC and runs: `api` asks it, as the browser does."""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from typing import Any

import psutil
import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403  its fixtures and hooks, for this folder only
from tornado.httpclient import HTTPClientError

import aiinfra
from aiinfra.config import load_settings
from aiinfra.pipeline.compile import Given, compile_plan
from aiinfra.project.init import init_project
from aiinfra.targets.local import LocalTarget

PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}
# How long to wait for what takes a few seconds: a machine may be busy. A test that passes doesn't wait for it.
PATIENCE = 120


class Project:
    "A project in `root`: write notebooks, run them."

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

    def content(self, *cells, parameters=None, kernel="python3", **metadata):
        "A notebook as JSON: a cell that imports aiinfra, one tagged `parameters` if they are given, and the `cells`."
        sources = [
            (f"from aiinfra import {', '.join(aiinfra.__all__)}", []),
            *([(parameters, ["parameters"])] if parameters else []),
        ]
        sources += [(cell, []) for cell in cells]
        written = [
            {
                "cell_type": "code",
                "id": f"c{i}",
                "metadata": {"tags": tags} if tags else {},
                "outputs": [],
                "execution_count": None,
                "source": textwrap.dedent(source).strip(),
            }
            for i, (source, tags) in enumerate(sources)
        ]
        spec = {"kernelspec": {**PYTHON, "name": kernel}} if kernel else {}
        return {"nbformat": 4, "nbformat_minor": 5, "metadata": {**spec, **metadata}, "cells": written}

    def notebook(self, name, *cells, **more):
        "Write `content`. Its cells: 1 imports aiinfra, 2 is the one with the parameters if there are any."
        return self.write(name, json.dumps(self.content(*cells, **more), indent=1))

    def pipeline(self, name, body, signature="", before=""):
        "Write a pipeline.py with one pipeline, `flights`; `notebook(…)` in it makes a component."
        head = "from kfp import dsl\nfrom aiinfra.pipeline import notebook_component as notebook\n"
        body = textwrap.indent(textwrap.dedent(body).strip(), "    ")
        source = f"{head}{textwrap.dedent(before)}\n@dsl.pipeline(name='flights')\ndef flights({signature}):\n{body}\n"
        return self.write(name, source)

    def submit(self, source, **values):
        plan = compile_plan(self.root / source, Given(values=values), by_reference=True)
        return self.target.submit(plan).id

    def run(self, source, **values):
        "Run it to its end."
        return self.end(self.submit(source, **values))

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
        "The hash of every file in the workspace: all but what runs leave, git's own and DVC's cache."
        leave = (".aiinfra/", ".dvc/cache/", ".dvc/tmp/", ".git/")
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

    def commit(self, message):
        "Commit everything; the commit's hash."
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")


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


@pytest.fixture(scope="module")
def project(make_project):
    "The project in which the server of this module's tests is started: give it notebooks and runs in a module fixture."
    return make_project()


@pytest.fixture
def jp_root_dir(project):
    "The server's root; override it to start the server elsewhere."
    return project.root


@pytest.fixture
def jp_server_config():
    return {"ServerApp": {"jpserver_extensions": {"aiinfra.lab": True}}}


@dataclass
class Answer:
    "What the server says."

    status: int
    json: Any
    headers: Any


def strict(text):
    "The JSON `text`; NaN and infinities, which browsers don't read, are refused."

    def refuse(constant):
        raise ValueError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.fixture
def api(jp_fetch):
    """Ask the API: `await api("runs", limit=3)` or `await api.post("runs/1/cancel", {})`.

    A path below the API's prefix, with percent signs decoded; the query by name. An answer with any status is given.
    """

    async def ask(path, /, method="GET", body=None, headers=None, **query):
        try:
            answer = await jp_fetch(
                "aiinfra/api/v1",
                path,
                method=method,
                params=query,
                headers=dict(headers or {}),
                request_timeout=PATIENCE,
                connect_timeout=PATIENCE,
                **({} if body is None else {"body": body if isinstance(body, str) else json.dumps(body)}),
            )
        except HTTPClientError as error:
            if error.response is None:
                raise
            answer = error.response
        text = answer.body.decode() if answer.body else ""
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return Answer(answer.code, strict(text) if is_json else text, answer.headers)

    async def post(path, body, /, headers=None, **query):
        return await ask(path, "POST", body, {"Content-Type": "application/json", **(headers or {})}, **query)

    ask.post = post
    return ask
