"""Disks that are full or read-only, and an MLflow that isn't there, or goes away in the middle of a run."""

import inspect
import json
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import urllib.error
import urllib.request

import pytest

from aiinfra.config import load_settings
from aiinfra.targets.local import LocalTarget

# -- disks ----------------------------------------------------------------------------------------------------------


def _can_mount(prefix):
    probe = [*prefix, "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def namespace():
    "What starts a program with mounts of its own: as root, or as root of a user namespace."
    for prefix in (["unshare", "-m"], ["unshare", "-rm"]):
        if _can_mount(prefix):
            return prefix
    pytest.fail("these tests mount a small disk: run them as root, or where `unshare -rm` is allowed")


def on_a_bad_disk(folder):
    "In a project on a small disk of its own: submits to it read-only and full, and fills it in a run. Prints what happened."
    import json
    import subprocess
    import time
    from pathlib import Path

    import nbformat

    from aiinfra.config import load_settings
    from aiinfra.errors import StoreError
    from aiinfra.pipeline.compile import Given, compile_plan
    from aiinfra.targets.local import LocalTarget

    root = Path(folder)
    (root / "settings.ini").write_text("[aiinfra]\nproject = small\n")
    fill = "fill = open(path, 'wb', buffering=0)\ntry:\n    while True:\n        fill.write(bytes(4096))\n"
    fill += "except OSError:\n    print('full', flush=True)"

    def notebook(name, *sources):
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nb = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
        nb.cells = [
            nbformat.v4.new_code_cell(s, metadata={"tags": ["parameters"] if i == 0 else []})
            for i, s in enumerate(sources)
        ]
        nbformat.write(nb, root / name)
        return root / name

    def plan(source, **values):
        return compile_plan(source, Given(values=values), by_reference=True)

    filling = notebook("filling.ipynb", "path: str", fill, "print('x' * 100_000)", "print('more')")
    quick = notebook("quick.ipynb", "")
    target = LocalTarget(load_settings(root, env={}))
    told = {}

    def submitted(name):
        try:
            target.submit(plan(quick))
        except StoreError as error:
            told[name] = [error.what, error.remedy, [[r.state, r.error] for r in target.runs.page()]]

    def ended(run_id):
        while not target.runs.get(run_id).ended or target.runs.alive(run_id):
            time.sleep(0.1)
        run = target.runs.get(run_id)
        return [run.state, run.error, [[s.state, s.error] for s in run.steps]]

    def mount(how):
        subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)

    (root / ".aiinfra").mkdir()
    mount("ro")
    submitted("read-only")
    mount("rw")
    full = target.submit(plan(filling, path=str(root / "fill"))).id
    told["run"] = ended(full)
    submitted("full")
    (root / "fill").unlink()
    told["after"] = ended(target.submit(plan(quick)).id)
    told["run, later"] = ended(full)
    print(json.dumps(told))


@pytest.fixture(scope="module")
def bad_disk(namespace, tmp_path_factory):
    folder = tmp_path_factory.mktemp("disk")
    program = f"{textwrap.dedent(inspect.getsource(on_a_bad_disk))}\nimport sys\non_a_bad_disk(sys.argv[1])"
    mount = 'mount -t tmpfs -o size=12m tmpfs "$1" && exec "$2" -c "$3" "$1"'
    argv = [*namespace, "sh", "-ec", mount, "sh", str(folder), sys.executable, program]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=os.environ, timeout=240)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("how", ["read-only", "full"])
def test_nothing_is_submitted_to_a_disk_that_takes_nothing(bad_disk, how):
    what, remedy, runs = bad_disk[how]
    assert re.search({"full": "the disk is full|No space left", "read-only": "Read-only"}[how], what)
    assert remedy
    started = [
        run for run in runs if run[0] not in ("PENDING", "FAILED")
    ]  # PENDING: soon to be "never started"
    assert started == []


def test_a_run_that_fills_the_disk_is_failed_and_says_so(bad_disk):
    state, error, ((step_state, _),) = bad_disk["run"]
    assert (state, step_state) == ("FAILED", "FAILED")
    assert "the disk is full" in error or "No space left" in error


def test_what_was_said_on_a_full_disk_stays_said(bad_disk):
    assert bad_disk["run, later"] == bad_disk["run"]


def test_the_next_run_after_a_full_disk_is_fine(bad_disk):
    assert bad_disk["after"] == ["SUCCEEDED", None, [["SUCCEEDED", None]]]


# -- MLflow ---------------------------------------------------------------------------------------------------------


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def unreachable(project):
    "A run of a project whose tracking server isn't there, and whose address has a password."
    project.notebook("quick.ipynb", "")
    env = {"AIINFRA_TRACKING_URI": f"http://ada:hunter2@127.0.0.1:{free_port()}"}
    target = LocalTarget(load_settings(project.root, env=env))
    return project.end(target.submit(project.plan("quick.ipynb")).id)


def test_without_mlflow_a_run_does_not_begin_and_says_what_to_do(unreachable):
    assert unreachable.state == "FAILED"
    assert "MLflow could not be used" in unreachable.error
    assert "check tracking_uri in [aiinfra] of settings.ini" in unreachable.error
    assert [s.state for s in unreachable.steps] == ["SKIPPED"]


def test_a_password_in_an_address_is_written_nowhere(project, unreachable):
    files = [p for p in project.settings.state.rglob("*") if p.is_file()]
    assert "127.0.0.1" in (project.folder(unreachable.id) / "plan.json").read_text()
    assert not [p.name for p in files if b"hunter2" in p.read_bytes()]


class Server:
    "A real MLflow server, which can be killed and started again."

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.uri = f"http://127.0.0.1:{self.port}"

    def start(self, wait_until):
        argv = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port)]
        argv += ["--workers", "1", "--backend-store-uri", f"sqlite:///{self.folder}/mlflow.db"]
        argv += ["--artifacts-destination", str(self.folder / "artifacts")]
        env = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                argv, stdout=log, stderr=log, start_new_session=True, env=env, cwd=self.folder
            )
        wait_until(self.answers)

    def answers(self):
        try:
            return urllib.request.urlopen(f"{self.uri}/health").status == 200
        except (urllib.error.URLError, OSError):
            return False

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture(scope="module")
def lost(make_project, wait_until, tmp_path_factory):
    "A run whose first step kills the tracking server; and the same run after the server came back and another one ran."
    project = make_project("lost", plain=True)
    kill = "import os, signal\nos.killpg(server, signal.SIGKILL)\nauc = 0.5"
    project.notebook("kills.ipynb", "server: int\nauc: Output[float]", kill)
    project.notebook("goes_on.ipynb", "auc: float\nagain: Output[float]", "again = auc")
    project.notebook("quick.ipynb", "")
    body = "notebook('goes_on.ipynb')(auc=notebook('kills.ipynb')(server=server).outputs['auc'])"
    project.pipeline("pipeline.py", body, "server: int")
    server = Server(tmp_path_factory.mktemp("server"))
    server.start(wait_until)
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    settings = load_settings(project.root, env={"AIINFRA_TRACKING_URI": server.uri})
    object.__setattr__(project, "settings", settings)
    target = LocalTarget(settings)
    try:
        run = project.end(target.submit(project.plan("pipeline.py", {"server": str(server.process.pid)})).id)
        open_then = [p.name for p in (settings.state / "mlflow-open").iterdir()]
        server.process.wait()
        server.start(wait_until)
        project.until_gone(project.end(target.submit(project.plan("quick.ipynb")).id).id)
        yield project, run, open_then
    finally:
        monkeypatch.undo()
        server.kill()


def test_a_run_goes_on_without_mlflow(lost):
    _, run, _ = lost
    assert (run.state, run.error) == ("SUCCEEDED", None)
    assert [s.state for s in run.steps] == ["SUCCEEDED", "SUCCEEDED"]
    assert run.metrics == {"auc": 0.5, "again": 0.5}


def test_that_mlflow_went_away_is_said(lost):
    project, run, _ = lost
    notes = [e.data["text"] for e in project.events(run.id) if e.kind == "note"]
    assert notes
    assert all(note.startswith("not in MLflow: ") for note in notes)


def test_when_mlflow_is_back_the_next_run_tells_it_what_it_missed(lost):
    project, run, open_then = lost
    assert open_then == [run.id]
    assert list((project.settings.state / "mlflow-open").iterdir()) == []
    parent = project.mlflow(run.mlflow_run_id)
    assert (parent.info.status, parent.data.metrics) == ("FINISHED", {"auc": 0.5, "again": 0.5})
    first = run.steps[0]
    assert first.name == "kills"
    assert project.mlflow(first.mlflow_run_id).info.status == "FINISHED"
    assert "executed.ipynb" in project.mlflow_files(first.mlflow_run_id)
