"""What MLflow shows of a step: from the record alone, and from a step that has nobody else to tell it."""

import json
import math
import sqlite3
import subprocess
import sys

import pytest
from mlflow.tracking import MlflowClient

from aiinfra.errors import InfrastructureError
from aiinfra.project.data import Version
from aiinfra.project.git import GitState
from aiinfra.step.outputs import Produced
from aiinfra.step.record import Failure, Manifest, NotebookRecord, read_manifest, write_manifest
from aiinfra.step.tracking import close_run, experiment_id, log_record, open_run
from aiinfra.step.workspace import Placed


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    "An MLflow store of its own; its schema is made once."
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/mlflow.db"


@pytest.fixture(scope="module")
def client(uri):
    experiment_id(uri, "flights")
    return MlflowClient(uri)


@pytest.fixture
def new_run(uri, client):
    return lambda **how: open_run(uri, experiment_id(uri, "flights"), "train", **how)


def manifest(**more):
    given = {
        "run": "41",
        "task": "train",
        "state": "SUCCEEDED",
        "started": 1.0,
        "finished": 49.5,
        "bundle": "sha256:9f86",
    }
    return Manifest(**given | more)


@pytest.fixture
def logged(uri, client, new_run, tmp_path):
    "Log a manifest; returns MLflow's run."

    def logged(run=None, **fields):
        run = run or new_run()
        write_manifest(manifest(**fields), tmp_path)
        metrics = log_record(uri, run, tmp_path)
        return client.get_run(run), metrics

    return logged


def test_params_and_metrics(logged):
    outputs = [
        Produced("auc", value=0.664),
        Produced("n", value=7),
        Produced("ok", value=True),
        Produced("name", value="x"),
    ]
    arguments = {
        "month": 3,
        "rate": 1e-3,
        "optimizer": "adam",
        "hidden": [64, 64],
        "holdout": None,
        "on": True,
    }
    run, metrics = logged(arguments=arguments, outputs=outputs)
    assert run.data.params == {
        **{
            "month": "3",
            "rate": "0.001",
            "optimizer": "adam",
            "hidden": "[64, 64]",
            "holdout": "null",
            "on": "true",
        }
    }
    assert run.data.metrics == metrics == {"auc": 0.664, "n": 7.0, "ok": 1.0}
    assert (run.info.status, run.info.end_time) == ("FINISHED", 49500)


def test_a_metric_that_is_no_number_is_left_out(logged):
    run, metrics = logged(outputs=[Produced("loss", value=math.nan), Produced("bound", value=math.inf)])
    assert run.data.metrics == metrics == {}


def test_tags_name_the_source_as_mlflow_does(logged):
    git = GitState(
        commit="9f86d081", branch="main", dirty=True, patch="secret patch", remote="https://example.org/f.git"
    )
    notebook = NotebookRecord(path="pipelines/train.ipynb", sha256="ab", cells={})
    run, _ = logged(git=git, notebook=notebook, user="ada", target="local")
    tags = run.data.tags
    assert tags["mlflow.source.name"] == "pipelines/train.ipynb"
    assert tags["mlflow.source.type"] == "NOTEBOOK"
    assert tags["mlflow.source.git.commit"] == "9f86d081"
    assert tags["mlflow.source.git.branch"] == "main"
    assert tags["mlflow.source.git.repoURL"] == "https://example.org/f.git"
    assert tags["mlflow.user"] == "ada"
    assert (tags["aiinfra.run"], tags["aiinfra.task"], tags["aiinfra.target"]) == ("41", "train", "local")
    assert (tags["aiinfra.state"], tags["aiinfra.git.dirty"]) == ("SUCCEEDED", "true")
    assert tags["aiinfra.bundle"] == "sha256:9f86"


@pytest.mark.parametrize(
    ("state", "status"), [("SUCCEEDED", "FINISHED"), ("FAILED", "FAILED"), ("CANCELED", "KILLED")]
)
def test_the_state_in_mlflows_words(logged, state, status):
    run, _ = logged(
        state=state, error=None if state == "SUCCEEDED" else Failure(type="CellError", message="cell 3: x")
    )
    assert run.info.status == status
    assert run.data.tags.get("aiinfra.error") == (None if state == "SUCCEEDED" else "cell 3: x")


def test_inputs_are_datasets(logged):
    version = Version(
        "data/flights.csv", "8d11f27f17d26183a6b467497578abe1", 20, "clean", "9f86", "s3://data/dvc"
    )
    inputs = [
        Placed("flights", "../data/flights.csv", version.md5, 20, version=version),
        Placed("model", "inputs/model", "77d1f27f17d26183a6b467497578abe1.dir", 4096, uri="/runs/40/model"),
    ]
    run, _ = logged(inputs=inputs)
    flights, model = (i.dataset for i in run.inputs.dataset_inputs)
    assert (flights.name, flights.digest, flights.source_type) == ("flights", version.md5, "dvc")
    assert json.loads(flights.source) == version.to_dict()
    assert json.loads(flights.profile) == {"bytes": 20}
    assert (model.source_type, json.loads(model.source)) == ("artifact", {"uri": "/runs/40/model"})
    assert [i.tags[0].value for i in run.inputs.dataset_inputs] == ["flights", "model"]


def test_the_files_of_the_record_are_artifacts(logged, client, tmp_path):
    for name in ("executed.ipynb", "executed.html", "log.txt", "other.txt"):
        (tmp_path / name).write_text(name)
    run, _ = logged()
    names = {a.path for a in client.list_artifacts(run.info.run_id)}
    assert names == {"executed.ipynb", "executed.html", "manifest.json", "log.txt"}


def test_what_the_notebook_logged_itself_stays(logged, client, new_run):
    run = new_run()
    client.log_param(run, "month", "as the notebook says")
    client.log_metric(run, "auc", 0.5, step=7)
    client.log_metric(run, "loss", 0.1)
    logged_run, metrics = logged(run, arguments={"month": 3}, outputs=[Produced("auc", value=0.6)])
    assert logged_run.data.params["month"] == "as the notebook says"
    assert [m.value for m in client.get_metric_history(run, "auc")] == [0.6, 0.5]
    assert metrics == {"loss": 0.1, "auc": 0.6}


def test_a_metric_that_the_notebook_logged_with_the_same_value_is_not_logged_twice(logged, client, new_run):
    run = new_run()
    client.log_metric(run, "auc", 0.5)
    logged(run, outputs=[Produced("auc", value=0.5)])
    assert len(client.get_metric_history(run, "auc")) == 1


def test_logging_a_record_again_changes_nothing(logged, new_run):
    run = new_run()
    given = {"arguments": {"month": 3}, "outputs": [Produced("auc", value=0.5)]}
    first, again = logged(run, **given)[0], logged(run, **given)[0]
    assert (first.data.params, first.data.metrics) == (again.data.params, again.data.metrics)


def test_what_is_too_long_or_odd_for_mlflow_is_cut_or_escaped(logged):
    run, _ = logged(
        arguments={"long": "x" * 10_000, "odd": "lone \ud800", "empty": ""},
        error=Failure(type="CellError", message="y" * 10_000),
        state="FAILED",
    )
    assert (len(run.data.params["long"]), run.data.params["long"][-1]) == (6000, "…")
    assert run.data.params["odd"] == "lone \\ud800"
    assert run.data.params["empty"] == ""
    assert len(run.data.tags["aiinfra.error"]) == 5000


def test_more_parameters_than_mlflow_takes_at_once(logged):
    run, _ = logged(arguments={f"p{i}": i for i in range(250)})
    assert len(run.data.params) == 250


def test_a_step_is_a_child_of_its_run(new_run, client):
    parent = new_run()
    child = client.get_run(new_run(parent=parent, tags={"aiinfra.run": "41"}))
    assert child.data.tags["mlflow.parentRunId"] == parent
    assert child.data.tags["aiinfra.run"] == "41"


def test_the_run_of_a_pipeline_is_closed_with_the_metrics_of_its_steps(uri, client, new_run):
    run = new_run()
    close_run(uri, run, "FAILED", {"auc": 0.5, "loss": math.nan}, {"aiinfra.error": "z" * 9000})
    closed = client.get_run(run)
    assert (closed.info.status, closed.data.metrics) == ("FAILED", {"auc": 0.5})
    assert len(closed.data.tags["aiinfra.error"]) == 5000


def test_a_folder_without_a_record(uri, new_run, tmp_path):
    with pytest.raises(InfrastructureError, match="left no manifest"):
        log_record(uri, new_run(), tmp_path)


def test_a_run_that_is_not_there(uri, client, tmp_path):
    write_manifest(manifest(), tmp_path)
    with pytest.raises(InfrastructureError, match="MLflow could not be used"):
        log_record(uri, "0" * 32, tmp_path)


def test_artifacts_of_a_local_store_lie_beside_its_database(client, uri):
    place = client.get_experiment_by_name("flights").artifact_location
    assert place == "file://" + uri.removeprefix("sqlite:///").replace("mlflow.db", "mlartifacts")


def test_two_processes_that_come_first_make_one_store(tmp_path):
    code = "import sys; from aiinfra.step.tracking import experiment_id; print(experiment_id(sys.argv[1], 'flights'))"
    argv = [sys.executable, "-c", code, f"sqlite:///{tmp_path}/new/mlflow.db"]
    both = [
        subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    answers = {process.communicate(timeout=120)[0] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert len(answers) == 1
    with sqlite3.connect(tmp_path / "new" / "mlflow.db") as database:
        assert database.execute("SELECT count(*) FROM experiments WHERE name = 'flights'").fetchone() == (1,)


# -- a step on a cluster, which nobody but itself can record -----------------------------------------------------

TRAIN = """
import mlflow
with mlflow.start_run():
    mlflow.log_metric("loss", 0.1)
auc = month / 12
"""


@pytest.fixture
def alone(lab, uri, tmp_path):
    "Run a step without AIINFRA_RECORD. Returns what ended, with the record as it was published."

    def alone(*cells, **env):
        (tmp_path / "origin.json").write_text(
            json.dumps({"mlflow_run_id": env.pop("parent", None), "experiment": "flights"})
        )
        own = {
            "AIINFRA_RECORD": None,
            "AIINFRA_ORIGIN": str(tmp_path / "origin.json"),
            "TMPDIR": str(tmp_path),
        }
        notebook = lab.notebook(*cells, parameters="month: int = 1\nauc: Output[float]")
        ended = lab.run(notebook, values={"month": 3.0}, env=own | {"MLFLOW_TRACKING_URI": uri} | env)
        ended.record = lab.root / "store" / "runs" / "41" / "train"
        return ended

    return alone


def test_a_step_alone_opens_a_child_of_the_run_and_publishes_its_record(alone, client, new_run):
    parent = new_run()
    ended = alone(TRAIN, parent=parent)
    assert ended.code == 0, ended.stderr
    assert {"executed.ipynb", "executed.html", "manifest.json", "events.jsonl"} <= set(ended.files)
    run = client.get_run(ended.manifest.mlflow_run_id)
    assert run.data.tags["mlflow.parentRunId"] == parent
    assert (run.info.run_name, run.info.status) == ("train", "FINISHED")
    assert run.data.metrics == {"loss": 0.1, "auc": 0.25}  # what the notebook logged is in the same run
    assert run.data.params == {"month": "3"}
    assert {a.path for a in client.list_artifacts(run.info.run_id)} >= {
        "executed.ipynb",
        "executed.html",
        "manifest.json",
    }


def test_a_step_joins_the_run_that_it_is_given(alone, client, new_run):
    given = new_run()
    ended = alone("1 / 0", MLFLOW_RUN_ID=given)
    assert ended.code == 1
    assert ended.manifest.mlflow_run_id == given
    run = client.get_run(given)
    assert run.info.status == "FAILED"
    assert "ZeroDivisionError" in run.data.tags["aiinfra.error"]


def test_a_tracking_server_that_is_not_there_ends_a_step_before_it_computes(alone):
    ended = alone("auc = 1", MLFLOW_TRACKING_URI="nosuchscheme://mlflow")
    assert ended.code == 3
    assert "MLflow could not be used" in ended.stderr
    assert (ended.manifest.state, ended.manifest.error.type) == ("FAILED", "InfrastructureError")
    assert "executed.ipynb" not in ended.files or ended.manifest.timings == []


def test_a_record_that_the_caller_publishes_is_left_alone(lab, uri, client, new_run):
    given = new_run()
    ended = lab.run(lab.notebook("1"), env={"MLFLOW_TRACKING_URI": uri, "MLFLOW_RUN_ID": given})
    assert ended.code == 0
    assert client.get_run(given).info.status == "RUNNING"
    assert read_manifest(ended.record).mlflow_run_id == given
