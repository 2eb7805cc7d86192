"""The flights notebooks, executed as in JupyterLab: in their own folder, with no aiinfra around them."""

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

SOURCE = Path(__file__).parents[2] / "pipelines" / "flights"
OUTPUTS = {
    "prepare": ["rows", "late_share"],
    "train": ["auc"],
    "evaluate": ["auc", "brier", "calibration_gap"],
    "drift": ["drift_share", "drifted", "target_drifted"],
}


class Flights:
    """A copy of pipelines/flights where notebooks are run, and what their variables held at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.values: dict[str, dict] = {}
        self.executed: dict[str, nbformat.NotebookNode] = {}
        folder.mkdir()
        for notebook in SOURCE.glob("*.ipynb"):
            shutil.copy(notebook, folder)

    def run(self, name: str, key: str | None = None, env: dict | None = None, **parameters) -> None:
        """Run the notebook `name`; its value outputs are kept in `values`, and the executed one in `executed`."""
        key = key or name
        notebook = parameterize_notebook(load_notebook_node(str(self.folder / f"{name}.ipynb")), parameters)
        values = ", ".join(f"{v!r}: {v}" for v in OUTPUTS[name])
        notebook.cells.append(nbformat.v4.new_code_cell(f"import json\nprint(json.dumps({{{values}}}))"))
        kernel = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
        kernel |= {"OMP_NUM_THREADS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"} | (env or {})
        NotebookClient(notebook, kernel_name="python3").execute(cwd=str(self.folder), env=kernel)
        self.values[key] = json.loads(notebook.cells.pop().outputs[0].text)
        self.executed[key] = notebook


@pytest.fixture(scope="session")
def flights(tmp_path_factory) -> Flights:
    """All notebooks by hand: both tables, a model, its evaluation, drift."""
    at = Flights(tmp_path_factory.mktemp("flights") / "work")
    later = {"first_month": 7, "last_month": 7, "flights": "data/flights_later.parquet"}
    with ThreadPoolExecutor(2) as pool:
        for stage in (
            [("prepare", "prepare", {}), ("prepare", "later", later)],
            [("train", "train", {}), ("drift", "drift", {})],
            [("evaluate", "evaluate", {})],
        ):
            for task in [pool.submit(at.run, name, key, **given) for name, key, given in stage]:
                task.result()
    return at


@pytest.fixture(scope="session")
def step(flights) -> Flights:
    """Training and drift once more, in the MLflow run that a step gives them."""
    import mlflow

    store = f"sqlite:///{flights.folder}/given.db"
    flights.client = mlflow.MlflowClient(store, store)
    experiment = flights.client.create_experiment(
        "given", artifact_location=(flights.folder / "given").as_uri()
    )
    flights.run_id = flights.client.create_run(experiment).info.run_id
    env = {"MLFLOW_TRACKING_URI": store, "MLFLOW_RUN_ID": flights.run_id}
    flights.run("train", "joined", env, model="out/joined.pt2")
    flights.run("drift", "joined-drift", env, report="out/joined.html")
    return flights
