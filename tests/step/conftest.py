"""Notebooks that run as steps: real processes with real kernels, and what they leave."""

import itertools
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
import pytest
from jupyter_client.manager import start_new_kernel

from aiinfra.config import load_settings
from aiinfra.project.address import ref_address, save_bundle
from aiinfra.project.bundle import build_bundle
from aiinfra.runs.events import EventLog
from aiinfra.step.asking import read_back_source
from aiinfra.step.record import read_manifest

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def strict_json(text):
    "JSON as a browser reads it: without NaN."

    def refuse(constant):
        raise ValueError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def new_notebook(*cells, parameters="", kernel="python3"):
    "A notebook: an import and the parameters cell, if there are any, and then the cells; a text is a code cell."
    tagged = [nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})] if parameters else []
    made = [nbformat.v4.new_code_cell(c) if isinstance(c, str) else c for c in cells]
    nb = nbformat.v4.new_notebook(metadata={"kernelspec": {**KERNEL, "name": kernel}} if kernel else {})
    nb.cells = [nbformat.v4.new_code_cell("from aiinfra import *"), *tagged, *made] if tagged else made
    for number, cell in enumerate(nb.cells, 1):
        cell.id = f"cell-{number}"
    return nb


@dataclass
class Ended:
    "A step that ended, and its record."

    code: int
    stderr: str
    record: Path
    seconds: float

    @property
    def manifest(self):
        return read_manifest(self.record)

    @property
    def files(self):
        return sorted(p.name for p in self.record.iterdir())

    @property
    def executed(self):
        return strict_json((self.record / "executed.ipynb").read_text(encoding="utf-8"))

    @property
    def answer(self):
        return strict_json((self.record / "executor_output.json").read_text(encoding="utf-8"))

    @property
    def events(self):
        log, found, offset = EventLog(self.record / "events.jsonl"), [], 0
        while more := log.read(offset)[0]:
            found, offset = found + more, log.read(offset)[1]
        return found

    def cell(self, text):
        "The executed cell with `text` in its source."
        return next(c for c in self.executed["cells"] if text in "".join(c["source"]))

    def printed(self, text):
        "What the cell with `text` in its source printed."
        outputs = self.cell(text)["outputs"]
        return "".join("".join(o["text"]) for o in outputs if o["output_type"] == "stream")


@dataclass
class Running:
    "A step that was started."

    process: subprocess.Popen
    record: Path
    log: Path
    started: float = field(default_factory=time.monotonic)

    def wait(self, timeout=120):
        code = self.process.wait(timeout)
        return Ended(code, self.log.read_text(), self.record, time.monotonic() - self.started)

    def until(self, condition, timeout=60):
        "Wait until `condition()` is true; then return what it gave."
        deadline = time.monotonic() + timeout
        while not (result := condition()):
            assert time.monotonic() < deadline, f"it never came to that:\n{self.log.read_text()}"
            time.sleep(0.02)
        return result

    def until_said(self, text):
        "Wait until the event log says `text`."
        path = self.record / "events.jsonl"
        return self.until(lambda: path.exists() and text in path.read_text())

    def family(self):
        "All processes that the step has started, and that are there now."
        return psutil.Process(self.process.pid).children(recursive=True)

    def kernel(self):
        return self.until(
            lambda: [p for p in self.family() if "ipykernel_launcher" in " ".join(p.cmdline())]
        )[0]


class Lab:
    "A project in `root` whose notebooks are run as steps."

    def __init__(self, root, env):
        self.root, self.env = root, env
        self.numbers = itertools.count(1)
        self.started = []
        (root / "settings.ini").write_text("[aiinfra]\nproject = flights\n")
        (root / "pyproject.toml").write_text('[project]\nname = "flights"\nversion = "1"\n')

    notebook = staticmethod(new_notebook)

    def bundle(self, notebook, name="train.ipynb", settings=""):
        "The address of the bundle of `notebook`, which lies in the project's store."
        (self.root / "settings.ini").write_text(f"[aiinfra]\nproject = flights\n{settings}")
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        bundle = build_bundle(path, load_settings(self.root, env={}))
        save_bundle(bundle, str(self.root / "store"))
        return ref_address(bundle)

    def command(
        self, bundle, record, name="train.ipynb", values=None, artifacts=None, outputs=None, given=None
    ):
        executor_input = given or json.dumps(
            {
                "inputs": {
                    "parameterValues": values or {},
                    "artifacts": {n: {"artifacts": [{"uri": str(u)}]} for n, u in (artifacts or {}).items()},
                },
                "outputs": {
                    "outputFile": str(record / "executor_output.json"),
                    "artifacts": {n: {"artifacts": [{"uri": str(u)}]} for n, u in (outputs or {}).items()},
                },
            }
        )
        return [
            *(sys.executable, "-m", "aiinfra.step", "--notebook", name, "--bundle", bundle),
            *("--run", "41", "--task", "train", "--executor-input", executor_input),
        ]

    def start(self, notebook, *, settings="", env=None, record=None, prefix=(), **call):
        "Start `notebook` as a step; `env` is added to its environment, and None takes away."
        number = next(self.numbers)
        record = record or self.root / "runs" / str(number)
        record.mkdir(parents=True, exist_ok=True)
        name = call.get("name", "train.ipynb")
        bundle = notebook if isinstance(notebook, str) else self.bundle(notebook, name, settings)
        own = {"AIINFRA_RECORD": str(record), "AIINFRA_STORE": str(self.root / "store"), **(env or {})}
        environment = {n: v for n, v in {**os.environ, **self.env, **own}.items() if v is not None}
        log = self.root / f"stderr-{number}.txt"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [*prefix, *self.command(bundle, record, **call)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        self.started.append(Running(process, record, log))
        return self.started[-1]

    def run(self, notebook, **how):
        return self.start(notebook, **how).wait()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    env = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    env |= {"IPYTHONDIR": str(home / "ipython"), "MLFLOW_TRACKING_URI": None, "MLFLOW_RUN_ID": None}
    lab = Lab(tmp_path_factory.mktemp("project"), env)
    yield lab
    for running in lab.started:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    "A real kernel: `kernel(source)` executes the cell `source` and reads `value` back as a step does."
    manager, client = start_new_kernel(kernel_name="python3")
    path = tmp_path_factory.mktemp("kernel") / "values.json"

    def wait(sent):
        while (reply := client.get_shell_msg(timeout=60))["parent_header"]["msg_id"] != sent:
            pass
        assert reply["content"]["status"] == "ok", reply["content"]

    def read_back(source):
        wait(client.execute(source, silent=True))
        wait(client.execute(read_back_source(("value",), str(path)), silent=True))
        return json.loads(path.read_text())

    yield read_back
    client.stop_channels()
    manager.shutdown_kernel(now=True)
