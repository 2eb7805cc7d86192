"""The flights pipeline, compiled."""

from pathlib import Path

import pytest
import yaml

from aiinfra.pipeline.compile import compile_plan

SOURCE = Path(__file__).parents[2] / "pipelines" / "flights" / "pipeline.py"


@pytest.fixture(scope="module")
def text():
    return compile_plan(SOURCE, by_reference=True).ir


@pytest.fixture(scope="module")
def ir(text):
    return yaml.safe_load(text.split("---\n")[0])


def producers(ir, task):
    """Which task each artifact input of `task` comes from."""
    artifacts = ir["root"]["dag"]["tasks"][task]["inputs"].get("artifacts", {})
    return {name: source["taskOutputArtifact"]["producerTask"] for name, source in artifacts.items()}


def test_the_model_learns_from_one_table_and_is_judged_by_the_other(ir):
    assert ir["root"]["dag"]["tasks"].keys() == {"prepare", "prepare-later", "train", "evaluate", "drift"}
    assert producers(ir, "train") == {"flights": "prepare"}
    assert producers(ir, "evaluate") == {"model": "train", "flights": "prepare-later"}
    assert producers(ir, "drift") == {"current": "prepare-later", "reference": "prepare"}


def test_its_parameters_are_described_and_reach_the_steps(ir):
    inputs = ir["root"]["inputDefinitions"]["parameters"]
    assert inputs.keys() == {"first_month", "last_month", "later_month", "epochs", "seed"}
    assert all(definition["description"] for definition in inputs.values())
    passed = {
        (task["taskInfo"]["name"], name): source["componentInputParameter"]
        for task in ir["root"]["dag"]["tasks"].values()
        for name, source in task["inputs"].get("parameters", {}).items()
        if "componentInputParameter" in source
    }
    assert set(passed.values()) == set(inputs)
    assert passed["prepare-later", "first_month"] == passed["prepare-later", "last_month"] == "later_month"


def test_compiling_again_gives_the_same_bytes(text):
    assert compile_plan(SOURCE, by_reference=True).ir == text
