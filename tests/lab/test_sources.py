"""What the Submit panel asks before anybody submits."""

import importlib.metadata
import json

import pytest

from aiinfra.lab import sources
from aiinfra.lab.endpoints import Nothing
from aiinfra.lab.models import CheckRequest, SourceQuery
from aiinfra.lab.project import Lab
from aiinfra.project.workspace import add

PARAMETERS = """
    flights: Input[Dataset] = "data/flights.csv"  # Departures, one row a flight
    month: int = 3  # Month to train on, 1..12
    rate: float = 0.1
    model: Output[Model] = "out/model.pt2"
    auc: Output[float]
"""
TRAIN = "rows = open(flights).read().count('\\n')\nPath(model).parent.mkdir(exist_ok=True)\nPath(model).write_text('m')"


@pytest.fixture(scope="module")
def project(make_project):
    project = make_project()
    project.notebook(
        "nb/train.ipynb",
        "from pathlib import Path",
        TRAIN,
        "auc = rate * month * rows",
        parameters=PARAMETERS,
    )
    project.notebook("plain.ipynb", "month = 3  # 1..12\nrate = 0.1", "print(month, rate)")
    project.notebook("broken.ipynb", parameters="month: int = 1\nrate: Input[Modle] = 'x'")
    project.notebook(
        "nb/add.ipynb",
        "total = first + second",
        parameters="first: int = 1\nsecond: int = 2\ntotal: Output[int]",
    )
    project.pipeline(
        "nb/pipeline.py",
        "adding = notebook('add.ipynb')\nadding(first=first)",
        "first: int, second: float = 0.5",
    )
    project.write("nb/data/flights.csv", "month,delay\n1,5\n")
    add(project.root / "nb/data/flights.csv", project.settings)
    project.commit("One month")
    project.write("nb/data/flights.csv", "month,delay\n1,5\n2,7\n")
    add(project.root / "nb/data/flights.csv", project.settings)
    project.commit("Two months")
    return project


async def test_the_status_names_the_project_and_what_is_under_way(api, project):
    answer = await api("status")
    assert answer.status == 200
    assert answer.json["version"] == importlib.metadata.version("aiinfra")
    assert {**answer.json, "version": "", "epoch": "", "seq": 0} == {
        "version": "",
        "project": project.root.name,
        "folder": ".",
        "running": 0,
        "queued": 0,
        "epoch": "",
        "seq": 0,
    }


async def test_a_run_that_waits_and_one_that_runs_are_counted(api, project):
    waiting, running = (project.runs.create("train", "nb/train.ipynb", target="elsewhere") for _ in range(2))
    project.runs.update_run(running.id, state="RUNNING")
    answer = (await api("status")).json
    for run in (waiting, running):
        project.runs.update_run(run.id, state="RUNNING")
        project.runs.update_run(run.id, state="FAILED", error="nobody led it")
    assert (answer["running"], answer["queued"]) == (1, 1)


async def test_this_machine_announces_what_it_has_and_nothing_that_it_can_not(api, project):
    (local,) = (await api("targets")).json["targets"]
    there = project.target.announce()
    assert (local["name"], local["kind"], local["health"]) == ("local", "local", "healthy")
    assert local["cpus"] == there.cpus and local["memory_bytes"] == there.memory
    assert {name for name, can in local["capabilities"].items() if can} == {"cancel"}
    fields = {field["name"]: field for field in local["resources"]}
    assert fields["cpu"]["maximum"] == there.cpus and fields["cpu"]["enabled"] and fields["cpu"]["reason"]
    assert fields["memory"]["maximum"] <= there.memory / 2**30 and fields["memory"]["unit"] == "GiB"
    if not there.gpus:
        assert [fields[n]["enabled"] for n in ("accelerator", "accelerator_count")] == [False, False]
        assert fields["accelerator"]["reason"] == "this machine has no GPU"


async def test_a_notebook_says_what_it_takes_and_gives(api):
    found = (await api("source", path="nb/train.ipynb")).json
    assert (found["kind"], found["path"], found["kernel"], found["parameters_cell"]) == (
        "notebook",
        "nb/train.ipynb",
        "python3",
        2,
    )
    month = found["schema"]["properties"]["month"]
    assert month == {
        "type": "integer",
        "minimum": 1,
        "maximum": 12,
        "description": "Month to train on, 1..12",
        "default": 3,
    }
    assert [(i["name"], i["artifact"], i["path"]) for i in found["inputs"]] == [
        ("flights", "Dataset", "data/flights.csv")
    ]
    assert [(o["name"], o["kind"]) for o in found["outputs"]] == [("model", "Model"), ("auc", "float")]
    assert found["problem"] is None and found["candidates"] == [] and found["last"] is None


async def test_a_parameters_cell_that_can_not_be_typed_is_told_with_its_place(api):
    found = (await api("source", path="broken.ipynb")).json
    assert found["schema"] is None and found["parameters_cell"] == 2
    assert found["problem"]["type"] == "InterfaceError"
    assert found["problem"]["where"] == {"file": "broken.ipynb", "cell": 2, "line": 2, "field": "rate"}
    assert found["problem"]["remedy"] == "did you mean Model?"


async def test_a_notebook_without_parameters_offers_its_assignments(api):
    found = (await api("source", path="plain.ipynb")).json
    assert found["parameters_cell"] is None and found["schema"]["properties"] == {}
    assert found["candidates"] == [
        {"cell": 2, "line": 1, "name": "month", "source": "month = 3  # 1..12"},
        {"cell": 2, "line": 2, "name": "rate", "source": "rate = 0.1"},
    ]


async def test_what_was_chosen_last_is_remembered(api, project):
    chosen = {"arguments": {"month": 5}, "versions": {"flights": "ab" * 16}, "target": "local"}
    last = {
        **chosen,
        "resources": {"cpu": "2", "memory": None, "accelerator": None, "accelerator_count": None},
    }
    project.notebook("chosen.ipynb", parameters="month: int = 1", aiinfra={"last": last})
    found = (await api("source", path="chosen.ipynb")).json
    assert found["last"] == last


@pytest.mark.parametrize(
    "last",
    [
        "yesterday",
        {"arguments": [1]},
        {"versions": {"flights": 3}},
        {"target": None},
        {"resources": {"accelerator_count": -1}},
        {"resources": {"disk": "1Gi"}},
        {"surprise": 1},
    ],
    ids=json.dumps,
)
async def test_a_choice_that_somebody_broke_is_no_choice(api, project, last):
    project.notebook("chosen.ipynb", parameters="month: int = 1", aiinfra={"last": last})
    found = await api("source", path="chosen.ipynb")
    assert found.status == 200 and found.json["last"] is None and found.json["schema"]


async def test_the_median_of_the_last_five_runs_that_succeeded_is_what_a_run_takes(api, project):
    project.notebook("timed.ipynb", parameters="month: int = 1")
    assert (await api("source", path="timed.ipynb")).json["seconds"] is None
    for seconds, state in (
        (500, "SUCCEEDED"),
        *((s, "SUCCEEDED") for s in (1, 2, 3, 4, 90)),
        (0.5, "FAILED"),
    ):
        run = project.runs.create("timed", "timed.ipynb", target="elsewhere")
        project.runs.update_run(run.id, state="RUNNING", started=1000.0)
        project.runs.update_run(run.id, state=state, finished=1000.0 + seconds)
    assert (await api("source", path="timed.ipynb")).json["seconds"] == 3


async def test_a_pipeline_says_what_it_takes(api):
    found = (await api("source", path="nb/pipeline.py")).json
    assert (found["kind"], found["title"], found["pipelines"]) == ("pipeline", "flights", ["flights"])
    assert found["schema"]["required"] == ["first"]
    assert found["schema"]["properties"]["second"] == {"type": "number", "default": 0.5}
    assert found["problem"] is None


async def test_a_file_with_several_pipelines_lists_them_and_describes_the_one_that_is_meant(api, project):
    more = (
        "\n@dsl.pipeline(name='again')\ndef again(rounds: int):\n    notebook('nb/add.ipynb')(first=rounds)\n"
    )
    project.pipeline("two.py", "notebook('nb/add.ipynb')()", before=more)
    found = (await api("source", path="two.py")).json
    assert sorted(found["pipelines"]) == ["again", "flights"] and found["schema"] is None
    assert found["problem"]["type"] == "PipelineError" and "two.py:again" in found["problem"]["remedy"]
    found = (await api("source", path="two.py", pipeline="again")).json
    assert list(found["schema"]["properties"]) == ["rounds"] and found["problem"] is None


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("raise RuntimeError('no such luck')", "no such luck"),
        ("import sys\nsys.exit(7)", "SystemExit: 7"),
        ("import os\nos._exit(7)", "exit code 7"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("print('hello' * 100000)\nraise KeyboardInterrupt", "KeyboardInterrupt"),
        ("from kfp import dsl", "defines no pipeline"),
        ("x = (", "syntax error"),
    ],
    ids=["raises", "exits", "ends the process", "crashes", "interrupts", "empty", "syntax"],
)
async def test_a_pipeline_that_can_not_be_loaded_is_a_problem_of_its_own(api, project, source, told):
    project.write("bad.py", source)
    found = await api("source", path="bad.py")
    assert found.status == 200 and told in found.json["problem"]["message"]
    assert found.json["problem"]["where"]["file"] == "bad.py"
    assert (await api("status")).status == 200


def test_a_pipeline_that_never_ends_is_not_waited_for(project):
    project.write("waits.py", "import threading\nthreading.Event().wait()")
    lab = Lab(project.root, patience=1)
    found = sources.source(lab, SourceQuery(path="waits.py"))
    assert found.problem and "hasn't ended after 1 s" in found.problem.message
    (finding,) = sources.check(lab, Nothing(), CheckRequest(path="waits.py")).findings
    assert finding.level == "error" and "hasn't ended" in finding.message


async def test_the_check_finds_what_keeps_a_notebook_from_running(api, project):
    project.notebook("undefined.ipynb", "print(scaler)", parameters="month: int = 1")
    findings = (await api.post("check", {"path": "undefined.ipynb"})).json["findings"]
    first = findings[0]
    assert (first["level"], first["code"]) == ("error", "undefined-name")
    assert (first["where"]["file"], first["where"]["cell"]) == ("undefined.ipynb", 3)
    assert [f["level"] for f in findings[1:]] == ["warning"]


async def test_what_an_editor_holds_is_checked_without_saving_it(api, project):
    project.notebook("saved.ipynb", "print(month)", parameters="month: int = 1")
    before = project.hashes()
    content = project.content("print(mont)", parameters="month: int = 1")
    assert (await api.post("check", {"path": "saved.ipynb"})).json["findings"] == []
    found = (await api.post("check", {"path": "saved.ipynb", "content": content})).json["findings"]
    assert found[0]["code"] == "undefined-name" and found[0]["remedy"] == "did you mean 'month'?"
    assert project.hashes() == before


async def test_the_code_that_an_editor_holds_is_what_would_travel(api, project):
    project.write("helper.py", "RATE = 1\n")
    project.notebook("uses.ipynb", "print(1)")
    content = project.content("import helper\nprint(helper.RATE)")
    assert (await api.post("check", {"path": "uses.ipynb", "content": content})).json["findings"] == []


async def test_what_an_editor_holds_is_described_without_saving_it(api, project):
    project.notebook("saved.ipynb", "print(month)", parameters="month: int = 1")
    before = project.hashes()
    content = project.content(
        "print(mont)", parameters="mont: int = 2", aiinfra={"last": {"arguments": {"mont": 4}}}
    )
    found = (await api.post("source", {"path": "saved.ipynb", "content": content})).json
    assert list(found["schema"]["properties"]) == ["mont"] and found["last"]["arguments"] == {"mont": 4}
    assert project.hashes() == before


async def test_a_content_that_is_no_notebook_is_refused(api):
    answer = await api.post("check", {"path": "plain.ipynb", "content": {"nbformat": 3}})
    assert (answer.status, answer.json["type"]) == (422, "NotebookError")


async def test_a_missing_input_is_an_error_with_its_place(api, project):
    project.notebook("missing.ipynb", "open(data)", parameters='data: Input[Dataset] = "nothing.csv"')
    (found,) = (await api.post("check", {"path": "missing.ipynb"})).json["findings"]
    assert (found["code"], found["where"]["field"]) == ("missing-input", "data")
    assert found["where"]["file"] == "missing.ipynb"


async def test_a_pipeline_is_checked_with_its_notebooks(api, project):
    project.notebook("nb/sub.ipynb", "print(nothing)", parameters="first: int = 1")
    project.pipeline("nb/checked.py", "notebook('sub.ipynb')()")
    (found,) = (await api.post("check", {"path": "nb/checked.py"})).json["findings"][:1]
    assert (found["code"], found["where"]["file"], found["where"]["cell"]) == (
        "undefined-name",
        "nb/sub.ipynb",
        3,
    )
    assert (await api.post("check", {"path": "nb/pipeline.py"})).json["findings"] == []


async def test_the_versions_of_the_data_are_told_newest_first(api):
    found = (await api("data", path="nb/train.ipynb", input="flights")).json
    assert (found["state"], found["path"], found["problem"]) == ("clean", "data/flights.csv", None)
    assert [(v["subject"], v["rows"], v["author"]) for v in found["versions"]] == [
        ("Two months", 2, "Ada"),
        ("One month", 1, "Ada"),
    ]
    assert found["md5"] == found["versions"][0]["md5"] and found["versions"][0]["rev"]


async def test_data_that_is_not_there_is_missing_and_says_why(api):
    found = (await api("data", path="nb/train.ipynb", input="flights", file="data/flihgts.csv")).json
    assert found["state"] == "missing" and found["md5"] is None and found["versions"] == []
    assert found["problem"]["type"] == "DataError" and "flights.csv" in found["problem"]["remedy"]


@pytest.mark.parametrize("file", ["../../../etc/passwd", "/etc/passwd", "../.dvc/config", "x" * 300, "~/x"])
async def test_data_outside_of_the_project_is_never_looked_at(api, file):
    answer = await api("data", path="nb/train.ipynb", input="flights", file=file)
    assert answer.status == 200, answer.json
    assert answer.json["state"] == "missing" and answer.json["versions"] == [] and answer.json["problem"]


async def test_changed_data_is_modified_until_its_version_is_added(api, project):
    project.notebook("nb/other.ipynb", "open(d)", parameters='d: Input[Dataset] = "data/other.csv"')
    project.write("nb/data/other.csv", "a\n1\n")
    asked = {"path": "nb/other.ipynb", "input": "d"}
    assert (await api("data", **asked)).json["state"] == "untracked"
    added = (await api.post("data/add", asked)).json
    assert added["state"] == "clean" and added["md5"] and (project.root / "nb/data/other.csv.dvc").is_file()
    project.write("nb/data/other.csv", "a\n1\n2\n")
    assert (await api("data", **asked)).json["state"] == "modified"
    again = (await api.post("data/add", asked)).json
    assert again["state"] == "clean" and again["md5"] != added["md5"]


async def test_an_unknown_input_names_the_one_that_is_meant(api):
    for answer in (
        await api("data", path="nb/train.ipynb", input="flihgts"),
        await api.post("data/add", {"path": "nb/train.ipynb", "input": "flihgts"}),
    ):
        assert (answer.status, answer.json["remedy"]) == (422, "did you mean 'flights'?")


@pytest.mark.parametrize("path", ["../secret.ipynb", "nb/../../x.ipynb", ".dvc/config", "nb/../.git/config"])
async def test_a_path_that_leads_out_is_refused(api, path):
    for answer in (
        await api("source", path=path),
        await api("data", path=path, input="flights"),
        await api.post("check", {"path": path}),
        await api.post("data/add", {"path": path, "input": "flights"}),
    ):
        assert (answer.status, answer.json["type"], answer.json["where"]["field"]) == (
            422,
            "ArgumentError",
            "path",
        )


@pytest.mark.parametrize("path", ["a\0b", "x" * 300, "x/" * 3000], ids=["nul", "long", "deep"])
async def test_a_path_that_no_file_can_have_is_not_found(api, path):
    for answer in (
        await api.post("check", {"path": path}),
        await api.post("data/add", {"path": path, "input": "flights"}),
        await api.post("preview", {"path": path}),
        await api.post("runs", {"path": path}),
    ):
        assert (answer.status, answer.json["type"]) == (404, "NotFound")


async def test_a_link_that_leads_out_is_refused(api, project, tmp_path):
    (tmp_path / "out.ipynb").write_text("{}")
    (project.root / "link.ipynb").unlink(missing_ok=True)
    (project.root / "link.ipynb").symlink_to(tmp_path / "out.ipynb")
    answer = await api("source", path="link.ipynb")
    (project.root / "link.ipynb").unlink()
    assert (answer.status, answer.json["type"]) == (422, "ArgumentError")


async def test_a_file_that_is_not_there_is_not_found(api):
    for answer in (
        await api("source", path="no.ipynb"),
        await api("source", path="/etc/passwd"),
        await api("data", path="no.ipynb", input="flights"),
        await api.post("check", {"path": "no.ipynb"}),
    ):
        assert (answer.status, answer.json["type"]) == (404, "NotFound")


async def test_a_file_of_another_kind_is_refused(api, project):
    project.write("notes.txt", "hello")
    for answer in (await api("source", path="notes.txt"), await api.post("check", {"path": "notes.txt"})):
        assert (answer.status, answer.json["where"]["field"]) == (422, "path")


async def test_unknown_fields_and_wrong_types_are_refused(api):
    for answer, field in (
        (await api("source", path="plain.ipynb", surprise=1), "surprise"),
        (await api("source"), "path"),
        (await api("status", surprise=1), "surprise"),
        (await api.post("check", {"path": 3}), "path"),
        (await api.post("check", {"path": "plain.ipynb", "content": "x"}), "content"),
        (await api.post("data/add", {"path": "plain.ipynb"}), "input"),
    ):
        assert (answer.status, answer.json["type"], answer.json["where"]["field"]) == (
            422,
            "ArgumentError",
            field,
        )


async def test_another_method_is_told_which_one_to_use(api):
    answer = await api.post("targets", {})
    assert (answer.status, answer.headers.get("Allow")) == (405, "GET"), answer
