"""Each way out of a step, as a real process: what it says, and what it leaves."""

from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

MARKDOWN = nbformat.v4.new_markdown_cell
LAST = "print('the last cell')"
FIRST = "print('the first cell')"


def notebook(*cells, **how):
    return cells, how


NOTEBOOKS = {
    "raises": notebook(MARKDOWN("# Train"), FIRST, "print('so far')\n1 / 0", LAST),
    "exit 0": notebook(FIRST, "auc = 0.5\nimport sys; sys.exit(0)", LAST, parameters="auc: Output[float]"),
    "exit 3": notebook("import sys; sys.exit(3)", LAST),
    "os._exit": notebook(FIRST, "import os; print('so far', flush=True); os._exit(7)", LAST),
    "kill -9": notebook(
        FIRST, "import os, time; print('so far'); time.sleep(1); os.kill(os.getpid(), 9)", LAST
    ),
    "segfault": notebook(FIRST, "import ctypes; ctypes.string_at(0)", LAST),
    "long error": notebook("raise ValueError('x' * 5_000_000)"),
    "timeout": notebook("try:\n    import time; time.sleep(60)\nfinally:\n    print('cleaned up')"),
    "outputs": notebook(
        "import pathlib; pathlib.Path(there).write_text('<h1>Drift</h1>')\nauc, loss = 0.5, object()",
        parameters="auc: Output[float]\nnever: Output[float]\nloss: Output[float]\n"
        'there: Output[HTML] = "out/there.html"\nmissing: Output[Model] = "out/missing.pt2"',
    ),
    "no answer": notebook("auc = 0.5\nimport os; os._exit(0)", parameters="auc: Output[float]"),
    "no kernel named": notebook(LAST, kernel=None),
    "unknown kernel": notebook(LAST, kernel="spark-3-5"),
    "success": notebook(
        MARKDOWN("# Train"),
        "share = month / 12\nprint(share)",
        parameters="month: int = 1\nshare: Output[float]",
    ),
}
HOW = {
    "timeout": {"settings": "[run]\ncell_timeout = 1\n"},
    "success": {"values": {"month": 3.0}},
}


@pytest.fixture(scope="module")
def ended(lab):
    "The steps of all notebooks, two at a time."
    bundles = {
        name: lab.bundle(lab.notebook(*cells, **how), settings=HOW.get(name, {}).get("settings", ""))
        for name, (cells, how) in NOTEBOOKS.items()
    }
    with ThreadPoolExecutor(2) as pool:
        futures = {
            n: pool.submit(lab.run, bundle, values=HOW.get(n, {}).get("values"))
            for n, bundle in bundles.items()
        }
        yield lambda name: futures[name].result()


def test_success(ended):
    step = ended("success")
    assert (step.code, step.stderr) == (0, "")
    assert step.answer["parameterValues"] == {"share": 0.25}
    assert step.printed("month / 12") == "0.25\n"
    assert (step.manifest.state, step.manifest.exit_code, step.manifest.error) == ("SUCCEEDED", 0, None)
    assert step.files == [
        *(
            "events.jsonl",
            "executed.html",
            "executed.ipynb",
            "executor_output.json",
            "log.txt",
            "manifest.json",
        )
    ]
    assert (step.record / "log.txt").read_text() == "0.25\n"


def test_a_cell_that_raises(ended):
    step = ended("raises")
    assert step.code == 1
    assert (
        "cell 3: ZeroDivisionError: division by zero" in step.stderr
    )  # as the source counts, with its headings
    assert "Traceback" not in step.stderr
    manifest = step.manifest
    assert (manifest.state, manifest.exit_code) == ("FAILED", 1)
    assert (manifest.error.type, manifest.error.where) == ("CellError", {"file": "train.ipynb", "cell": 3})
    assert [t["state"] for t in manifest.timings] == ["SUCCEEDED", "FAILED"]
    assert step.printed("1 / 0") == "so far\n"
    assert step.cell("1 / 0")["outputs"][-1]["ename"] == "ZeroDivisionError"
    assert step.cell("last")["outputs"] == []
    assert "ZeroDivisionError" in (step.record / "executed.html").read_text()
    assert not (step.record / "executor_output.json").exists()


def test_states_of_cells_in_the_executed_notebook_tell_the_truth(ended):
    step = ended("raises")
    states = [cell["metadata"]["papermill"]["status"] for cell in step.executed["cells"]]
    assert states == ["completed", "completed", "failed", "pending"]
    assert step.executed["metadata"]["papermill"]["exception"] is True


def test_a_cell_that_exits_without_an_error_ends_the_notebook_well(ended):
    step = ended("exit 0")
    assert (step.code, step.manifest.state) == (0, "SUCCEEDED")
    assert step.cell("the last cell")["outputs"] == []


def test_outputs_are_read_after_an_early_exit(ended):
    assert ended("exit 0").answer["parameterValues"] == {"auc": 0.5}


def test_a_cell_that_exits_with_a_code_has_failed(ended):
    step = ended("exit 3")
    assert (step.code, step.manifest.state) == (1, "FAILED")
    assert "cell 1: SystemExit: 3" in step.stderr


@pytest.mark.parametrize(
    ("name", "cell", "how"),
    [("os._exit", 2, "with exit code 7"), ("kill -9", 2, "by signal 9"), ("segfault", 2, "by signal 11")],
)
def test_a_kernel_that_dies(ended, name, cell, how):
    step = ended(name)
    assert (step.code, step.manifest.state, step.manifest.error.type) == (1, "FAILED", "CellError")
    assert f"cell {cell}: its kernel died {how}" in step.stderr
    assert step.printed("the first cell") == "the first cell\n"
    assert [t["state"] for t in step.manifest.timings] == ["SUCCEEDED", "FAILED"]
    assert "executed.html" in step.files


def test_what_was_printed_before_the_kernel_died_is_kept(ended):
    assert ended("kill -9").printed("so far") == "so far\n"


def test_an_error_as_long_as_its_data_stays_readable(ended):
    step = ended("long error")
    assert step.code == 1
    assert len(step.stderr) < 2000
    assert len(step.manifest.error.message) < 2000
    assert (step.record / "executed.ipynb").stat().st_size < 5_000_000


def test_a_cell_that_takes_too_long_is_interrupted(ended):
    step = ended("timeout")
    assert (step.code, step.manifest.state) == (1, "FAILED")
    assert "cell 1: took longer than 1 s ([run] cell_timeout)" in step.stderr
    assert step.manifest.timings[0]["seconds"] < 10


def test_outputs_that_are_missing_or_wrong(ended):
    step = ended("outputs")
    assert (step.code, step.manifest.state, step.manifest.error.type) == (1, "FAILED", "OutputError")
    assert "the output never was never assigned" in step.stderr
    assert step.manifest.error.where == {"file": "train.ipynb", "cell": 2, "line": 2, "field": "never"}


def test_outputs_that_are_there_are_kept_beside_missing_ones(ended):
    step = ended("outputs")
    assert {o.name for o in step.manifest.outputs} == {"auc", "there"}
    assert (step.record / "outputs" / "there.html").read_text() == "<h1>Drift</h1>"
    assert step.answer["parameterValues"] == {"auc": 0.5}


def test_a_kernel_that_dies_at_the_end_has_failed(ended):
    step = ended("no answer")
    assert (step.code, step.manifest.state) == (1, "FAILED")
    assert "kernel died with exit code 0" in step.stderr


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("no kernel named", "the notebook names no kernel"),
        ("unknown kernel", "kernel 'spark-3-5' isn't installed here"),
    ],
)
def test_a_notebook_without_a_kernel_that_is_here_does_not_start(ended, name, says):
    step = ended(name)
    assert (step.code, step.manifest.state, step.manifest.error.type) == (2, "FAILED", "NotebookError")
    assert says in step.stderr
    assert step.files == ["events.jsonl", "manifest.json"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_way_out_is_told_in_the_events_and_leaves_no_workspace(ended, name):
    step = ended(name)
    first, *_, last = (e for e in step.events if e.kind != "resources")
    assert (first.kind, last.kind) == ("step-started", "step-finished")
    assert (last.data["state"], last.data["exit_code"]) == (step.manifest.state, step.code)
    assert not [f for f in step.files if f.startswith((".", "work-"))]
    assert "aiinfra/step" not in step.stderr  # no traceback of ours
