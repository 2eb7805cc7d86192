"""Other processes, disks that are full or read-only, and a project with a hundred thousand runs."""

import inspect
import os
import subprocess
import sys
import textwrap

import pytest

from aiinfra.runs.store import RunStore


def program(function):
    "The source of `function` as a program that calls it with the arguments of its command line."
    return f"{textwrap.dedent(inspect.getsource(function))}\nimport sys\n{function.__name__}(*sys.argv[1:])"


@pytest.fixture
def state(tmp_path):
    return tmp_path / ".aiinfra"


@pytest.fixture
def store(state):
    store = RunStore(state)
    yield store
    store.close()


@pytest.fixture
def start():
    "Start `function(*args)` in a process of its own; what is still there at the end is killed."
    started = []

    def start(function, *args):
        argv = [sys.executable, "-c", program(function), *map(str, args)]
        started.append(subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _can_mount(prefix):
    probe = [*prefix, "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="session")
def namespace():
    "What starts a program with mounts of its own: as root, or as root of a user namespace."
    for prefix in (["unshare", "-m"], ["unshare", "-rm"]):
        if _can_mount(prefix):
            return prefix
    pytest.fail("these tests mount a small disk: run them as root, or where `unshare -rm` is allowed")


@pytest.fixture
def on_small_disk(namespace, tmp_path):
    "Run `function(folder)` in a process for which `folder` is a disk of its own, of `size`."

    def run(function, size="400k", *more):
        folder = tmp_path / "disk"
        folder.mkdir(exist_ok=True)
        mount = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"'
        python = [sys.executable, "-c", program(function), str(folder), *more]
        argv = [*namespace, "sh", "-ec", mount, "sh", size, str(folder), *python]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, env=os.environ)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
