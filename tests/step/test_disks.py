"""A step whose record is on a disk that is full, fills up, or can't be written: it says so, and leaves no half files."""

import subprocess

import pytest

from aiinfra.project.address import inline_address
from aiinfra.project.bundle import build_bundle

MIB = 1024 * 1024


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
def on_disk(lab, namespace, tmp_path):
    "Run a notebook with its record on a disk of `size`; `first` is done to the disk before. Returns what was left on it."

    def on_disk(notebook, size="8m", first="true", **how):
        disk, left = tmp_path / "disk", tmp_path / "left"
        disk.mkdir()
        script = 'mount -t tmpfs -o size="$1" tmpfs "$2"; cd "$2"; eval "$4"; left=$3; disk=$2; shift 4; "$@"; code=$?; '
        script += 'cp -a "$disk/." "$left"; exit $code'
        prefix = [*namespace, "sh", "-c", script, "sh", size, str(disk), str(left), first]
        ended = lab.start(notebook, record=disk, prefix=prefix, **how).wait()
        ended.record = left
        return ended

    return on_disk


def whole(ended):
    "Check that every file that was left can be read, and that no temporary file was."
    assert not [f for f in ended.files if f.startswith(".") or f.startswith("work-")]
    if "manifest.json" in ended.files:
        assert ended.manifest
    if "executed.ipynb" in ended.files:
        assert ended.executed["cells"]
    if "events.jsonl" in ended.files:
        text = (ended.record / "events.jsonl").read_text()
        assert len(ended.events) == text.count("\n")
        assert text == "" or text.endswith("\n")
    return ended


def test_a_disk_that_is_full_from_the_start(on_disk, lab):
    ended = whole(on_disk(lab.notebook("print('never')"), first="head -c 20m /dev/zero > filler 2>/dev/null"))
    assert ended.code == 3
    assert "the disk is full" in ended.stderr
    assert "aiinfra/step" not in ended.stderr
    assert "executed.ipynb" not in ended.files


def test_a_disk_that_cannot_be_written(on_disk, lab):
    ended = whole(on_disk(lab.notebook("print('never')"), first='mount -o remount,ro "$2"'))
    assert ended.code == 3
    assert "read-only" in ended.stderr.lower()
    assert "aiinfra/step" not in ended.stderr
    assert ended.files == []


FILL = """
import os
def fill(path):
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            print(error.strerror)
"""


def test_a_disk_that_fills_up_with_the_notebooks_own_files(on_disk, lab):
    "They go with the step's folder, so that there is room again to say what happened."
    ended = whole(on_disk(lab.notebook(FILL, "fill('filler'); print('x' * 50_000)", "print('never')")))
    assert (ended.code, ended.manifest.state, ended.manifest.error.type) == (3, "FAILED", "StoreError")
    assert ended.cell("never")["outputs"] == []


def test_a_disk_that_somebody_else_has_filled(on_disk, lab):
    ended = whole(on_disk(lab.notebook(FILL, "fill('../../filler'); print('x' * 50_000)", "print('never')")))
    assert ended.code == 3
    assert "full" in ended.stderr or "No space left" in ended.stderr
    assert ended.manifest.state in (
        "FAILED",
        "RUNNING",
    )  # that of the end if it fitted, or else that of the start
    assert ended.printed("print('never')") == ""


def test_a_disk_that_was_full_while_a_cell_ran(on_disk, lab):
    crowded = "fill('filler')\nimport time\nfor i in range(8):\n    print('working', flush=True); time.sleep(0.1)\nos.remove('filler')"
    ended = whole(on_disk(lab.notebook(FILL, crowded, "print('the last cell')")))
    assert (ended.code, ended.manifest.state) == (0, "SUCCEEDED")
    assert ended.printed("fill('filler')") == "No space left on device\n" + "working\n" * 8
    assert ended.printed("the last cell") == "the last cell\n"


def test_a_record_that_cannot_be_made(lab):
    ended = lab.run(lab.notebook("print('never')"), env={"AIINFRA_RECORD": "/dev/null/record"})
    assert ended.code == 3
    assert "the folder for the step's record can't be made" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_store_that_cannot_be_written(lab, tmp_path):
    "Where nobody else publishes the record, the step does, and must not say that all is well when it could not."
    lab.bundle(lab.notebook("print('done')"))
    from aiinfra.config import load_settings

    bundle = inline_address(build_bundle(lab.root / "train.ipynb", load_settings(lab.root, env={})))
    (tmp_path / "file").write_text("")
    env = {"AIINFRA_RECORD": None, "AIINFRA_STORE": str(tmp_path / "file" / "store"), "TMPDIR": str(tmp_path)}
    ended = lab.run(bundle, env=env)
    assert ended.code == 3
    assert "the record can't be written to the store" in ended.stderr
    assert "Traceback" not in ended.stderr
    [record] = tmp_path.glob("aiinfra-step-*")
    assert (record / "manifest.json").exists()
