"""Runs: the list, one run, its events, cancel, copy."""

import json
import math

import pytest

from aiinfra.runs.events import Event

PIPELINE = """
prepare = notebook("prepare.ipynb")
table = prepare(rows=3)
notebook("train.ipynb")(table=table.outputs["table"], rate=0.5)
"""


@pytest.fixture(scope="module")
def project(make_project):
    project = make_project()
    project.notebook(
        "flow/prepare.ipynb",
        "open(table, 'w').write('a,b\\n' + '1,2\\n' * rows)\ncount = rows",
        parameters="rows: int = 1\ntable: Output[Dataset] = 'table.csv'\ncount: Output[int]",
    )
    project.notebook(
        "flow/train.ipynb",
        "print(open(table).read())\ntest_auc = rate\ngap = 0.1",
        parameters="table: Input[Dataset] = 'table.csv'\nrate: float = 0.1\ntest_auc: Output[float]\ngap: Output[float]",
    )
    project.pipeline("flow/pipeline.py", PIPELINE)
    project.notebook("broken.ipynb", "print('so far')", "1 / 0", parameters="month: int = 1")
    project.notebook("slow.ipynb", "print('here')", "import time; time.sleep(600)")
    return project


@pytest.fixture(scope="module")
def done(project):
    "The numbers of a pipeline that succeeded and of a notebook that failed."
    first, second = project.submit("flow/pipeline.py"), project.submit("broken.ipynb", month=7)
    return project.end(first).id, project.end(second).id


async def test_the_list_shows_newest_first_with_progress_and_the_metric_to_look_at(api, done):
    page = (await api("runs")).json
    assert (page["total"], page["next"]) == (2, None)
    broken, flights = page["runs"]
    assert (broken["id"], broken["state"], broken["steps"], broken["steps_done"]) == (done[1], "FAILED", 1, 1)
    assert "division by zero" in broken["error"]
    assert (flights["name"], flights["state"], flights["error"]) == ("flights", "SUCCEEDED", None)
    assert (flights["steps"], flights["steps_done"], flights["step"], flights["cell"]) == (2, 2, None, None)
    assert flights["metrics"] == {"count": 3.0, "test_auc": 0.5, "gap": 0.1}
    assert flights["key_metric"] == "test_auc"
    assert flights["source_path"] == "flow/pipeline.py"
    assert flights["created"] <= flights["started"] <= flights["finished"]


async def test_pages_go_on_where_the_last_one_ended(api, done):
    first = (await api("runs", limit=1)).json
    second = (await api("runs", limit=1, before=first["next"])).json
    assert [first["runs"][0]["id"], second["runs"][0]["id"]] == [done[1], done[0]]
    assert (first["total"], second["total"], second["next"]) == (2, 2, None)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"state": "FAILED"}, ["broken"]),
        ({"source": "flow/pipeline.py"}, ["flights"]),
        ({"target": "local"}, ["broken", "flights"]),
        ({"target": "prod"}, []),
        ({"text": "BROK"}, ["broken"]),
        ({"text": "%"}, []),
        ({"state": "FAILED", "source": "flow/pipeline.py"}, []),
    ],
    ids=lambda value: None if isinstance(value, list) else "-".join(f"{k}={v}" for k, v in value.items()),
)
async def test_the_list_can_be_filtered(api, done, asked, found):
    page = (await api("runs", **asked)).json
    assert [run["name"] for run in page["runs"]] == found
    assert page["total"] == len(found)


async def test_facets_are_what_there_is_to_filter_by(api, done):
    assert (await api("facets")).json == {
        "sources": ["broken.ipynb", "flow/pipeline.py"],
        "targets": ["local"],
    }


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": 0},
        {"limit": 501},
        {"limit": "many"},
        {"before": "last"},
        {"state": "failed"},
        {"sort": "name"},
    ],
    ids=lambda asked: "-".join(f"{k}={v}" for k, v in asked.items()),
)
async def test_a_question_that_means_nothing_is_refused_by_field(api, asked):
    answer = await api("runs", **asked)
    assert answer.status == 422
    assert answer.json["where"]["field"] == next(iter(asked))


async def test_a_run_has_its_graph_and_what_it_was_submitted_with(api, project, done):
    run = (await api(f"runs/{done[0]}")).json
    prepare, train = run["graph"]
    assert [(s["name"], s["notebook"], s["after"]) for s in run["graph"]] == [
        ("prepare", "flow/prepare.ipynb", []),
        ("train", "flow/train.ipynb", ["prepare"]),
    ]
    assert {s["state"] for s in run["graph"]} == {"SUCCEEDED"}
    assert prepare["metrics"] == {"count": 3.0}
    assert (train["exit_code"], train["failed_cell"]) == (0, None)
    stored = project.runs.get(done[0])
    assert run["mlflow"] == f"/runs/{stored.mlflow_run_id}"
    assert train["mlflow"] == f"/runs/{stored.steps[1].mlflow_run_id}"
    assert run["capabilities"]["cancel"] is False
    assert run["offset"] == (project.folder(done[0]) / "events.jsonl").stat().st_size


async def test_a_failed_step_says_in_which_cell(api, done):
    run = (await api(f"runs/{done[1]}")).json
    (step,) = run["graph"]
    assert (step["state"], step["failed_cell"], step["exit_code"]) == ("FAILED", 4, 1)
    assert "division by zero" in step["error"]
    assert run["arguments"] == {"month": 7}
    assert run["choices"] == {
        "arguments": {"month": 7},
        "versions": {},
        "target": "local",
        "resources": {"cpu": None, "memory": None, "accelerator": None, "accelerator_count": None},
    }


async def test_a_run_whose_folder_is_gone_is_still_shown(api, project, done):
    project.runs.update_run(project.runs.create("lost", "x.ipynb", steps=["x"]).id, state="SKIPPED")
    lost = project.runs.get("latest").id
    project.folder(lost).rmdir()
    run = (await api(f"runs/{lost}")).json
    assert [(s["name"], s["state"], s["notebook"]) for s in run["graph"]] == [("x", "SKIPPED", None)]
    assert (run["offset"], (await api(f"runs/{lost}/events")).json["events"]) == (0, [])


async def test_numbers_that_json_has_no_words_for_arrive(api, project):
    run = project.runs.create("odd", "x.ipynb", arguments={"rate": math.nan, "top": [math.inf]})
    project.runs.update_run(run.id, state="SUCCEEDED", metrics={"auc": math.nan, "low": -math.inf})
    shown = (await api(f"runs/{run.id}")).json
    assert shown["metrics"] == {"auc": "NaN", "low": "-Infinity"}
    assert shown["arguments"] == shown["choices"]["arguments"] == {"rate": "NaN", "top": ["Infinity"]}


# -- events -------------------------------------------------------------------------------------------------------------


async def test_events_come_from_the_offset_on_until_the_end(api, project, done):
    all_of_it = (await api(f"runs/{done[1]}/events")).json
    kinds = [e["kind"] for e in all_of_it["events"]]
    assert (kinds[0], kinds[-1]) == ("run-started", "run-finished")
    assert (all_of_it["more"], all_of_it["ended"]) == (False, True)
    after = (await api(f"runs/{done[1]}/events", offset=all_of_it["offset"])).json
    assert (after["events"], after["offset"], after["ended"]) == ([], all_of_it["offset"], True)


async def test_events_come_in_pages_of_a_mebibyte(api, project):
    run = project.runs.create("loud", "x.ipynb")
    log = project.runs.events(run.id)
    for n in range(60):
        log.append(Event("log", float(n), "x", {"text": "é" * 10_000, "stream": "stdout"}))
    outputs = [{"text": "x" * 60_000}] * 17
    log.append(Event("cell-finished", 60.0, "x", {"outputs": outputs}))  # alone nearly a page
    log.append(Event("note", 61.0, "x", {"text": "end"}))
    with log.path.open("ab") as file:
        file.write(b'{"kind": "note", "ti')  # somebody is still writing
    seen, offset, pages, more = [], 0, 0, True
    while more:
        page = (await api(f"runs/{run.id}/events", offset=offset)).json
        assert page["offset"] - offset < 1.2 * 1024 * 1024
        assert page["ended"] is False  # it is PENDING
        seen += [e["time"] for e in page["events"]]
        offset, more, pages = page["offset"], page["more"], pages + 1
    assert seen == [float(n) for n in range(62)]
    assert pages > 3
    project.runs.update_run(run.id, state="CANCELED")


# -- cancel and copy ----------------------------------------------------------------------------------------------------


async def test_a_run_can_be_canceled_while_it_runs_and_then_stays_as_it_is(api, project, wait_until):
    run = project.submit("slow.ipynb")
    project.until_event(run, "cell-started", cell=3)
    shown = (await api(f"runs/{run}")).json
    assert (shown["state"], shown["step"], shown["capabilities"]["cancel"]) == ("RUNNING", "slow", True)
    first = await api.post(f"runs/{run}/cancel", {})
    assert (first.status, first.json["state"]) == (200, "CANCELED")
    second = await api.post(f"runs/{run}/cancel", {})
    assert second.json == first.json
    project.end(run)
    wait_until(lambda: not project.processes(run))


async def test_a_copy_lies_beside_its_source_and_overwrites_nothing(api, project, done):
    before = project.hashes()
    copies = [(await api.post(f"runs/{done[0]}/copy", {"step": "train"})).json["path"] for _ in range(2)]
    assert copies == [f"flow/train-run{done[0]}.ipynb", f"flow/train-run{done[0]}-2.ipynb"]
    after = project.hashes()
    assert {n: after[n] for n in before} == before
    assert sorted(after.keys() - before.keys()) == sorted(copies)
    text = (project.root / copies[0]).read_text()
    assert "papermill" not in text
    assert "1,2" in json.dumps(json.loads(text)["cells"])  # its output is there
    for copy in copies:
        (project.root / copy).unlink()


# -- what is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["runs/999", "runs/999/events"])
async def test_a_run_that_there_is_not(api, path):
    answer = await api(path)
    assert (answer.status, answer.json["type"]) == (404, "NotFound")
    assert "999" in answer.json["message"]


@pytest.mark.parametrize("run", ["latest", "-1", "..%2F1", "1%00", "9" * 19])
async def test_what_cannot_be_the_number_of_a_run(api, run):
    answer = await api(f"runs/{run}")
    assert answer.status == 422
    assert answer.json["where"]["field"] == "run"


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("runs/999/cancel", {}, 404),
        ("runs/999/copy", {"step": "train"}, 404),
        ("runs/1/copy", {"step": "trian"}, 404),
        ("runs/1/copy", {"step": "../train"}, 404),
        ("runs/1/copy", {}, 422),
        ("runs/1/copy", {"step": 5}, 422),
        ("runs/1/copy", {"step": "train", "to": "/etc"}, 422),
        ("runs/1/cancel", {"force": True}, 422),
        ("runs/1/cancel", "[]", 422),
        ("runs/1/cancel", "{", 422),
    ],
    ids=str,
)
async def test_an_action_that_cannot_be_done(api, project, done, action, body, status):
    before = project.hashes()
    answer = await api.post(action, body)
    assert answer.status == status
    assert answer.json["message"]
    assert project.hashes() == before


async def test_a_wrong_method_names_the_right_one(api, done):
    for path, allowed in ((f"runs/{done[0]}/cancel", "POST"),):
        answer = await api(path)
        assert (answer.status, answer.headers["Allow"]) == (405, allowed)
    answer = await api.post("runs", {})
    assert answer.status in (405, 422)  # POST /runs submits
    assert (await api.post(f"runs/{done[0]}/events", {})).status == 405


async def test_nobody_who_is_not_logged_in_sees_or_stops_a_run(jp_serverapp, http_server_client, done):
    from tornado.httpclient import HTTPClientError

    base = jp_serverapp.base_url + "aiinfra/api/v1/"
    for path, more in (
        ("runs", {}),
        (f"runs/{done[0]}", {}),
        (f"runs/{done[0]}/cancel", {"method": "POST", "body": "{}"}),
    ):
        with pytest.raises(HTTPClientError) as caught:
            await http_server_client.fetch(base + path, headers={"Accept": "application/json"}, **more)
        assert caught.value.code == 403
