"""What comes out when the flights notebooks run."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch
import yaml
from sklearn.metrics import roc_auc_score

SOURCE = Path(__file__).parents[2] / "pipelines" / "flights"


def asked(path):
    """The saved model as a function of a frame's columns, and what its file says about them."""
    details = {"features.json": ""}
    program = torch.export.load(path, extra_files=details).module()
    return program, json.loads(details["features.json"])


def matrix(frame, features):
    numbers = frame[features["numbers"]].to_numpy("float32")
    places = [
        [values.index(v) if v in values else -1 for v in frame[c]]
        for c, values in features["categories"].items()
    ]
    return torch.tensor(np.column_stack([numbers, *places]).astype("float32"))


@pytest.mark.parametrize("table", ["flights", "flights_later"])
def test_preparing_again_gives_the_bytes_that_dvc_knows(flights, table):
    committed = yaml.safe_load((SOURCE / "data" / f"{table}.parquet.dvc").read_text())["outs"][0]
    made = (flights.folder / "data" / f"{table}.parquet").read_bytes()
    assert (hashlib.md5(made).hexdigest(), len(made)) == (committed["md5"], committed["size"])


def test_the_table_has_one_row_a_departure_with_its_weather(flights):
    table = pd.read_parquet(flights.folder / "data" / "flights.parquet")
    assert len(table) == flights.values["prepare"]["rows"] == 78_146
    assert not table.duplicated(["scheduled", "origin", "carrier", "flight"]).any()
    assert set(table["scheduled"].dt.month) == {1, 2, 3}
    assert table["temp"].notna().mean() > 0.99
    assert table["late"].equals(table["dep_delay"] > 15)
    assert table["late"].mean() == pytest.approx(flights.values["prepare"]["late_share"], abs=1e-6)
    assert set(pd.read_parquet(flights.folder / "data" / "flights_later.parquet")["scheduled"].dt.month) == {
        7
    }
    assert pq.read_schema(flights.folder / "data" / "flights.parquet").metadata is None


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_the_model_answers_any_number_of_flights_each_by_itself(flights, rows):
    model, features = asked(flights.folder / "out" / "model.pt2")
    x = matrix(pd.read_parquet(flights.folder / "data" / "flights_later.parquet").head(1000), features)
    whole, part = model(x), model(x[:rows])
    assert part.shape == (rows,)
    assert torch.allclose(part, whole[:rows], atol=1e-6)
    assert ((part > 0) & (part < 1)).all()


def test_the_model_standardises_by_itself_and_bears_what_it_has_never_seen(flights):
    model, features = asked(flights.folder / "out" / "model.pt2")
    frame = pd.read_parquet(flights.folder / "data" / "flights.parquet").head(2)
    missing = matrix(frame.assign(pressure=np.nan), features)
    average = matrix(frame.assign(pressure=float(frame["pressure"].mean())), features)
    strange = matrix(frame.assign(dest="XXX", temp=1e6), features)
    for x in (missing, average, strange):
        answer = model(x)
        assert torch.isfinite(answer).all()
        assert ((answer > 0) & (answer < 1)).all()
    buffers = dict(model.named_buffers())
    temp = features["numbers"].index("temp")
    assert buffers["mean"][temp] == pytest.approx(38, abs=2)  # °F, the winter's mean


def test_what_the_notebooks_say_of_the_model_is_true(flights):
    model, features = asked(flights.folder / "out" / "model.pt2")
    later = pd.read_parquet(flights.folder / "data" / "flights_later.parquet")
    auc = roc_auc_score(later["late"], model(matrix(later, features)).detach())
    assert flights.values["evaluate"]["auc"] == pytest.approx(auc, abs=1e-4)
    assert 0.68 < flights.values["train"]["auc"] < 0.76
    assert 0.68 < flights.values["evaluate"]["auc"] < 0.76


def test_a_model_of_winter_keeps_its_order_in_july_but_not_its_promises(flights):
    said = flights.values["evaluate"]
    assert said["calibration_gap"] < -0.1
    july = flights.values["later"]["late_share"]
    assert said["brier"] > july * (1 - july)


def test_by_hand_mlflow_keeps_to_the_folder_that_git_ignores(flights):
    import mlflow

    store = f"sqlite:///{flights.folder}/out/mlflow.db"
    client = mlflow.MlflowClient(store, store)
    version = client.get_model_version_by_alias("flights-late", "challenger")
    run = client.get_run(version.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["hidden"] == "[64, 64]"
    assert run.info.artifact_uri.startswith((flights.folder / "out").as_uri())
    assert not (flights.folder / "mlruns").exists()
    assert not (flights.folder / "mlflow.db").exists()
    assert "/out/" in (SOURCE / ".gitignore").read_text().split()


def test_the_registered_model_is_the_saved_one_and_takes_plain_arrays(flights, monkeypatch):
    import mlflow

    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{flights.folder}/out/mlflow.db")
    saved, features = asked(flights.folder / "out" / "model.pt2")
    x = matrix(pd.read_parquet(flights.folder / "data" / "flights_later.parquet").head(50), features)
    registered = mlflow.pyfunc.load_model("models:/flights-late@challenger")
    assert np.allclose(registered.predict(x.numpy()), saved(x).detach().numpy(), atol=1e-6)


def test_drift_says_what_moved_and_leaves_a_page(flights):
    assert flights.values["drift"] == {"drift_share": 7 / 13, "drifted": True, "target_drifted": True}
    page = (flights.folder / "out" / "drift.html").read_text()
    assert "Drifted: 7 of 13 columns did" in page


@pytest.mark.parametrize("key", ["prepare", "later", "train", "evaluate", "drift"])
def test_no_notebook_warns(flights, key):
    outputs = [o for cell in flights.executed[key].cells for o in cell.get("outputs", [])]
    assert [o.text for o in outputs if o.get("name") == "stderr"] == []


@pytest.mark.long
def test_the_same_seed_gives_the_same_model(step):
    assert step.values["train"] == step.values["joined"]
    first, second = (
        dict(asked(step.folder / "out" / n)[0].named_parameters()) for n in ("model.pt2", "joined.pt2")
    )
    assert first.keys() == second.keys()
    assert all(torch.equal(first[k], second[k]) for k in first)


@pytest.mark.long
def test_in_a_step_the_notebooks_join_the_run_they_are_given(step):
    runs = step.client.search_runs([e.experiment_id for e in step.client.search_experiments()])
    assert [run.info.run_id for run in runs] == [step.run_id]
    assert step.client.get_model_version_by_alias("flights-late", "challenger").run_id == step.run_id
    assert runs[0].data.metrics["auc"] == step.values["joined"]["auc"]
    assert runs[0].data.metrics["drift_share"] == step.values["joined-drift"]["drift_share"]
    assert len(step.client.get_metric_history(step.run_id, "valid_auc")) == 8
    assert {a.path for a in step.client.list_artifacts(step.run_id)} >= {"curves.png", "drift"}
