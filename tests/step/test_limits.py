"""Notebooks that are large, loud or slow to start; and every setting of `[run]`, seen to take effect."""

import json
import os
import sys
import time
from pathlib import Path

import nbformat
import pytest

from aiinfra.config import RunSettings, load_settings
from aiinfra.errors import InfrastructureError
from aiinfra.step import watch
from aiinfra.step.execute import execute
from aiinfra.step.workspace import open_workspace

MIB = 1024 * 1024


@pytest.fixture
def run_here(lab, tmp_path):
    "Run a notebook in this process. Returns the execution, the executed notebook's path, and the events."

    def run_here(notebook, settings=None, arguments=None):
        bundle = lab.bundle(notebook)
        workspace = open_workspace(bundle, str(lab.root / "store"), "train.ipynb", tmp_path / "work")
        events = []
        execution = execute(
            workspace,
            arguments or {},
            tmp_path / "executed.ipynb",
            settings or RunSettings(),
            emit=lambda kind, **data: events.append((kind, data)),
            env=lab.env | {"MLFLOW_TRACKING_URI": "", "MLFLOW_RUN_ID": ""},
        )
        return execution, tmp_path / "executed.ipynb", events

    return run_here


def highest_memory(process):
    """The most memory that the process has had, in bytes.

    From its own memory's high-water mark: `ru_maxrss` also counts that of the test's process, which it was forked from.
    """
    peak, status = 0, Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        marks = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        peak = max([peak, *(int(mark) * 1024 for mark in marks)])
        time.sleep(0.05)
    return peak


def test_a_cell_that_prints_100_mb_is_bounded_in_the_notebook_and_in_memory(lab):
    loud = "line = 'x' * 999 + '\\n'\nimport sys\nfor i in range(105_000):\n    sys.stdout.write(line)"
    step = lab.start(
        lab.notebook(loud, "print('the last cell')"), settings="[run]\ncell_output_limit = 500_000\n"
    )
    loud_peak = highest_memory(step.process)
    quiet_peak = highest_memory(lab.start(lab.notebook("print('the last cell')")).process)
    ended = step.wait()
    assert (ended.code, ended.manifest.state) == (0, "SUCCEEDED")
    shown, _, note = ended.printed("105_000").rpartition("\n[aiinfra: ")
    assert len(shown) == 500_000
    assert (
        note
        == f"{105_000 * 1000 - 500_000:,} more bytes of output were not kept ([run] cell_output_limit)]\n"
    )
    assert ended.printed("the last cell") == "the last cell\n"
    printed = (
        105_000 * 1000
    )  # on its way from the kernel it is held, whole, a few times; kept, it would be seven
    assert loud_peak < quiet_peak + 5 * printed
    for file in ended.record.iterdir():
        assert file.stat().st_size < 2 * MIB, file.name


def test_a_notebook_of_50_mb_with_outputs_works_and_stays_as_it_is(run_here, lab):
    notebook = lab.notebook("print('done')")
    old = nbformat.v4.new_output("display_data", data={"image/png": "A" * (5 * MIB)})
    notebook.cells += [
        nbformat.v4.new_code_cell(f"{i}", outputs=[old], execution_count=i, id=f"old-{i}") for i in range(10)
    ]
    nbformat.write(notebook, lab.root / "big.ipynb")
    before = (lab.root / "big.ipynb").read_bytes()
    assert len(before) > 50 * MIB
    execution, executed, _ = run_here(notebook)
    assert execution.error is None
    assert executed.stat().st_size < MIB
    assert [t["state"] for t in execution.timings] == ["SUCCEEDED"] * 11
    assert (lab.root / "big.ipynb").read_bytes() == before


def test_outputs_of_50_mb_are_kept(run_here, lab):
    show = "display({'image/png': 'A' * 5_000_000}, raw=True)"
    execution, executed, _ = run_here(lab.notebook(*[show] * 10))
    assert execution.error is None
    assert executed.stat().st_size > 50_000_000
    assert len(json.loads(executed.read_text())["cells"]) == 10


def test_many_cells_are_not_saved_one_by_one(run_here, lab, monkeypatch):
    "Each save costs as much as the notebook is long: one a cell would cost the square of it."
    spent, saves, save_whole = [], [], watch.save_whole

    def counted(nb, path):
        started = time.process_time()
        save_whole(nb, path)
        spent.append(time.process_time() - started)
        saves.append(sum(bool(c.get("outputs")) for c in nb.cells))

    from aiinfra.step import engine

    monkeypatch.setattr(engine, "save_whole", counted)
    started = time.process_time()
    execution, executed, events = run_here(lab.notebook(*["print('x' * 200)"] * 500))
    all_of_it = time.process_time() - started
    assert execution.error is None
    assert len([e for e in events if e[0] == "cell-finished"]) == 500
    assert saves[-1] == 500
    assert len(saves) < 250
    assert sum(spent) < 0.5 * all_of_it
    assert len(json.loads(executed.read_text())["cells"]) == 500


# -- settings --------------------------------------------------------------------------------------------------


@pytest.fixture
def kernelspec(tmp_path, monkeypatch):
    "Install the kernel `name`, which runs the Python `code`."

    def kernelspec(name, code):
        folder = tmp_path / "jupyter" / "kernels" / name
        folder.mkdir(parents=True)
        argv = [sys.executable, "-c", code, "{connection_file}"]
        (folder / "kernel.json").write_text(
            json.dumps({"argv": argv, "display_name": name, "language": "python"})
        )
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))

    return kernelspec


def test_a_kernel_that_does_not_start_in_time_is_given_up_and_gone(run_here, lab, kernelspec, tmp_path):
    code = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    kernelspec("silent", code)
    execution, _, _ = run_here(lab.notebook("1", kernel="silent"), RunSettings(kernel_start_timeout=2))
    assert isinstance(execution.error, InfrastructureError)
    assert "the kernel 'silent' could not be run" in execution.error.what
    assert "kernel_start_timeout" in execution.error.remedy
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_kernel_that_ends_at_once(run_here, lab, kernelspec):
    kernelspec("brief", "raise SystemExit(1)")
    execution, executed, _ = run_here(lab.notebook("1", kernel="brief"))
    assert isinstance(execution.error, InfrastructureError)
    assert json.loads(executed.read_text())["cells"][0]["metadata"]["papermill"]["status"] == "pending"


def test_a_kernel_whose_program_is_not_there(run_here, lab, kernelspec, tmp_path):
    kernelspec("gone", "")
    spec = tmp_path / "jupyter" / "kernels" / "gone" / "kernel.json"
    spec.write_text(
        json.dumps(
            {"argv": ["/nowhere/python", "{connection_file}"], "display_name": "x", "language": "python"}
        )
    )
    execution, _, _ = run_here(lab.notebook("1", kernel="gone"))
    assert isinstance(execution.error, InfrastructureError)
    assert "/nowhere/python" in execution.error.what


def test_nothing_is_left_beside_the_executed_notebook(run_here, lab, tmp_path):
    run_here(lab.notebook("auc = 1", parameters="auc: Output[float]"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["executed.ipynb", "work"]


def test_every_setting_of_run_is_covered_here_or_beside(lab):
    """cell_output_limit: above. cell_timeout: test_exits. sample_seconds: test_record. kernel_start_timeout: above.

    A new setting needs a test that sees it take effect.
    """
    settings = load_settings(lab.root, env={}).run
    assert set(vars(settings)) == {
        "cell_output_limit",
        "cell_timeout",
        "sample_seconds",
        "kernel_start_timeout",
    }


def test_the_time_between_samples_is_as_set(lab):
    "With an hour between two samples there is none; test_record sees those of a tenth of a second."
    ended = lab.run(lab.notebook("import time; time.sleep(1)"), settings="[run]\nsample_seconds = 3600\n")
    assert ended.code == 0
    assert not [e for e in ended.events if e.kind == "resources"]
    assert ended.manifest.resources["peak_memory_bytes"] > 10_000_000  # it is looked at all the same


# -- notebooks of an older format, with odd names, run before ---------------------------------------------------


def test_a_notebook_of_an_older_format_has_the_same_cells_everywhere(run_here, lab):
    notebook = lab.notebook("print(month)", parameters="month: int = 1")
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    execution, executed, _events = run_here(notebook, arguments={"month": 3})
    ids = [c["id"] for c in json.loads(executed.read_text())["cells"]]
    assert ids == ["cell-1", "cell-2", "injected-parameters", "cell-3"]
    assert [t["id"] for t in execution.timings] == ids


def test_a_notebook_that_papermill_ran_before_gets_the_new_arguments(run_here, lab):
    notebook = lab.notebook("print(month)", parameters="month: int = 1")
    injected = nbformat.v4.new_code_cell("month = 2", id="old", metadata={"tags": ["injected-parameters"]})
    notebook.cells.insert(2, injected)
    _execution, executed, events = run_here(notebook, arguments={"month": 3})
    assert [c["id"] for c in json.loads(executed.read_text())["cells"]] == [
        *("cell-1", "cell-2", "injected-parameters", "cell-3")
    ]
    assert [data["cell"] for kind, data in events if kind == "cell-started"] == [1, 2, 0, 4]
    assert [data["text"] for kind, data in events if kind == "log"] == ["3\n"]


def test_a_notebook_whose_path_has_braces(lab):
    ended = lab.run(lab.notebook("print('here')"), name="models {a}/train {x!r}.ipynb")
    assert ended.code == 0, ended.stderr
    assert ended.printed("here") == "here\n"


def test_a_notebook_imports_the_project_and_what_lies_beside_it(run_here, lab):
    (lab.root / "beside.py").write_text("answer = 42")
    execution, _, events = run_here(lab.notebook("import beside\nprint(beside.answer)"))
    assert execution.error is None
    assert [data["text"] for kind, data in events if kind == "log"] == ["42\n"]


def test_widgets_that_take_what_is_printed_do_not_stall_the_run(run_here, lab):
    "What is sent to such a widget while a cell's end is awaited could hide that end, about once in fifty times."
    take = "import ipywidgets\nout = ipywidgets.Output()\nwith out:\n    print('taken')"
    execution, _, _ = run_here(lab.notebook(*[take] * 40))
    assert execution.error is None
    assert [t["state"] for t in execution.timings] == ["SUCCEEDED"] * 40
