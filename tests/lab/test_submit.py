"""From what the form says to a run, or to all that is wrong with it."""

import asyncio
import hashlib
import json

import pytest

from aiinfra.lab import submit
from aiinfra.lab.endpoints import Nothing
from aiinfra.lab.models import Submission
from aiinfra.lab.project import Lab
from aiinfra.project.workspace import add

PARAMETERS = """
    flights: Input[Dataset] = "data/flights.csv"
    month: int = 3  # Month to train on, 1..12
    rate: float = 0.1
    holdout: str
    rows: Output[int]
"""
COUNT = "rows = len(open(flights).read().splitlines()) - 1\nassert month and rate and holdout"
GOOD = {"path": "nb/train.ipynb", "arguments": {"holdout": "JFK"}}


@pytest.fixture(scope="module")
def project(make_project):
    project = make_project()
    project.notebook("nb/train.ipynb", COUNT, parameters=PARAMETERS)
    project.notebook(
        "nb/add.ipynb", "total = first + 1", parameters="first: int = 1  # 0..9\ntotal: Output[int]"
    )
    project.notebook("undefined.ipynb", "print(scaler)")
    project.pipeline(
        "nb/pipeline.py", "notebook('add.ipynb')(first=first)", "first: int, second: float = 0.5"
    )
    for rows, message in ((1, "One month"), (2, "Two months")):
        project.write("nb/data/flights.csv", "month,delay\n" + "1,5\n" * rows)
        add(project.root / "nb/data/flights.csv", project.settings)
        project.commit(message)
    return project


def older(rows):
    return hashlib.md5(("month,delay\n" + "1,5\n" * rows).encode(), usedforsecurity=False).hexdigest()


def fields(answer):
    assert answer.status == 200, answer.json
    return [p["where"]["field"] for p in answer.json["problems"]]


async def test_a_submission_that_fits_has_no_problem(api):
    found = await api.post("preview", GOOD)
    assert found.json == {"problems": [], "notes": [], "runs": 1, "seconds": None, "cost": None}


async def test_every_wrong_field_is_told_at_once(api):
    arguments = {"month": 13, "rate": "fast", "mnth": 3, "rows": 4}
    found = await api.post(
        "preview",
        {
            "path": "nb/train.ipynb",
            "arguments": arguments,
            "versions": {"flights": "0123456789", "month": "abcd"},
            "resources": {"cpu": "many", "memory": "9999Ei"},
        },
    )
    told = [
        "month",
        "rate",
        "mnth",
        "rows",
        "month",
        "holdout",
        "flights",
        "resources.cpu",
        "resources.memory",
    ]
    assert fields(found) == told
    assert all(p["message"] and p["where"]["file"] == "nb/train.ipynb" for p in found.json["problems"])
    remedies = {p["where"]["field"]: p["remedy"] for p in found.json["problems"]}
    assert remedies["mnth"] == "did you mean 'month'?" and remedies["rate"] == "the default is 0.1"
    assert older(1)[:8] in remedies["flights"]


async def test_a_submission_with_a_problem_starts_nothing(api, project):
    before = len(project.runs.page())
    answer = await api.post("runs", {"path": "nb/train.ipynb", "arguments": {"month": 13}})
    assert (answer.status, answer.json["type"], answer.json["where"]["field"]) == (
        422,
        "ArgumentError",
        "month",
    )
    assert answer.json["where"]["file"] == "nb/train.ipynb" and len(project.runs.page()) == before


async def test_what_the_check_calls_an_error_keeps_a_run_from_starting(api, project):
    (found,) = (await api.post("preview", {"path": "undefined.ipynb"})).json["problems"]
    assert (found["type"], found["code"], found["where"]["cell"]) == ("Finding", "undefined-name", 2)
    answer = await api.post("runs", {"path": "undefined.ipynb"})
    assert (answer.status, answer.json["where"]["cell"]) == (422, 2)
    assert answer.json["where"]["file"] == "undefined.ipynb" and "scaler" in answer.json["message"]


async def test_another_path_makes_good_for_an_input_that_is_missing(api, project):
    project.notebook("reads.ipynb", "open(d)", parameters='d: Input[Dataset] = "nothing.csv"')
    assert fields(await api.post("preview", {"path": "reads.ipynb"})) == ["d"]
    given = {"path": "reads.ipynb", "arguments": {"d": "nb/data/flights.csv"}}
    assert fields(await api.post("preview", given)) == []
    given["arguments"]["d"] = "nb/data/flihgts.csv"
    assert fields(await api.post("preview", given)) == ["d"]


@pytest.mark.parametrize("path", ["../../../etc/passwd", "/etc/passwd", "a\0b", "x" * 300], ids=range(4))
async def test_an_input_outside_of_the_project_is_a_problem_of_its_field(api, path):
    given = {"path": "nb/train.ipynb", "arguments": {"holdout": "x", "flights": path}}
    assert fields(await api.post("preview", given)) == ["flights"]


async def test_a_run_from_the_form_is_a_run_with_its_values(api, project):
    before = project.hashes()
    given = GOOD | {
        "arguments": {"holdout": "it's {{x}}\n$", "month": 5},
        "resources": {"memory": "64Mi", "cpu": "1"},
    }
    answer = await api.post("runs", given)
    assert answer.status == 200
    assert (answer.json["source"], answer.json["source_path"], answer.json["target"]) == (
        "nb/train.ipynb",
        "nb/train.ipynb",
        "local",
    )
    run = project.end(answer.json["id"])
    assert (run.state, run.metrics.get("rows")) == ("SUCCEEDED", 2), run.error
    assert run.arguments == {"month": 5, "rate": 0.1, "holdout": "it's {{x}}\n$"}
    assert project.hashes() == before
    ir = (project.folder(run.id) / "pipeline.yaml").read_text()
    assert "resourceMemoryLimit: 64Mi" in ir and "resourceCpuLimit: '1'" in ir
    seconds = (await api.post("preview", GOOD)).json["seconds"]
    assert seconds == run.finished - run.started


async def test_an_older_version_of_the_data_is_read_and_recorded(api, project):
    before = project.hashes()
    answer = await api.post("runs", GOOD | {"versions": {"flights": older(1)}})
    run = project.end(answer.json["id"])
    assert (run.state, run.metrics.get("rows")) == ("SUCCEEDED", 1), run.error
    (given,) = project.manifest(run.id, "train")["inputs"]
    assert (given["md5"], given["name"]) == (older(1), "flights")
    assert json.dumps(given).count(project.git("rev-parse", "HEAD~1")) == 1
    assert project.hashes() == before


async def test_two_submits_at_once_are_two_runs(api, project):
    given = {"path": "nb/add.ipynb"}
    both = await asyncio.gather(*(api.post("runs", given | {"arguments": {"first": n}}) for n in (4, 5)))
    assert [answer.status for answer in both] == [200, 200]
    runs = [project.end(answer.json["id"]) for answer in both]
    assert [(run.state, run.metrics["total"]) for run in runs] == [("SUCCEEDED", 5), ("SUCCEEDED", 6)]


async def test_a_pipeline_is_submitted_with_its_parameters(api, project):
    given = {"path": "nb/pipeline.py", "arguments": {"first": 7}}
    assert fields(await api.post("preview", given)) == []
    answer = await api.post("runs", given)
    run = project.end(answer.json["id"])
    assert (run.state, run.source, run.arguments) == (
        "SUCCEEDED",
        "nb/pipeline.py",
        {"first": 7, "second": 0.5},
    )


async def test_every_wrong_parameter_of_a_pipeline_is_told_at_once(api):
    arguments = {"second": "fast", "third": 3}
    found = await api.post("preview", {"path": "nb/pipeline.py", "arguments": arguments})
    assert fields(found) == ["second", "third", "first"]


async def test_a_pipeline_says_itself_what_its_steps_need_and_read(api):
    given = {"path": "nb/pipeline.py", "arguments": {"first": 7}}
    found = await api.post("preview", given | {"resources": {"memory": "64Mi"}})
    assert fields(found) == ["resources.memory"]
    assert "pipeline.py says itself" in found.json["problems"][0]["message"]
    found = await api.post("preview", given | {"versions": {"flights": older(1)}})
    assert fields(found) == ["flights"]


async def test_a_pipeline_that_ends_its_process_leaves_the_server_alive(api, project):
    project.write("exits.py", "import os\nos._exit(9)\n")
    (found,) = (await api.post("preview", {"path": "exits.py"})).json["problems"]
    assert "exit code 9" in found["message"] and found["where"]["file"] == "exits.py"
    assert (await api.post("runs", {"path": "exits.py"})).status == 422
    assert (await api("status")).status == 200


def test_a_pipeline_that_never_ends_is_a_problem(project):
    project.write("waits.py", "while True: pass\n")
    lab = Lab(project.root, patience=1)
    (found,) = submit.preview(lab, Nothing(), Submission(path="waits.py")).problems
    assert "hasn't ended after 1 s" in found.message


async def test_more_than_the_machine_has_is_a_problem_of_its_field(api, project):
    there = project.target.announce()
    found = await api.post("preview", GOOD | {"resources": {"cpu": f"{there.cpus + 1}", "memory": "9999Gi"}})
    assert fields(found) == ["resources.cpu", "resources.memory"]
    assert found.json["problems"][0]["remedy"] == f"ask for at most {there.cpus}"
    count = sum(gpu.count for gpu in there.gpus) + 1
    found = await api.post("preview", GOOD | {"resources": {"accelerator_count": count}})
    assert fields(found) == ["resources.accelerator_count"]


async def test_what_this_machine_does_not_enforce_is_told(api):
    found = await api.post("preview", GOOD | {"resources": {"cpu": "1"}})
    assert found.json["problems"] == [] and "not enforced on this machine" in found.json["notes"][0]


async def test_an_unknown_target_names_the_known_ones(api):
    found = await api.post("preview", GOOD | {"target": "lcoal"})
    assert fields(found) == ["target"] and found.json["problems"][0]["remedy"] == "did you mean 'local'?"
    answer = await api.post("runs", GOOD | {"target": "cluster"})
    assert (answer.status, answer.json["where"]["field"]) == (422, "target")


async def test_a_pipeline_is_not_chosen_in_a_notebook(api):
    assert fields(await api.post("preview", GOOD | {"pipeline": "flights"})) == ["pipeline"]


@pytest.mark.parametrize("endpoint", ["preview", "runs"])
async def test_what_makes_no_sense_is_refused(api, endpoint):
    for body, status, field in (
        ({}, 422, "path"),
        (GOOD | {"surprise": 1}, 422, "surprise"),
        (GOOD | {"arguments": [1]}, 422, "arguments"),
        (GOOD | {"resources": {"disk": "1Gi"}}, 422, "resources.disk"),
        ({"path": "../out.ipynb"}, 422, "path"),
        ({"path": "nb/no.ipynb"}, 404, "path"),
        ({"path": "settings.ini"}, 422, "path"),
    ):
        answer = await api.post(endpoint, body)
        assert (answer.status, answer.json["where"]["field"]) == (status, field)
