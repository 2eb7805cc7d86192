"""A real JupyterLab, in a project of its own, looked at by Debian's Chromium: token on, XSRF on, nothing of the user's.

Fixtures: `project`, `held` (a run that goes on until the test lets it end), `lab_server`, `page` (and `problems`, what
its console said), `open_lab` for a second window; and what a person does: `open_notebook`, `command`, `shot`, `axe`.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from playwright.sync_api import expect, sync_playwright

from tests.waiting import PATIENCE, wait_for

REPOSITORY = Path(__file__).resolve().parents[3]
EXTENSION = REPOSITORY / "extensions/jupyterlab-aiinfra"
PROGRAMS = Path(sys.executable).parent
NOT_INHERITED = ("AIINFRA_", "MLFLOW_", "JUPYTER", "JPY_")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def until():
    return wait_for


@pytest.fixture(autouse=True)
def patience():
    "Assertions of Playwright wait, too."
    expect.set_options(timeout=PATIENCE * 1000)
    yield
    expect.set_options(timeout=5000)


# A project


def notebook(path, *cells, parameters=None, title=None):
    "Write a notebook of code cells; `title` is a Markdown cell above the cell with `parameters`."
    written = [("markdown", title, [])] if title else []
    written += [("code", parameters, ["parameters"])] if parameters else []
    written += [("code", cell, []) for cell in cells]
    code = {"outputs": [], "execution_count": None}
    content = {
        "cells": [
            {
                "cell_type": kind,
                "id": f"c{number}",
                "metadata": {"tags": tags} if tags else {},
                "source": textwrap.dedent(source).strip(),
                **(code if kind == "code" else {}),
            }
            for number, (kind, source, tags) in enumerate(written)
        ],
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")
    return path


PARAMETERS = """
from typing import Literal
from aiinfra import Dataset, Input, Model, Output

flights: Input[Dataset] = "data/flights.csv"  # Departures, one row a flight
month: int = 1  # Month to train on, 1..12
learning_rate: float = 1e-3
optimizer: Literal["adam", "sgd"] = "adam"
hidden: list[int] = [64, 64]
shuffle: bool = True
holdout: str | None = None
model: Output[Model] = "out/model.txt"  # The model
auc: Output[float]
"""
PIPELINE = """
from kfp import dsl

from aiinfra.pipeline import notebook_component

prepare = notebook_component("prepare.ipynb")
judge = notebook_component("judge.ipynb")


@dsl.pipeline(name="two-steps", description="Prepare some numbers, and judge them")
def two_steps(count: int = 3) -> None:
    prepared = prepare(count=count)
    judge(numbers=prepared.outputs["numbers"])
"""


def write_notebooks(root):
    "What a data scientist has: one that is typed, one that isn't, one that fails, one that takes its time, a pipeline."
    notebook(
        root / "train.ipynb",
        "from pathlib import Path\n\nrows = Path(flights).read_text().splitlines()[1:]\nprint(len(rows), 'flights')",
        "auc = round(0.6 + month / 100, 3)\nprint('auc', auc)",
        "Path(model).parent.mkdir(exist_ok=True)\n_ = Path(model).write_text(f'{optimizer} {learning_rate}')",
        parameters=PARAMETERS,
        title="# Train\nA model that is no model, in no time.",
    )
    notebook(root / "plain.ipynb", "count = 3\nname = 'ada'", "print(name * count)")
    notebook(
        root / "broken.ipynb",
        "print('before')",
        "{'origin': 'JFK'}['dest']",
        "print('never')",
        parameters="month: int = 1",
    )
    notebook(
        root / "slow.ipynb",
        *(f"import time\n\ntime.sleep(seconds)\nprint('cell', {number})" for number in range(1, 7)),
        parameters="seconds: float = 0.5  # Time that each cell takes",
        title="# Slow",
    )
    notebook(
        root / "odd.ipynb", "print(when)", parameters="import datetime\nwhen: int = datetime.date.today()"
    )
    notebook(
        root / "prepare.ipynb",
        "from pathlib import Path\n\nPath(numbers).write_text(' '.join(map(str, range(count))))",
        parameters="from aiinfra import *\n\ncount: int = 3\nnumbers: Output[Dataset] = 'numbers.txt'",
    )
    notebook(
        root / "judge.ipynb",
        "from pathlib import Path\n\ntotal = sum(map(int, Path(numbers).read_text().split()))",
        parameters="from aiinfra import *\n\nnumbers: Input[Dataset] = 'numbers.txt'\ntotal: Output[int]",
    )
    (root / "pipeline.py").write_text(PIPELINE.lstrip())


def run(root, *argv):
    done = subprocess.run(argv, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    "The project that is copied for each module: with git, with DVC and two versions of its data."
    root = tmp_path_factory.mktemp("template") / "project"
    root.mkdir()
    run(root, PROGRAMS / "aiinfra", "init")
    write_notebooks(root)
    data = root / "data/flights.csv"
    data.parent.mkdir()
    for month in (1, 2):
        header, rows = "month,origin,delay", [f"{month},JFK,{delay}" for delay in range(20 * month)]
        data.write_text("\n".join([header, *rows]) + "\n")
        run(root, sys.executable, "-m", "dvc", "add", "-q", data)
        run(root, "git", "add", "-A")
        run(root, "git", "commit", "-q", "-m", f"flights of month {month}")
    # Making MLflow's tables takes longer than a run.
    code = "import sys; from aiinfra.step.tracking import experiment_id; experiment_id('sqlite:///' + sys.argv[1], 'none')"
    (root / ".aiinfra").mkdir(exist_ok=True)
    run(root, sys.executable, "-c", code, str(root / ".aiinfra/mlflow.db"))
    return root


@pytest.fixture(scope="module")
def project(template, tmp_path_factory):
    "A small project of its own, in a folder whose name is not the simplest."
    root = tmp_path_factory.mktemp("projects") / "vols d'été ½"
    shutil.copytree(template, root, symlinks=True)
    return root


@pytest.fixture(scope="session")
def write_notebook():
    return notebook


@dataclass
class Held:
    "A notebook of three cells: the second one runs until it is let go of."

    path: str
    gate: Path

    def let_go(self):
        self.gate.touch()


@pytest.fixture
def held(project, tmp_path):
    held = Held("held.ipynb", tmp_path / "gate")
    waits = f"import time\nfrom pathlib import Path\n\nwhile not Path({str(held.gate)!r}).exists():\n    time.sleep(0.1)"
    notebook(project / held.path, "print('before')", waits, "print('after')")
    yield held
    held.let_go()


# The server


class LabServer:
    "`jupyter lab` (or `notebook`) in `folder`; what it starts is known by a mark in the environment."

    def __init__(self, folder, home, *args, program="lab", settings=None):
        self.folder, self.home, self.args, self.program = folder, home, args, program
        self.token, self.mark = secrets.token_hex(16), secrets.token_hex(16)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = home / "server.log"
        self.process = None
        self._configure(settings or {})

    def _configure(self, settings):
        lab = {
            "expose_app_in_browser": True,
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "news_url": None,
        }
        quiet = {
            "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
        }
        config = self.home / "config"
        (config / "labconfig").mkdir(parents=True)
        (config / "jupyter_lab_config.json").write_text(json.dumps({"LabApp": lab}))
        notebook = {"JupyterNotebookApp": {"expose_app_in_browser": True}}
        (config / "jupyter_notebook_config.json").write_text(json.dumps(notebook))
        (config / "labconfig/default_setting_overrides.json").write_text(json.dumps({**quiet, **settings}))

    @property
    def env(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(NOT_INHERITED)}
        jupyter = {
            f"JUPYTER_{name}_DIR": str(self.home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")
        }
        return {
            **kept,
            **jupyter,
            "HOME": str(self.home),
            "JUPYTER_PLATFORM_DIRS": "1",
            "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            "TEST_MARK": self.mark,
        }

    def start(self):
        "Start it and wait until it answers."
        argv = [PROGRAMS / "jupyter", self.program, "--no-browser", "--allow-root", f"--port={self.port}"]
        argv += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={self.token}", *self.args]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                argv, cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_for(self._answers)

    def _answers(self):
        assert self.process.poll() is None, f"the server ended:\n{self.log[-4000:]}"
        with contextlib.suppress(OSError):
            return self.request("GET", "/api/status")[0] == 200

    def request(self, method, path, body=None):
        "Status and JSON of an answer, asked with the token."
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or "null")

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")

    def kill(self):
        "As the kernel ends a process that has taken too much memory: at once, and that process only."
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self):
        "As a person ends it; runs go on."
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)

    def restart(self):
        "End it, if it hasn't yet, and start it at the same address."
        self.stop()
        self.start()

    def end(self):
        "End it, and everything that it has started: kernels, runs, services."
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self.process is not None and self.process.poll() is None:
                self.process.terminate()
                self.process.wait(5)
        wait_for(lambda: not self._kill_all())

    def _kill_all(self):
        found = self.processes()
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if self.process is not None:
            self.process.poll()
        return found

    def processes(self):
        "What it has started, directly or not, and still runs."
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if (
                    process.environ().get("TEST_MARK") == self.mark
                    and process.status() != psutil.STATUS_ZOMBIE
                ):
                    found.append(process)
        return found


@pytest.fixture(scope="module")
def make_lab_server(tmp_path_factory):
    """Starts a JupyterLab (or another `program`) in a folder; what is started so ends with the module.

    `settings` are what it starts with, by plugin.
    """
    servers = []

    def make(folder, *args, **options):
        server = LabServer(folder, tmp_path_factory.mktemp("jupyter"), *args, **options)
        servers.append(server)
        server.start()
        return server

    yield make
    for server in servers:
        server.end()


@pytest.fixture(scope="module")
def lab_server(make_lab_server, project):
    return make_lab_server(project)


# The browser


def chromium_path():
    names = [os.environ.get("CHROMIUM", ""), "chromium", "google-chrome", "chromium-browser"]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    assert found, "these tests need Chromium: apt install chromium, or name it in CHROMIUM"
    return found


# Not of the whole session: as long as Playwright runs, no other test of this process can run an event loop.
@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Window:
    "A page, and what went wrong on it."

    page: object
    problems: list = field(default_factory=list)

    def __post_init__(self):
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))

    def _console(self, message):
        if message.type == "error":
            self.problems.append(f"{message.text} ({message.location.get('url')})")

    def visit(self, url):
        "Open JupyterLab at `url` and wait until it stands as it was left."
        self.page.goto(url)
        self.page.wait_for_function("() => window.jupyterapp")
        self.page.evaluate("() => window.jupyterapp.restored")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")


@pytest.fixture
def open_lab(browser):
    """Opens a window: `open_lab(server)`, a person of its own with a workspace of its own.

    `beside=window` opens it in the same browser, as the same person; `path` is a notebook to open at once.
    """
    contexts = []

    def open_(server, path="", *, workspace=None, beside=None, **context):
        if beside is not None:
            page = beside.page.context.new_page()
        else:
            size = {"width": 1440, "height": 900}
            options = {"viewport": size, "locale": "en-US", "timezone_id": "UTC", "reduced_motion": "reduce"}
            contexts.append(browser.new_context(**{**options, **context}))
            page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE * 1000)
        window = Window(page)
        workspace = workspace or f"w-{secrets.token_hex(8)}"
        tree = f"/tree/{quote(path)}" if path else ""
        window.visit(f"{server.url}/lab/workspaces/{workspace}{tree}?token={server.token}")
        return window

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def window(open_lab, lab_server):
    return open_lab(lab_server)


@pytest.fixture
def page(window):
    "JupyterLab, opened with the token in a workspace of its own."
    return window.page


@pytest.fixture
def problems(window):
    "The errors of `page`: what its console said, and what nothing caught."
    return window.problems


# What a person does


def execute(page, command, args=None, *, wait=True):
    "Execute a command of JupyterLab and wait for its end (a command that opens a dialog has none: `wait=False`)."
    code = """async ([id, args, wait]) => {
        const done = window.jupyterapp.commands.execute(id, args);
        if (wait) { await done; }
    }"""
    page.evaluate(code, [command, args or {}, wait])


@pytest.fixture(scope="session")
def command():
    return execute


@pytest.fixture(scope="session")
def open_notebook():
    "Opens a notebook and gives its panel; its kernel may still be starting."
    code = """async path => {
        const open = { path, factory: 'Notebook' };
        const panel = await window.jupyterapp.commands.execute('docmanager:open', open);
        await panel.revealed;
        return panel.id;
    }"""

    def open_(page, path):
        return page.locator(f"[id='{page.evaluate(code, path)}']")

    return open_


@pytest.fixture(scope="session")
def workspace():
    "What JupyterLab has kept of a page's workspace: its layout, its tabs, and what plugins remember."
    code = """async () => {
        const [, name] = location.pathname.match(/\\/workspaces\\/([^/]+)/);
        const answer = await fetch(`/lab/api/workspaces/${name}`);
        return answer.ok ? (await answer.json()).data : {};
    }"""
    return lambda page: page.evaluate(code)


@pytest.fixture(scope="session")
def shot():
    "Takes a picture for README and docs, where AIINFRA_SCREENSHOTS names a folder for them; `of` is a locator."

    def take(page, name, of=None):
        folder = os.environ.get("AIINFRA_SCREENSHOTS")
        if folder:
            path = Path(folder) / f"{name}.png"
            (of or page).screenshot(path=path, animations="disabled", caret="hide")

    return take


@pytest.fixture(scope="session")
def axe():
    "The serious and critical violations that axe finds in what `selector` means: rule, help, and elements."
    source = (EXTENSION / "node_modules/axe-core/axe.min.js").read_text()
    ask = "selector => axe.run(selector, { resultTypes: ['violations'] }).then(found => found.violations)"

    def find(page, selector="body"):
        assert page.locator(selector).count(), f"nothing here is {selector}"
        page.evaluate(f"() => {{ {source} }}")
        return [
            {"rule": v["id"], "help": v["help"], "elements": [node["html"] for node in v["nodes"]]}
            for v in page.evaluate(ask, selector)
            if v["impact"] in ("serious", "critical")
        ]

    return find
