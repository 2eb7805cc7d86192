"""`runs`, `show`, `logs`, `open` and `cancel`, over runs that the store knows."""

import pytest

from aiinfra.runs.events import Event
from aiinfra.runs.store import RunStore


@pytest.fixture(scope="module")
def project(make_cli):
    "Three runs: one that went well, one that failed, one of two steps that was cancelled."
    cli = make_cli("runs")
    (cli.folder / "settings.ini").write_text(
        "[aiinfra]\ntracking_uri = http://ada:secret@mlflow.example.org:5000/\n"
    )
    (cli.folder / "nb").mkdir()
    store = RunStore(cli.folder / ".aiinfra")
    for name, state, steps, metrics in (
        ("train", "SUCCEEDED", ["train"], {"auc": 0.66412345, "loss": float("nan")}),
        ("train", "FAILED", ["train"], {}),
        ("flights", "CANCELED", ["learn", "later"], {}),
    ):
        run = store.create(
            name, f"nb/{name}.ipynb", arguments={"month": 3, "note": "it's"}, user="ada", steps=steps
        )
        with store.hold(run.id):
            store.update_run(run.id, state="RUNNING", mlflow_run_id=f"m{run.id}")
            log = store.events(run.id)
            for step in steps:
                folder = store.run_dir(run.id) / "steps" / step
                folder.mkdir(parents=True)
                (folder / "executed.ipynb").write_text("{}")
                store.update_step(run.id, step, state="RUNNING", cell=1, cells=2)
                log.append(Event.now("step-started", step))
                log.append(Event.now("log", step, text=f"hello from {step}\n", stream="stdout"))
                error = "cell 1: KeyError: 'x'" if state == "FAILED" else None
                raised = [{"output_type": "error", "traceback": ["KeyError: 'x'"]}] if error else []
                log.append(Event.now("cell-finished", step, cell=1, total=2, outputs=raised))
                store.update_step(run.id, step, state=state, error=error, exit_code=1 if error else 0)
            log.append(Event.now("run-finished", state=state, error=error))
            store.update_run(run.id, state=state, metrics=metrics, error=f"train: {error}" if error else None)
    store.close()
    return cli


def test_runs_lists_the_newest_first(project):
    lines = [line.split() for line in project("runs").out.splitlines()]
    assert [line[0] for line in lines] == ["RUN", "3", "2", "1"]
    assert lines[3][1:4] == ["✓", "train", "SUCCEEDED"]
    assert lines[3][-4:] == ["auc", "0.664123", "loss", "nan"]
    assert lines[2][-4:] == ["train:", "cell", "1:", "KeyError:", "'x'"][-4:]


def test_runs_as_json(project):
    listed = project("runs", "--json").json
    assert [(r["id"], r["name"], r["state"]) for r in listed] == [
        *[("3", "flights", "CANCELED"), ("2", "train", "FAILED"), ("1", "train", "SUCCEEDED")]
    ]
    assert listed[2]["metrics"] == {"auc": 0.66412345, "loss": "NaN"}
    assert listed[0]["arguments"] == {"month": 3, "note": "it's"}
    assert all("steps" not in run for run in listed), "they are not asked for, which isn't the same as none"


@pytest.mark.parametrize(
    ("args", "ids"),
    [
        (["-n", 1], ["3"]),
        (["-n", 10**30], ["3", "2", "1"]),
        (["--limit", 2], ["3", "2"]),
        (["--state", "failed"], ["2"]),
        (["--state", "SUCCEEDED", "--text", "TRAIN"], ["1"]),
        (["--text", "flights.ip"], ["3"]),
        (["--text", "%"], []),
        (["--state", "RUNNING"], []),
    ],
    ids=str,
)
def test_runs_can_be_chosen(project, args, ids):
    assert [r["id"] for r in project("runs", "--json", *args).json] == ids


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["-n", "0"], "x>=1"),
        (["-n", "-1"], "x>=1"),
        (["-n", "x"], "not a valid integer"),
        (["--state", "FALED"], "did you mean 'FAILED'?"),
        (["--state", ""], "not a state"),
        (["-C", "nowhere"], "nowhere"),
        (["-C", "settings.ini"], "settings.ini"),
        (["extra"], "extra"),
    ],
    ids=str,
)
def test_wrong_choices_are_refused(project, args, words):
    done = project("runs", *args)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_no_runs_to_show_are_no_error(project, cli):
    assert project("runs", "--text", "nothing").out == "No such runs.\n"
    assert "aiinfra run NOTEBOOK" in cli("runs").out
    assert cli("runs", "--json").json == []
    assert cli.tree == {}, "looking leaves nothing behind"


@pytest.mark.parametrize("verb", ["show", "logs", "open", "cancel"])
@pytest.mark.parametrize("run", ["99", "0", "abc", "", "-1", "1.0", "१", "1; rm", "9" * 30, "LATEST", "../1"])
def test_a_run_that_does_not_exist_is_told(project, verb, run, monkeypatch):
    from click.testing import CliRunner

    from aiinfra.cli.main import main

    monkeypatch.chdir(project.folder)
    done = CliRunner().invoke(main, [verb, "--", run])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "aiinfra runs" in done.stderr


@pytest.mark.parametrize("verb", ["show", "logs", "open", "cancel"])
def test_before_the_first_run_each_verb_says_how_to_make_one(cli, verb):
    done = cli(verb, "latest")
    assert (done.code, done.out) == (2, "")
    assert "aiinfra run NOTEBOOK" in done.err
    assert cli.tree == {}


def test_show_tells_what_is_known_and_no_password(project):
    told = project("show", "1")
    lines = [" ".join(line.split()) for line in told.out.splitlines()]
    assert lines[0].startswith("Run 1 · train · SUCCEEDED")
    for line in (
        "month 3",
        'note "it\'s"',
        "train .aiinfra/runs/1/steps/train/executed.ipynb",
        ".aiinfra/runs/1",
    ):
        assert line in lines
    assert "http://mlflow.example.org:5000/#/runs/m1" in lines
    assert "secret" not in told.text


def test_show_as_json(project):
    shown = project("show", "latest", "--json").json
    assert (shown["id"], shown["state"]) == ("3", "CANCELED")
    assert [s["name"] for s in shown["steps"]] == ["learn", "later"]
    assert shown["manifests"] == {"learn": None, "later": None}
    assert shown["folder"] == str(project.folder / ".aiinfra/runs/3")


def test_verbs_about_runs_work_from_a_folder_below_and_from_another_project(project, cli):
    assert "../.aiinfra/runs/1" in project("show", "1", cwd="nb").out
    assert cli("show", "1", "-C", project.folder / "nb").code == 0
    assert cli("runs", "--project", project.folder, "--json").json[0]["id"] == "3"


def test_logs_are_what_cells_printed(project):
    assert project("logs", "1").out == "hello from train\n"
    assert project("logs", "latest").out == "learn | hello from learn\nlater | hello from later\n"
    assert project("logs", "3", "--step", "later").out == "hello from later\n"
    assert project("logs", "1", "-f").out == "hello from train\n"


def test_logs_end_with_the_traceback_of_the_cell_that_raised(project):
    assert project("logs", "2").out == "hello from train\nKeyError: 'x'\n"


def test_logs_of_an_unknown_step_are_refused(project):
    done = project("logs", "3", "--step", "lern")
    assert (done.code, done.out) == (2, "")
    assert "did you mean 'learn'?" in done.err


def test_logs_as_json_are_events_one_a_line(project, strict_json):
    events = [strict_json(line) for line in project("logs", "3", "--json").out.splitlines()]
    assert [e["kind"] for e in events].count("log") == 2
    assert events[-1]["kind"] == "run-finished"
    steps = [
        strict_json(line)["step"]
        for line in project("logs", "3", "--json", "--step", "learn").out.splitlines()
    ]
    assert set(steps) == {"learn"}


def test_the_first_lines_of_a_log_are_enough_for_who_wants_no_more(project):
    done = project.shell("aiinfra logs latest | head -1")
    assert (done.out, done.err) == ("learn | hello from learn\n", "")


def test_open_prints_the_executed_notebook(project):
    assert project("open", "1").out == ".aiinfra/runs/1/steps/train/executed.ipynb\n"
    assert project("open", "3", "--step", "later").out == ".aiinfra/runs/3/steps/later/executed.ipynb\n"
    done = project("open", "3", "--step", "nope")
    assert (done.code, done.out) == (2, "")
    assert "learn" in done.err


def test_cancelling_what_has_ended_changes_nothing(project):
    assert project("cancel", "1").out == "run 1 had ended already: SUCCEEDED\n"
    assert project("cancel", "2", "--json").json["state"] == "FAILED"
    assert project("show", "1", "--json").json["state"] == "SUCCEEDED"


def test_a_database_that_is_none_is_told(make_cli):
    cli = make_cli()
    (cli.folder / ".aiinfra").mkdir()
    (cli.folder / ".aiinfra/runs.db").write_text("this is no database" * 100)
    done = cli("runs")
    assert done.code == 3
    assert "error: " in done.err


# -- compare ---------------------------------------------------------------------------------------------------------


def test_compare_shows_what_is_different_and_counts_what_is_equal(project):
    lines = [line.split() for line in project("compare", "1", "3").out.splitlines() if line.strip()]
    assert lines[0] == ["RUN", "1", "RUN", "3"]
    assert ["source", "nb/train.ipynb", "nb/flights.ipynb"] in lines
    assert ["parameters", "(2", "of", "2", "equal)"] in lines
    assert not [line for line in lines if line[0] == "month"]


def test_compare_as_json_has_everything(project):
    found = project("compare", "1", "latest", "--json").json
    assert [run["id"] for run in found["runs"]] == ["1", "3"]
    assert {"name": "month", "values": [3, 3], "differs": False} in found["groups"]["parameters"]


def test_compare_says_which_run_is_not_there(project):
    done = project("compare", "1", "77")
    assert done.code == 2
    assert "77" in done.err


def test_compare_wants_runs(project):
    assert project("compare").code == 2
