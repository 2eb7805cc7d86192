"""Cancelling: at any moment, more than once, and with notebooks that don't want to stop."""

import os
import signal
import threading

import nbformat
import psutil
import pytest

# A cell that starts what is hard to end: a child that ignores SIGTERM and SIGINT, and a daemon that left its family.
STUBBORN = """
import os, signal, subprocess, sys, time

STAY = "import signal, time\\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\\n"
child = subprocess.Popen([sys.executable, "-c", STAY + "print(1, flush=True)\\ntime.sleep(600)"], stdout=subprocess.PIPE)
child.stdout.readline()
reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    if (daemon := os.fork()) == 0:
        time.sleep(600)
    os.write(writer, str(daemon).encode())
    os._exit(0)
os.wait()
signal.signal(signal.SIGINT, signal.SIG_IGN)
print(child.pid, os.read(reader, 20).decode(), os.getpid(), flush=True)
"""
WAIT = "import time\nprint('waiting', flush=True)\ntime.sleep(600)"


@pytest.fixture(scope="module")
def notebooks(project):
    project.notebook("stubborn.ipynb", "", STUBBORN, "import time\nwhile True:\n    time.sleep(1)", "x = 1")
    project.notebook("quick.ipynb", "n: Output[int]", "n = 1")
    project.notebook("waits.ipynb", "n: int = 0", WAIT)
    project.pipeline("two.py", "notebook('waits.ipynb')(n=notebook('quick.ipynb')().outputs['n'])")
    return project


# -- while a cell runs ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stubborn(notebooks):
    "A cancelled run: the processes that its notebook had, what two cancels gave, the run."
    run_id = notebooks.submit("stubborn.ipynb")
    pids = [int(word) for word in notebooks.until_printed(run_id).split()]
    assert all(map(psutil.pid_exists, pids))
    answers = []
    both = [
        threading.Thread(target=lambda: answers.append(notebooks.target.cancel(run_id, wait=60)))
        for _ in range(2)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    return pids, answers, notebooks.end(run_id)


def test_a_run_is_cancelled_whatever_its_notebook_does_about_it(stubborn):
    run = stubborn[2]
    assert (run.state, run.error) == ("CANCELED", "the run was cancelled")
    assert [(s.state, s.exit_code) for s in run.steps] == [("CANCELED", 143)]


def test_nothing_that_the_notebook_started_is_left(notebooks, stubborn):
    pids, _, run = stubborn
    assert [p for p in pids if psutil.pid_exists(p)] == []
    notebooks.until_gone(run.id)


def test_cancelling_twice_at_once_is_cancelling(stubborn):
    assert [run.state for run in stubborn[1]] == ["CANCELED", "CANCELED"]


def test_cancelling_a_run_that_has_ended_changes_nothing(notebooks, stubborn):
    run = stubborn[2]
    assert notebooks.target.cancel(run.id) == run


def test_a_cancelled_notebook_can_be_read_up_to_where_it_was(notebooks, stubborn):
    run = stubborn[2]
    executed = nbformat.read(notebooks.folder(run.id, "stubborn") / "executed.ipynb", 4)
    printed = [o.text for cell in executed.cells for o in cell.get("outputs", []) if "text" in o]
    assert str(stubborn[0][0]) in "".join(printed)
    assert (notebooks.folder(run.id, "stubborn") / "executed.html").exists()
    assert notebooks.manifest(run.id, "stubborn")["state"] == "CANCELED"


def test_mlflow_knows_that_it_was_cancelled(notebooks, stubborn):
    run = stubborn[2]
    assert notebooks.mlflow(run.mlflow_run_id).info.status == "KILLED"
    assert notebooks.mlflow(run.steps[0].mlflow_run_id).info.status == "KILLED"


# -- at other moments -----------------------------------------------------------------------------------------------


def test_a_run_cancelled_at_once_never_begins(notebooks):
    run_id = notebooks.submit("two.py")
    run = notebooks.target.cancel(run_id)
    assert run.state == "CANCELED"
    assert "cancelled" in run.error
    assert [s.state for s in run.steps] == ["SKIPPED", "SKIPPED"]
    run = notebooks.end(run_id)
    assert run.state == "CANCELED"
    notebooks.until_gone(run_id)
    assert not (notebooks.folder(run_id) / "steps").exists()
    assert notebooks.events(run_id) == []


def test_a_run_whose_cancelling_was_cut_short_is_cancelled_all_the_same(notebooks, wait_until):
    "Whoever cancelled it wrote so, and was killed before the supervisor was there to hear it."
    run_id = notebooks.submit("two.py")
    notebooks.runs.update_run(run_id, state="CANCELING")
    wait_until((notebooks.folder(run_id) / "supervisor.lock").exists)
    run = notebooks.end(run_id)
    assert run.state == "CANCELED"
    assert [s.state for s in run.steps] == ["SKIPPED", "SKIPPED"]


def test_a_run_cancelled_while_mlflow_starts_is_cancelled(notebooks):
    run_id = notebooks.submit("two.py")
    notebooks.until_event(run_id, "run-started")
    run = notebooks.target.cancel(run_id, wait=60)
    assert (run.state, run.error) == ("CANCELED", "the run was cancelled")
    notebooks.until_gone(run_id)
    assert notebooks.mlflow(run.mlflow_run_id).info.status == "KILLED"


def test_a_run_cancelled_between_two_steps_keeps_the_first(notebooks):
    run_id = notebooks.submit("two.py")
    notebooks.until_event(run_id, "step-finished", step="quick")
    run = notebooks.target.cancel(run_id, wait=60)
    assert run.state == "CANCELED"
    states = {s.name: s.state for s in run.steps}
    assert states["quick"] == "SUCCEEDED"
    assert states["waits"] in ("SKIPPED", "CANCELED")
    assert notebooks.end(run_id).state == "CANCELED"
    notebooks.until_gone(run_id)


def test_a_run_that_was_done_when_it_was_cancelled_is_a_success(notebooks):
    run_id = notebooks.submit("quick.ipynb")
    notebooks.until_event(run_id, "step-finished")
    if pid := notebooks.runs.supervisor(run_id):
        os.kill(pid, signal.SIGTERM)
    assert notebooks.end(run_id).state == "SUCCEEDED"
