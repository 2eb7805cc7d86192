"""A step that is told to stop, or killed, at the worst moments: nothing is lost that was there, nothing stays behind."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

SLEEPS = (
    "print('working', flush=True)\ntry:\n    import time; time.sleep(60)\nfinally:\n    print('cleaned up')"
)
# A worker of the notebook's own, and a daemon that detached itself from everything and ignores SIGTERM.
STARTS = """
import subprocess, sys
daemon = "import signal, time; signal.signal(15, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
detach = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {daemon!r}], start_new_session=True, stdout=subprocess.PIPE).stdout.readline())"
worker = subprocess.Popen(["sleep", "60"])
subprocess.run([sys.executable, "-c", detach])
"""
STUBBORN = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"


def gone(processes, within):
    "Whether all of the processes are gone, after `within` seconds at most."
    deadline = time.monotonic() + within
    while left := [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]:
        if time.monotonic() > deadline:
            return left == []
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_cancelled_in_the_middle_of_a_cell(lab, number):
    step = lab.start(lab.notebook(STARTS, SLEEPS, "print('the last cell')"))
    step.until_said("working")
    family = step.family()
    assert len(family) >= 3  # the kernel, its worker, the daemon
    told = time.time()
    step.process.send_signal(number)
    ended = step.wait(timeout=20)
    assert ended.events[-1].time - told < 5
    assert gone(family, within=0)
    manifest = ended.manifest
    assert (ended.code, manifest.state, manifest.exit_code) == (143, "CANCELED", 143)
    assert manifest.error.message == "the run was cancelled"
    assert [t["state"] for t in manifest.timings] == ["SUCCEEDED", "CANCELED"]
    assert ended.printed("'working'") == "working\ncleaned up\n"
    assert ended.cell("'working'")["outputs"][-1]["ename"] == "KeyboardInterrupt"
    assert ended.cell("the last")["outputs"] == []
    assert "executed.html" in ended.files
    assert ended.events[-1].data["state"] == "CANCELED"
    assert "aiinfra/step" not in ended.stderr


def test_a_kernel_that_does_not_listen_is_killed(lab):
    step = lab.start(lab.notebook(STUBBORN, "print('working', flush=True)\nwhile True:\n    pass"))
    step.until_said("working")
    family = step.family()
    told = time.time()
    step.process.terminate()
    ended = step.wait(timeout=20)
    assert ended.events[-1].time - told < 5
    assert gone(family, within=0)
    assert (ended.code, ended.manifest.state) == (143, "CANCELED")
    assert ended.printed("while True") == "working\n"


def test_cancelled_before_the_kernel_starts(lab):
    step = lab.start(lab.notebook("print('never')"))
    step.until_said("step-started")
    step.process.terminate()
    ended = step.wait(timeout=20)
    assert (ended.code, ended.manifest.state) == (143, "CANCELED")
    assert "cell-started" not in [e.kind for e in ended.events]
    assert not [f for f in ended.files if f.startswith((".", "work-"))]


def test_cancelled_while_the_kernel_starts(lab):
    step = lab.start(lab.notebook("print('never')"))
    kernel = step.kernel()
    step.process.terminate()
    ended = step.wait(timeout=20)
    assert gone([kernel], within=0)
    assert (ended.code, ended.manifest.state) == (143, "CANCELED")
    assert "never\n" not in ended.printed("never")


def test_told_to_stop_while_the_record_is_written(lab):
    step = lab.start(lab.notebook("1 / 0"))
    step.until_said("step-finished")
    for _ in range(5):
        if step.process.poll() is None:
            step.process.terminate()
        time.sleep(0.05)
    ended = step.wait()
    assert (ended.code, ended.manifest.state) == (1, "FAILED")
    assert "executed.html" in ended.files


def test_told_twice(lab):
    step = lab.start(lab.notebook(SLEEPS))
    step.until_said("working")
    step.process.terminate()
    time.sleep(0.3)
    step.process.send_signal(signal.SIGINT)
    ended = step.wait(timeout=20)
    assert (ended.code, ended.manifest.state) == (143, "CANCELED")
    assert ended.printed("'working'") == "working\ncleaned up\n"


def test_a_killed_step_leaves_the_notebook_so_far_and_no_kernel(lab):
    step = lab.start(
        lab.notebook("print('the first cell')", SLEEPS, parameters="month: int = 1"), values={"month": 3.0}
    )
    executed = step.record / "executed.ipynb"
    step.until(lambda: executed.exists() and '"working\\n"' in executed.read_text())
    kernel = step.kernel()
    step.process.kill()
    ended = step.wait()
    assert ended.code == -signal.SIGKILL
    assert gone([kernel], within=3)
    assert ended.printed("the first cell") == "the first cell\n"
    assert ended.cell("'working'")["metadata"]["papermill"]["status"] == "running"


def test_a_killed_step_leaves_a_manifest_of_what_it_was_about_to_do(lab):
    step = lab.start(lab.notebook(SLEEPS, parameters="month: int = 1"), values={"month": 3.0})
    step.until_said("working")
    step.process.kill()
    manifest = step.wait().manifest
    assert (manifest.state, manifest.arguments, manifest.notebook.path) == (
        "RUNNING",
        {"month": 3},
        "train.ipynb",
    )
    assert manifest.environment


def test_a_step_whose_supervisor_dies_says_so(lab, tmp_path):
    record = lab.root / "orphan"
    record.mkdir()
    bundle = lab.bundle(lab.notebook(SLEEPS))
    supervisor = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import json, subprocess, sys; subprocess.Popen(json.loads(sys.argv[1])).wait()",
            json.dumps(lab.command(bundle, record)),
        ],
        env={**os.environ, "AIINFRA_RECORD": str(record), "AIINFRA_STORE": str(lab.root / "store")},
        stderr=subprocess.DEVNULL,
    )
    step = type(lab.started[0])(supervisor, record, lab.root / "stderr-1.txt")
    step.until_said("working")
    family = step.family()
    supervisor.kill()
    supervisor.wait()
    assert gone(family, within=10)
    manifest = step.wait().manifest
    assert (manifest.state, manifest.exit_code) == ("FAILED", 3)
    assert manifest.error.message == "the process that supervised the run died"


def test_a_daemon_of_a_notebook_that_succeeds_does_not_stay(lab):
    step = lab.start(lab.notebook(STARTS, "import time; print('seen', flush=True); time.sleep(1)"))
    step.until_said("seen")
    family = step.family()
    assert len(family) >= 3
    ended = step.wait()
    assert (ended.code, ended.manifest.state) == (0, "SUCCEEDED")
    assert gone(family, within=0)
