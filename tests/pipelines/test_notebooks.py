"""What the committed notebooks say and show, without running them."""

import base64
import json
from pathlib import Path

import nbformat
import pytest

from aiinfra.notebook.interface import read_interface
from aiinfra.notebook.lint import check_notebook
from aiinfra.notebook.source import read_notebook

SOURCE = Path(__file__).parents[2] / "pipelines" / "flights"
NOTEBOOKS = ["prepare", "train", "evaluate", "drift"]


def interface(name):
    return read_interface(read_notebook(SOURCE / f"{name}.ipynb"))


@pytest.mark.parametrize(
    ("name", "parameters", "inputs", "outputs"),
    [
        (
            "prepare",
            {
                "first_month": "int",
                "last_month": "int",
                "airport": 'Literal["EWR", "JFK", "LGA"] | None',
                "late_after": "int",
            },
            {},
            {"flights": "Dataset", "rows": "int", "late_share": "float"},
        ),
        (
            "train",
            {
                "hidden": "list[int]",
                "dropout": "float",
                "learning_rate": "float",
                "optimizer": 'Literal["adam", "sgd"]',
                "batch_size": "int",
                "epochs": "int",
                "seed": "int",
                "registered_model": "str | None",
            },
            {"flights": "data/flights.parquet"},
            {"model": "Model", "auc": "float"},
        ),
        (
            "evaluate",
            {"bins": "int"},
            {"model": "out/model.pt2", "flights": "data/flights_later.parquet"},
            {"auc": "float", "brier": "float", "calibration_gap": "float"},
        ),
        (
            "drift",
            {},
            {"current": "data/flights_later.parquet", "reference": "data/flights.parquet"},
            {"report": "HTML", "drift_share": "float", "drifted": "bool", "target_drifted": "bool"},
        ),
    ],
)
def test_the_interface_is_what_the_pipeline_builds_on(name, parameters, inputs, outputs):
    got = interface(name)
    assert {p.name: str(p.type) for p in got.parameters} == parameters
    assert {i.name: i.default for i in got.inputs} == inputs
    assert {o.name: o.artifact or str(o.type) for o in got.outputs} == outputs


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_everything_in_the_interface_is_described(name):
    got = interface(name)
    assert got.title != name
    assert got.description
    assert all(x.description for x in (*got.parameters, *got.inputs, *got.outputs))


def test_a_month_is_a_month():
    months = {p.name: (p.minimum, p.maximum) for p in interface("prepare").parameters}
    assert months["first_month"] == months["last_month"] == (1, 12)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_they_will_run_from_top_to_bottom(name):
    assert check_notebook(read_notebook(SOURCE / f"{name}.ipynb")) == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_what_is_saved_in_them_teaches_and_gives_nothing_away(name):
    text = (SOURCE / f"{name}.ipynb").read_text()
    notebook = nbformat.reads(text, 4)
    nbformat.validate(notebook)
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    pictures = [o.data["image/png"] for o in outputs if "image/png" in o.get("data", {})]
    assert pictures
    assert all(len(base64.b64decode(p)) < 60_000 for p in pictures)
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    assert all(cell.get("execution_count") is None for cell in notebook.cells)
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in notebook.cells) == 1
    rest = json.dumps(
        [
            {**c, "outputs": [o for o in c.get("outputs", []) if "image/png" not in o.get("data", {})]}
            for c in notebook.cells
        ]
    )
    assert not [
        path for path in ("/root/", "/home/", "/work/", "/tmp/", "/Users/", "ipykernel_") if path in rest
    ]


def test_a_notebook_of_the_pipeline_needs_no_module_beside_it():
    assert {p.name for p in SOURCE.glob("*.py")} == {"pipeline.py"}
