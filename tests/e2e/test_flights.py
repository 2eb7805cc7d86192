"""The example as a person meets it: a fresh clone, one command, and everything that it promises is there."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
AIINFRA = Path(sys.executable).with_name("aiinfra")


def aiinfra(folder, *args, timeout=1200):
    done = subprocess.run(
        [AIINFRA, *args], cwd=folder, capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A clone of this checkout's last commit, in a folder with another name."""
    folder = tmp_path_factory.mktemp("e2e") / "somebody's clone"
    subprocess.run(["git", "clone", "-q", REPOSITORY, folder], check=True)
    return folder


@pytest.fixture(scope="module")
def before(clone):
    return tree(clone)


@pytest.fixture(scope="module")
def run(clone, before):
    done = aiinfra(clone, "run", "pipelines/flights/pipeline.py", "--json")
    return json.loads(done.stdout)


def tree(folder):
    """Every file that git would see, with its hash."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in listed if name}


def manifests(clone):
    shown = json.loads(aiinfra(clone, "show", "latest", "--json").stdout)
    return shown["manifests"]


pytestmark = pytest.mark.timeout(1500)


def test_every_step_succeeds(run):
    assert run["state"] == "SUCCEEDED"
    assert {s["name"]: s["state"] for s in run["steps"]} == dict.fromkeys(
        ["prepare", "prepare-later", "train", "evaluate", "drift"], "SUCCEEDED"
    )


def test_the_metrics_are_those_that_the_notebooks_computed(run, clone):
    assert 0.68 < run["metrics"]["train.auc"] < 0.78
    assert 0.65 < run["metrics"]["evaluate.auc"] < 0.75
    values = {o["name"]: o["value"] for o in manifests(clone)["evaluate"]["outputs"]}
    assert values["auc"] == run["metrics"]["evaluate.auc"]


def test_july_has_drifted_from_the_first_quarter(run, clone):
    values = {o["name"]: o["value"] for o in manifests(clone)["drift"]["outputs"]}
    assert values["drifted"] is True
    assert values["drift_share"] == run["metrics"]["drift_share"] > 0.3


def test_the_data_is_the_version_that_is_committed(run, clone):
    committed = yaml.safe_load((clone / "pipelines/flights/data/flights.parquet.dvc").read_text())["outs"][0]
    made = next(o for o in manifests(clone)["prepare"]["outputs"] if o["name"] == "flights")
    assert (made["md5"], made["size"]) == (committed["md5"], committed["size"])


def test_the_drift_report_and_the_executed_notebooks_are_pages_to_open(run, clone):
    for name, manifest in manifests(clone).items():
        page = clone / ".aiinfra" / "runs" / run["id"] / "steps" / name / "executed.html"
        assert "<html" in page.read_text()[:1000]
        for output in manifest["outputs"]:
            if output["artifact"] == "HTML":
                assert output["uri"].endswith(".html")
                assert "Dataset Drift" in Path(output["uri"]).read_text()


def test_the_run_is_in_mlflow_with_its_steps_and_the_registered_model(run, clone):
    from mlflow.tracking import MlflowClient

    client = MlflowClient(f"sqlite:///{clone}/.aiinfra/mlflow.db")
    parent = client.get_run(run["mlflow_run_id"])
    assert parent.info.status == "FINISHED"
    children = client.search_runs(
        [parent.info.experiment_id], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    )
    assert {c.info.run_name for c in children} == {s["name"] for s in run["steps"]}
    train = next(c for c in children if c.info.run_name == "train")
    assert train.data.metrics["auc"] == run["metrics"]["train.auc"]
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=clone, capture_output=True, text=True, check=True)
    assert train.data.tags["mlflow.source.git.commit"] == head.stdout.strip()
    assert {i.dataset.name for i in train.inputs.dataset_inputs} == {"flights"}
    assert {"executed.ipynb", "executed.html", "manifest.json"} <= {
        a.path for a in client.list_artifacts(train.info.run_id)
    }
    versions = client.search_model_versions(f"run_id = '{train.info.run_id}'")
    assert len(versions) == 1
    assert client.get_registered_model(versions[0].name).aliases


def test_the_workspace_is_as_it_was(run, clone, before):
    assert tree(clone) == before


def test_compiling_twice_gives_the_same_bytes_and_kfp_loads_them(clone, tmp_path):
    from kfp import components

    files = [tmp_path / name for name in ("a.yaml", "b.yaml")]
    for file in files:
        aiinfra(clone, "compile", "pipelines/flights/pipeline.py", "-o", str(file))
    assert files[0].read_bytes() == files[1].read_bytes()
    assert components.load_component_from_file(str(files[0])).name == "flights"


def test_a_dataset_that_the_run_made_can_be_taken(run, clone):
    aiinfra(clone, "data", "take", f"{run['id']}:prepare.flights")
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""
    assert (clone / "pipelines/flights/data/flights.parquet").exists()
