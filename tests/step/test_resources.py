"""What a step's processes use: with GPUs that answer, mumble and hang, and processes that come and go."""

import os
import subprocess
import sys
import threading

import pytest

from aiinfra.errors import StoreError
from aiinfra.step.resources import Sampler, gpu_use
from tests.waiting import wait_for


@pytest.fixture
def nvidia_smi(tmp_path, monkeypatch):
    "Put an executable `nvidia-smi` with the shell script `does` first on the PATH; it notes that it was called."

    def make(does):
        tool = tmp_path / "bin" / "nvidia-smi"
        tool.parent.mkdir(exist_ok=True)
        tool.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n{does}\n')
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
        return tmp_path / "calls"

    return make


def test_without_the_tool_there_are_no_gpus(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert gpu_use() == []


def test_each_gpu_is_told(nvidia_smi):
    calls = nvidia_smi("echo '87, 40536'; echo '0, 4'")
    assert gpu_use() == [
        {"percent": 87.0, "memory_bytes": 40536 * 1024**2},
        {"percent": 0.0, "memory_bytes": 4 * 1024**2},
    ]
    assert "--query-gpu=utilization.gpu,memory.used" in calls.read_text()


def test_a_divided_gpu_has_memory_but_no_percentage(nvidia_smi):
    nvidia_smi("echo '[N/A], 1024'")
    assert gpu_use() == [{"percent": None, "memory_bytes": 1024 * 1024**2}]


def test_a_machine_whose_gpus_are_all_taken_has_none(nvidia_smi):
    nvidia_smi("exit 0")
    assert gpu_use() == []


@pytest.mark.parametrize(
    "does",
    [
        "echo 'NVIDIA-SMI has failed because it could not talk to the driver'; exit 9",
        "echo 'No devices were found'",
        "echo '1, 2, 3'",
        "echo '1, [N/A]'",
        "printf '\\377\\376'",
        "kill -9 $$",
        "exec /nowhere",
    ],
)
def test_a_tool_that_makes_no_sense_is_a_failure(nvidia_smi, does):
    nvidia_smi(does)
    assert gpu_use() is None


def test_a_tool_that_hangs_is_given_up(nvidia_smi):
    nvidia_smi("exec sleep 60")
    assert gpu_use(patience=0.2) is None


@pytest.fixture
def sleeper():
    "A process that holds 60 MB."
    code = "x = bytearray(60_000_000); print('there', flush=True); import time; time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    process.stdout.readline()
    yield process.pid
    process.kill()
    process.communicate()


def test_memory_of_children_counts(sleeper):
    with Sampler(lambda *_, **__: None, 0.05) as sampler:
        sampler.watch(os.getppid())
        sampler.watch(os.getpid())
        wait_for(lambda: sampler.peak_memory)
    assert sampler.peak_memory > 60_000_000
    assert sampler.cpu_seconds > 0


def test_samples_are_told_every_so_many_seconds(sleeper, nvidia_smi):
    nvidia_smi("echo '50, 100'")
    told = []
    with Sampler(lambda kind, **data: told.append((kind, data)), 0.05) as sampler:
        sampler.watch(sleeper)
        wait_for(lambda: len(told) >= 3)
    kind, data = told[0]
    assert kind == "resources"
    assert data["memory_bytes"] > 60_000_000
    assert data["cpu_percent"] >= 0
    assert data["gpus"] == [{"percent": 50.0, "memory_bytes": 100 * 1024**2}]
    summary = sampler.summary()
    assert summary["peak_memory_bytes"] > 60_000_000
    assert summary["gpu_peak_memory_bytes"] == [100 * 1024**2]
    assert summary["gpu_percent"] == 50.0


def test_the_peak_of_each_gpu_is_kept_also_when_one_disappears(nvidia_smi):
    sampler = Sampler(lambda *_, **__: None, 1)
    for answer in ("echo '10, 100'; echo '90, 900'", "echo '20, 300'", "exit 9"):
        nvidia_smi(answer)
        sampler.gpus()
    assert sampler.summary()["gpu_peak_memory_bytes"] == [300 * 1024**2, 900 * 1024**2]
    assert sampler.summary()["gpu_percent"] == 40.0


def test_a_tool_that_keeps_failing_is_not_asked_again(nvidia_smi):
    calls = nvidia_smi("exit 9")
    sampler = Sampler(lambda *_, **__: None, 1)
    assert [sampler.gpus() for _ in range(6)] == [[]] * 6
    assert len(calls.read_text().splitlines()) == 3


def test_a_tool_that_hangs_does_not_hold_up_the_end(sleeper, nvidia_smi, tmp_path):
    calls = nvidia_smi("exec sleep 60")
    told = []
    with Sampler(lambda kind, **data: told.append(kind), 0.05) as sampler:
        sampler.watch(sleeper)
        wait_for(calls.exists)
    [waiting] = [t for t in threading.enumerate() if t.name == "resources"]  # for the tool, and nobody for it
    waiting.join(20)
    assert told == []  # nothing is told after the end


def test_a_full_disk_does_not_stop_the_sampling(sleeper):
    def full(kind, **data):
        tries.append(kind)
        raise StoreError("the disk is full")

    tries = []
    with Sampler(full, 0.02) as sampler:
        sampler.watch(sleeper)
        wait_for(lambda: len(tries) >= 2)
    assert sampler.peak_memory > 60_000_000


def test_a_process_that_is_gone_uses_nothing():
    process = subprocess.Popen(["true"])
    process.wait()
    with Sampler(lambda *_, **__: None, 0.01) as sampler:
        sampler.watch(process.pid)
        assert sampler.sample() == 0
    assert sampler.summary() == {
        "peak_memory_bytes": 0,
        "cpu_seconds": 0,
        "gpu_peak_memory_bytes": [],
        "gpu_percent": None,
    }
