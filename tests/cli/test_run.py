"""`aiinfra run` from beginning to end: what is printed, what the exit code says, what is left."""

import json
import re
import subprocess

import pytest
from click.testing import CliRunner

from aiinfra.cli.main import main

TABLE = "from aiinfra import Dataset, Output\nrows: int = 3  # 1..1000\ntable: Output[Dataset] = 'data/table.csv'\n"
MAKE = "from pathlib import Path\nPath(table).parent.mkdir(exist_ok=True)\nPath(table).write_text('a,b\\n' + '1,2\\n' * rows)"
USE = """\
from typing import Literal
from aiinfra import Dataset, Input, Output
table: Input[Dataset] = "data/table.csv"
month: int = 1  # Month, 1..12
note: str = "as it is"
hidden: list[int] = [64, 64]
rate: float = 1e-3
lines: Output[int]
score: Output[float]
"""
PIPELINE = """\
from kfp import dsl
from aiinfra.pipeline import notebook_component

make = notebook_component("make.ipynb")
use = notebook_component("use.ipynb", cpu="2")

@dsl.pipeline(name="both", description="Make a table and use it")
def both(rows: int, month: int = 1, note: str = "none"):
    made = make(rows=rows)
    use(table=made.outputs["table"], month=month, note=note)
"""
NOTE = 'it\'s $HOME {x} %s \\n "ä✓"'


@pytest.fixture(scope="module")
def project(make_cli, write, mlflow_db):
    cli = make_cli("run")
    assert cli("init").code == 0
    (cli.folder / "settings.ini").write_text(
        "[aiinfra]\nexperiment = mine\nstore = kept\ntracking_uri = sqlite:///records/mlflow.db\n[run]\ncell_output_limit = 5000\n"
    )
    (cli.folder / "records").mkdir()
    (cli.folder / "records/mlflow.db").write_bytes(mlflow_db.read_bytes())
    nb = cli.folder / "nb"
    write(nb / "make.ipynb", MAKE, parameters=TABLE)
    write(
        nb / "use.ipynb",
        "lines = len(open(table).readlines())\nprint(lines, month, note)\nscore = rate",
        parameters=USE,
    )
    write(nb / "fail.ipynb", "print('so far')", "{}['dest']", "print('never')")
    (nb / "both.py").write_text(PIPELINE)
    (cli.folder / "params.yaml").write_text("rows: 5\nmonth: 3\n")
    (cli.folder / "data").mkdir()
    git = ["git", "-C", str(cli.folder)]
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "Begin"], check=True)
    return cli


@pytest.fixture(scope="module")
def both(project):
    "The pipeline, run from a folder below with a file of values, one of them overridden."
    args = [
        "run",
        "both.py",
        "--params",
        "../params.yaml",
        "-p",
        "month=4",
        "-p",
        f"note={NOTE}",
        "--take",
        "table",
        "--json",
    ]
    before = project.tree
    done = project(*args, cwd="nb")
    assert done.code == 0, done.text
    return done, before


def kept(tree):
    "The files that belong to people, not to tools."
    return {
        path: content
        for path, content in tree.items()
        if not path.startswith((".aiinfra/", ".dvc/", "records/", "kept/"))
    }


def stored(project):
    "What there is, besides the files that SQLite has while it looks."
    return {path: content for path, content in project.tree.items() if not path.endswith(("-shm", "-wal"))}


# -- it goes well ----------------------------------------------------------------------------------------------------


def test_json_is_all_that_is_on_standard_output(both):
    run = both[0].json
    assert (run["state"], run["name"], run["source"]) == ("SUCCEEDED", "both", "nb/both.py")
    assert [(s["name"], s["state"], s["exit_code"]) for s in run["steps"]] == [
        ("make", "SUCCEEDED", 0),
        ("use", "SUCCEEDED", 0),
    ]


def test_p_wins_over_the_file_and_the_file_over_the_default(both):
    assert both[0].json["arguments"] == {"rows": 5, "month": 4, "note": NOTE}


def test_outputs_that_are_numbers_are_metrics(both):
    assert both[0].json["metrics"] == {"lines": 6, "score": 0.001}


def test_progress_is_told_line_by_line_on_standard_error(both):
    said = [re.sub(r"^\[.*?\] |in [\d.:]+ ?s?", "", line) for line in both[0].err.splitlines()]
    wanted = [
        "Run 1",
        "preparing",
        "make: started",
        "make: cell 1/3",
        "make: SUCCEEDED ",
        "use: started",
        "use: SUCCEEDED ",
    ]
    assert [line for line in said if line in wanted] == wanted
    assert any(line.startswith("note: ") and "cpu 2" in line for line in said)


def test_the_texts_arrive_as_they_were_typed(project, both):
    assert project("logs", "1").out == f"use | 6 4 {NOTE}\n"


def test_take_changes_the_dataset_its_dvc_file_and_nothing_else(project, both):
    done, before = both
    now, before = kept(project.tree), kept(before)
    changed = {path for path in now if now[path] != before.get(path)}
    assert changed == {"nb/data/table.csv", "nb/data/table.csv.dvc", "nb/data/.gitignore"}
    assert before.keys() <= now.keys()
    assert (project.folder / "nb/data/table.csv").read_text() == "a,b\n" + "1,2\n" * 5
    assert "took data/table.csv: md5 " in done.err


def test_the_settings_say_where_everything_goes(project, both):
    import sqlite3

    db = sqlite3.connect(project.folder / "records/mlflow.db")
    names = db.execute(
        "SELECT r.name FROM runs r JOIN experiments e USING (experiment_id) WHERE e.name = 'mine'"
    ).fetchall()
    db.close()
    assert sorted(names) == [("both",), ("make",), ("use",)]
    assert len(list((project.folder / "kept/bundles").iterdir())) == 2
    assert not (project.folder / ".aiinfra/store").exists()
    assert not (project.folder / ".aiinfra/mlflow.db").exists()
    assert "records/mlflow.db" in project("show", "1").out


def test_show_tells_it_all_again(project, both):
    lines = [" ".join(line.split()) for line in project("show", "latest").out.splitlines()]
    assert lines[0].startswith("Run 1 · both · SUCCEEDED · ")
    for line in ("month 4", "use lines 6", "use score 0.001", "use .aiinfra/runs/1/steps/use/executed.html"):
        assert line in lines
    manifests = project("show", "1", "--json").json["manifests"]
    assert manifests["use"]["arguments"]["note"] == NOTE
    assert manifests["use"]["exit_code"] == 0


def test_open_finds_the_executed_notebooks(project, both):
    assert project("open", "1", cwd="nb").out == "../.aiinfra/runs/1/steps/use/executed.html\n"
    page = project.folder / project("open", "1", "--step", "make").out.strip()
    assert "<html" in page.read_text()


def test_data_take_puts_a_dataset_back_as_a_run_made_it(project, both):
    table = project.folder / "nb/data/table.csv"
    table.write_text("mine\n")
    before = kept(project.tree)
    done = project("data", "take", "latest:table", cwd="nb")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("data/table.csv: md5 ")
    now = kept(project.tree)
    assert {path for path in now if now[path] != before.get(path)} == {"nb/data/table.csv"}
    assert table.read_text() == "a,b\n" + "1,2\n" * 5
    assert project("data", "take", "1:make.table", "--json", "-C", ".").json["path"] == "nb/data/table.csv"
    for wrong, words in (
        ("table", "RUN:NAME"),
        (":table", "RUN:NAME"),
        ("1:", "RUN:NAME"),
        ("9:table", "no run 9"),
        ("1:tabel", "did you mean 'table'?"),
        ("1:score", "is no dataset"),
    ):
        refused = CliRunner().invoke(main, ["data", "take", wrong, "-C", str(project.folder)])
        assert (refused.exit_code, refused.stdout) == (2, ""), wrong
        assert words in refused.stderr
    assert kept(project.tree) == now


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--take", "tabel"], "did you mean 'table'?"),
        (["--take", "lines"], "no step makes a dataset"),
        (["--take", "table", "--detach"], "--detach"),
        ([], "rows"),
    ],
    ids=str,
)
def test_what_can_not_be_taken_is_told_before_anything_starts(project, both, args, words):
    before = stored(project)
    path = str(project.folder / "nb/both.py")
    done = CliRunner().invoke(main, ["run", path, *(["-p", "rows=1"] if args else []), *args])
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr
    assert stored(project) == before


# -- it doesn't ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def failed(project, both):
    return project("run", "nb/fail.ipynb")


def test_a_cell_that_raises_ends_with_1_and_says_which(project, failed):
    assert failed.code == 1
    assert failed.out.startswith("\nRun 2 · fail · FAILED · ")
    assert "\n  fail: cell 2: KeyError: 'dest'\n" in failed.out
    assert "fail: FAILED in " in failed.err
    assert "Traceback" not in failed.text


def test_logs_show_what_it_printed_and_where_it_raised(project, failed):
    told = project("logs", "2").out
    assert told.startswith("so far\n")
    assert "KeyError: 'dest'" in re.sub(r"\x1b\[[\d;]*m", "", told)
    assert "never" not in told


def test_the_executed_notebook_of_a_failed_run_is_there(project, failed):
    assert "KeyError" in (project.folder / project("open", "latest").out.strip()).read_text()


def test_runs_lists_both(project, failed):
    assert [(r["id"], r["state"]) for r in project("runs", "--json").json] == [
        ("2", "FAILED"),
        ("1", "SUCCEEDED"),
    ]


def test_a_store_that_can_not_be_written_ends_with_3(project, failed):
    (project.folder / "blocked").write_text("a file")
    done = project("run", "nb/fail.ipynb", env={"AIINFRA_STORE": str(project.folder / "blocked")})
    assert (done.code, done.out) == (3, "")
    assert "error: " in done.err
    assert [r["id"] for r in project("runs", "--json").json] == ["2", "1"]


# -- large things ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(project, write, failed):
    "50 MB of saved outputs, a cell that prints 100 MB, and one that takes its kernel down."
    printing = "line = 'x' * 99 + '\\n'\nfor _ in range(100):\n    print(line * 10_000, end='')"
    path = write(
        project.folder / "nb/large.ipynb",
        printing,
        "print('still here', flush=True)",
        "import os; os._exit(7)",
    )
    content = json.loads(path.read_text())
    content["cells"][0]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["x" * 79 + "\n"] * 640_000}
    ]
    path.write_text(json.dumps(content))
    assert path.stat().st_size > 50e6
    done = project("run", "nb/large.ipynb", "--json", timeout=200)
    return done, path


def test_a_notebook_of_50_mb_runs_and_its_outputs_do_not_travel(project, large):
    done, path = large
    assert done.json["steps"][0]["cells"] == 3
    assert path.stat().st_size > 50e6, "the source is never written to"
    record = project.folder / ".aiinfra/runs" / done.json["id"]
    assert sum(f.stat().st_size for f in record.rglob("*") if f.is_file()) < 5e6


def test_a_cell_that_prints_100_mb_is_cut_and_that_is_said(project, large):
    told = project("logs", large[0].json["id"]).out
    assert len(told) < 20_000
    assert "cell_output_limit" in told
    assert told.endswith("still here\n")


def test_a_kernel_that_dies_ends_with_1_and_the_executed_notebook_is_kept(project, large):
    done = large[0]
    assert done.code == 1
    assert done.json["state"] == "FAILED"
    assert done.json["error"] == "large: cell 3: its kernel died with exit code 7"
    assert "still here" in (project.folder / project("open", "latest").out.strip()).read_text()
