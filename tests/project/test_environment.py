import importlib.metadata
import json
import os
import re
import subprocess
import sys

from aiinfra.project.environment import capture, installed_packages, lock_file


def test_packages_are_those_that_python_itself_finds():
    ours = installed_packages()
    theirs = {}
    for found in importlib.metadata.distributions():
        theirs.setdefault(re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower(), found.version)
    assert ours == dict(sorted(theirs.items()))


def test_the_record_is_plain_data_and_complete(folder, monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    folder.write("requirements.lock", "numpy==2.0\n")
    record = capture(lock_file(folder.root), image="aiinfra/step@sha256:1").to_dict()
    assert json.loads(json.dumps(record)) == record
    assert record["python"] == ".".join(map(str, sys.version_info[:3]))
    assert record["flags"]["PYTHONHASHSEED"] == "0"
    assert (record["lock"], record["image"]) == ("requirements.lock", "aiinfra/step@sha256:1")
    assert record["cpu_count"] == len(os.sched_getaffinity(0))
    assert record["memory"] > 0


def test_only_switches_are_taken_from_the_environment(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalr")
    assert "wJalr" not in str(capture().to_dict())


def test_a_lock_beats_a_list_of_requirements(folder):
    folder.write("requirements.txt")
    folder.write("poetry.lock")
    assert lock_file(folder.root).name == "poetry.lock"


def test_another_kernel_s_packages_can_be_asked_for(tmp_path):
    (tmp_path / "numpy-1.0.dist-info").mkdir()
    assert capture(paths=[str(tmp_path), "/no/such/folder"]).packages == {"numpy": "1.0"}


def test_capturing_imports_nothing_heavy_and_starts_no_process():
    code = (
        "import sys, subprocess\n"
        "from aiinfra.project.environment import capture\n"
        "subprocess.Popen = None\n"
        "capture()\n"
        "print(sorted({'numpy', 'torch', 'pynvml', 'psutil', 'importlib.metadata'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
