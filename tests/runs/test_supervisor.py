import fcntl
import os
import threading

import pytest

from aiinfra.errors import StoreError
from aiinfra.runs.supervisor import boot_time, hold, holder, is_held, is_past_grace


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "supervisor.lock"


def lead(lock):
    import time
    from pathlib import Path

    from aiinfra.runs.supervisor import hold

    with hold(Path(lock)):
        print("here", flush=True)
        time.sleep(60)


def lead_with_children(lock):
    import os
    import subprocess
    import time
    from pathlib import Path

    from aiinfra.runs.supervisor import hold

    with hold(Path(lock)):
        program = subprocess.Popen(["sleep", "60"])
        if os.fork() == 0:
            print(program.pid, os.getpid(), flush=True)
            time.sleep(60)
            os._exit(0)
        time.sleep(60)


def test_the_lock_of_a_killed_supervisor_is_free(lock, start):
    leader = start(lead, lock)
    leader.stdout.readline()
    assert holder(lock) == leader.pid
    leader.kill()
    leader.wait()
    assert not is_held(lock)
    assert holder(lock) is None
    with hold(lock):
        assert holder(lock) == os.getpid()


def test_a_second_supervisor_is_refused(lock, start):
    leader = start(lead, lock)
    leader.stdout.readline()
    with pytest.raises(StoreError, match="has a supervisor already"), hold(lock):
        pass
    assert holder(lock) == leader.pid


def test_children_that_outlive_a_supervisor_do_not_keep_it_alive(lock, start):
    leader = start(lead_with_children, lock)
    children = [int(pid) for pid in leader.stdout.readline().split()]
    try:
        assert is_held(lock)
        leader.kill()
        leader.wait()
        for child in children:
            os.kill(child, 0)  # both are there still
        assert not is_held(lock)
    finally:
        for child in children:
            os.kill(child, 9)


def test_those_who_ask_do_not_keep_a_supervisor_from_its_lock(lock):
    lock.touch()
    done = threading.Event()

    def ask():
        while not done.is_set():
            is_held(lock)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    try:
        for _ in range(100):
            with hold(lock):
                pass
    finally:
        done.set()
        for asker in askers:
            asker.join()


def test_two_who_ask_at_once_do_not_take_each_other_for_a_supervisor(lock):
    with lock.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_SH)  # what asking does
        assert not is_held(lock)


def test_a_lock_that_cannot_be_looked_at_counts_as_held(tmp_path):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert is_held(loop)


def test_the_grace_of_a_new_run_is_measured_by_the_machine_not_by_the_wall(monkeypatch):
    since = boot_time()
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert not is_past_grace(since)
    boot, seconds = since.split()
    assert is_past_grace(f"{boot} {float(seconds) - 31}")
    assert is_past_grace(f"{boot} {float(seconds) + 1000}")
    assert is_past_grace(f"before-the-restart {seconds}")
