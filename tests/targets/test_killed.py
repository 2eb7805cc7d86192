"""`kill -9` of the step, of the supervisor, of both, and of who submitted the run: the truth is told, nothing is left."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from aiinfra.runs.state import DIED

# The second cell starts a process of its own and waits.
WAITS = """
import os, subprocess, time
child = subprocess.Popen(["sleep", "600"])
print(child.pid, os.getpid(), flush=True)
time.sleep(600)
"""
SUBMIT = """
import sys, time
from pathlib import Path
from aiinfra.config import load_settings
from aiinfra.pipeline.compile import Given, compile_plan
from aiinfra.targets.local import LocalTarget

root = Path(sys.argv[1])
plan = compile_plan(root / "quick.ipynb", Given(), by_reference=True)
print("ready", flush=True)
sys.stdin.readline()
print(LocalTarget(load_settings(root)).submit(plan).id, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def waiting(make_project, wait_until):
    "Three runs whose notebooks wait, each with the processes of its kernel; in a project of their own."
    project = make_project("killed")
    project.write("data/d.csv", "x")
    project.notebook(
        "waits.ipynb", 'month: int = 7\nd: Input[Dataset] = "data/d.csv"', "print('so far')", WAITS
    )
    project.notebook("quick.ipynb", "")
    runs = [project.submit("waits.ipynb") for _ in range(3)]
    pids = {}
    for run_id in runs:
        pids[run_id] = [int(word) for word in printed(project, run_id, wait_until).split()]
    return project, runs, pids


def printed(project, run_id, wait_until):
    "What the second cell printed: two process ids."

    def told(event):
        return event.kind == "log" and event.data["text"].replace(" ", "").strip().isdigit()

    def last():
        return next((e.data["text"] for e in project.events(run_id) if told(e)), None)

    return wait_until(last)


@pytest.fixture(scope="module")
def killed(waiting, wait_until):
    """The runs after the kill: of the step, of the supervisor, of both; as they were shown at once, and in the end.

    Then another run, which tidies up.
    """
    project, (step, supervisor, both), pids = waiting
    os.kill(project.step_process(step).pid, signal.SIGKILL)

    pid = project.runs.supervisor(supervisor)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not project.runs.alive(supervisor))
    shown = {supervisor: project.runs.get(supervisor)}

    victims = [project.step_process(both).pid, project.runs.supervisor(both)]
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not project.runs.alive(both))
    shown[both] = project.runs.get(both)

    ended = {run_id: project.end(run_id) for run_id in (step, supervisor, both)}
    project.until_gone(supervisor)
    by_itself = {run_id: [p for p in pids[run_id] if psutil.pid_exists(p)] for run_id in (step, supervisor)}
    tidier = project.run("quick.ipynb")
    project.until_gone(tidier.id)
    return shown, ended, by_itself, tidier


# -- the step -------------------------------------------------------------------------------------------------------


def test_a_step_that_is_killed_fails_the_run_with_that_reason(waiting, killed):
    run = killed[1][waiting[1][0]]
    assert (run.state, run.error) == ("FAILED", "waits: the step was killed (signal 9)")
    (step,) = run.steps
    assert (step.state, step.error, step.exit_code) == ("FAILED", "the step was killed (signal 9)", 3)


def test_kernel_and_children_of_a_killed_step_are_gone(waiting, killed):
    assert killed[2][waiting[1][0]] == []
    waiting[0].until_gone(waiting[1][0])


def test_the_record_of_a_killed_step_is_complete(waiting, killed):
    project, (run_id, *_), _ = waiting
    manifest = project.manifest(run_id, "waits")
    assert manifest["state"] == "FAILED"
    assert manifest["error"]["remedy"].startswith("if memory ran out")
    assert manifest["arguments"] == {"month": 7}
    assert manifest["inputs"][0]["version"]["path"] == "data/d.csv"
    assert manifest["git"]["untracked"]
    folder = project.folder(run_id, "waits")
    assert "so far" in (folder / "executed.ipynb").read_text()
    assert "so far" in (folder / "executed.html").read_text()
    assert not list(folder.glob("work-*"))


def test_mlflow_and_the_events_know_that_a_step_was_killed(waiting, killed):
    project, (run_id, *_), _ = waiting
    run = killed[1][run_id]
    assert project.mlflow(run.mlflow_run_id).info.status == "FAILED"
    assert project.mlflow(run.steps[0].mlflow_run_id).info.status == "FAILED"
    assert "executed.html" in project.mlflow_files(run.steps[0].mlflow_run_id)
    ends = [e.data["state"] for e in project.events(run_id) if e.kind in ("step-finished", "run-finished")]
    assert ends == ["FAILED", "FAILED"]


# -- the supervisor, and both ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", [1, 2], ids=["supervisor", "both"])
def test_a_run_whose_supervisor_was_killed_is_failed_for_whoever_looks_next(waiting, killed, which):
    run = killed[0][waiting[1][which]]
    assert (run.state, run.error) == ("FAILED", DIED)
    assert run.steps[0].state == "FAILED"


def test_a_step_ends_soon_after_its_supervisor_was_killed(waiting, killed):
    project, (_, run_id, _), _ = waiting
    assert killed[2][run_id] == []
    manifest = project.manifest(run_id, "waits")
    assert manifest["state"] == "FAILED"
    assert manifest["error"]["message"] == "the process that supervised the run died"


def test_the_next_run_ends_what_was_left_of_a_run_whose_step_and_supervisor_were_killed(waiting, killed):
    project, (_, _, run_id), pids = waiting
    assert killed[3].state == "SUCCEEDED"
    assert [p for p in pids[run_id] if psutil.pid_exists(p)] == []
    manifest = project.manifest(run_id, "waits")
    assert (manifest["state"], manifest["error"]["message"]) == (
        "FAILED",
        "the step was killed together with its supervisor",
    )


@pytest.mark.parametrize("which", [1, 2], ids=["supervisor", "both"])
def test_the_next_run_tells_mlflow(waiting, killed, which):
    project, runs, _ = waiting
    run = killed[1][runs[which]]
    parent = project.mlflow(run.mlflow_run_id)
    assert parent.info.status == "FAILED"
    assert parent.data.tags["aiinfra.error"] == DIED
    child = project.mlflow(run.steps[0].mlflow_run_id)
    assert child.info.status == "FAILED"
    assert {"manifest.json", "executed.ipynb"} <= project.mlflow_files(child.info.run_id)
    assert list((project.settings.state / "mlflow-open").iterdir()) == []


# -- who submitted it -----------------------------------------------------------------------------------------------


def test_two_runs_at_once_outlive_who_submitted_them_in_a_project_that_never_ran_any(make_project):
    project = make_project("twins", plain=True)
    project.notebook("quick.ipynb", "n: Output[int]", "n = 1")
    argv = [sys.executable, "-c", SUBMIT, str(project.root)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(argv, start_new_session=True, **pipes) for _ in range(2)]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    runs = [process.stdout.readline().strip() for process in both]
    for process in both:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert sorted(runs) == ["1", "2"]
    ended = [project.end(run_id) for run_id in runs]
    assert [(run.state, run.error) for run in ended] == [("SUCCEEDED", None)] * 2
    experiments = {project.mlflow(run.mlflow_run_id).info.experiment_id for run in ended}
    assert len(experiments) == 1
