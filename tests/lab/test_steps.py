"""One step: cells of the executed notebook, log, resources, record, tables."""

import json

import pytest

from aiinfra.runs.events import Event

WRITE = """
import pandas as pd
pd.DataFrame({"dest": ["LAX", "BOS", "SFO"], "delay": [4.0, float("nan"), -1.0]}).to_parquet(table)
open(page, "w").write("<script>document.title = 'drawn'</script>")
open(manifest, "w").write("{}")
print("wrote é🚲")
rows = 3
"""
OUTPUTS = """
table: Output[Dataset] = "table.parquet"
page: Output[HTML] = "page.html"
manifest: Output[Artifact] = "manifest.json"
model: Output[Model] = "model.pt"
month: int = 1
rows: Output[int]
"""
HUGE = 300 * 1024


@pytest.fixture(scope="module")
def project(make_project):
    project = make_project()
    project.notebook("write.ipynb", WRITE, "open(model, 'wb').write(b'PK')", parameters=OUTPUTS)
    project.notebook("fails.ipynb", "print('x' * 300_000)", "1 / 0", "print('never')")
    return project


@pytest.fixture(scope="module")
def done(project):
    "The run that wrote things, and the one that failed."
    first, second = project.submit("write.ipynb", month=7), project.submit("fails.ipynb")
    assert project.end(first).state == "SUCCEEDED", project.runs.get(first).error
    return first, project.end(second).id


@pytest.fixture
def by_hand(project):
    "A step that goes on, without any process: its folder and its run's number."

    def make(name="hand"):
        run = project.runs.create(name, f"{name}.ipynb", steps=[name])
        folder = project.folder(run.id, name)
        folder.mkdir(parents=True)
        return run.id, folder

    return make


def notebook(*cells):
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {"language_info": {"name": "R"}}, "cells": cells}
    )


def code(n, *outputs, status="completed", source="x"):
    about = {"papermill": {"status": status, "duration": 0.5}}
    return {
        "cell_type": "code",
        "id": f"c{n}",
        "metadata": about,
        "source": source,
        "outputs": outputs,
        "execution_count": n,
    }


def shown(text):
    return {"output_type": "display_data", "metadata": {}, "data": {"text/plain": text}}


# -- cells --------------------------------------------------------------------------------------------------------------


async def test_cells_have_the_numbers_of_the_source_and_their_state(api, project, done):
    page = (await api(f"runs/{done[0]}/steps/write/cells")).json
    assert [(c["number"], c["kind"], c["state"]) for c in page["cells"]] == [
        (1, "code", "done"),
        (2, "code", "done"),
        (None, "code", "done"),
        (3, "code", "done"),
        (4, "code", "done"),
    ]
    assert (page["total"], page["language"]) == (5, "python")
    assert "month = 7" in page["cells"][2]["source"]
    assert page["cells"][3]["outputs"] == [
        {"output_type": "stream", "name": "stdout", "text": ["wrote é🚲\n"]}
    ] or page["cells"][3]["outputs"][0]["text"] in ("wrote é🚲\n", ["wrote é🚲\n"])
    assert page["cells"][3]["seconds"] > 0
    assert page["offset"] == (project.folder(done[0]) / "events.jsonl").stat().st_size


async def test_a_failed_notebook_shows_where_and_what_never_ran(api, done):
    cells = (await api(f"runs/{done[1]}/steps/fails/cells")).json["cells"]
    by_number = {c["number"]: c for c in cells}
    assert [by_number[n]["state"] for n in (2, 3, 4)] == ["done", "failed", "waiting"]
    assert by_number[3]["outputs"][0]["ename"] == "ZeroDivisionError"
    assert by_number[4]["outputs"] == []


async def test_an_output_too_large_is_told_by_its_size(api, done):
    cells = (await api(f"runs/{done[1]}/steps/fails/cells")).json["cells"]
    (output,) = next(c for c in cells if c["number"] == 2)["outputs"]
    assert output["output_type"] == "stream"
    assert output["truncated"] > 300_000


async def test_a_window_of_cells(api, done):
    page = (await api(f"runs/{done[0]}/steps/write/cells", start=3, count=1)).json
    assert [c["number"] for c in page["cells"]] == [3]
    assert page["total"] == 5
    assert (await api(f"runs/{done[0]}/steps/write/cells", start=500)).json["cells"] == []


async def test_a_step_that_has_not_begun_has_no_cells(api, by_hand):
    run, _ = by_hand("pending")
    page = (await api(f"runs/{run}/steps/pending/cells")).json
    assert (page["cells"], page["total"], page["offset"]) == ([], 0, 0)


async def test_2000_cells_and_50_mb_come_in_bounded_pages_and_are_parsed_once(api, by_hand, monkeypatch):
    from aiinfra.step import executed

    run, folder = by_hand("large")
    text = "é" * 12_500  # 25 kB in the file
    (folder / "executed.ipynb").write_text(notebook(*(code(n, shown(text)) for n in range(1, 2001))))
    assert (folder / "executed.ipynb").stat().st_size > 50e6
    parsed = []
    monkeypatch.setattr(
        executed, "parse_executed", lambda text, real=executed.parse_executed: parsed.append(1) or real(text)
    )
    seen, start = [], 0
    while start < 2000:
        page = (await api(f"runs/{run}/steps/large/cells", start=start, count=500)).json
        assert len(json.dumps(page)) < 9 * 1024 * 1024
        assert (page["total"], page["language"]) == (2000, "R")
        seen += [c["id"] for c in page["cells"]]
        start += len(page["cells"])
    assert seen == [f"c{n}" for n in range(1, 2001)]
    assert len(parsed) == 1


async def test_one_cell_larger_than_a_page_is_shown_as_far_as_it_fits(api, by_hand):
    run, folder = by_hand("wide")
    (folder / "executed.ipynb").write_text(notebook(code(1, *[shown("x" * 200_000)] * 60), code(2)))
    page = (await api(f"runs/{run}/steps/wide/cells")).json
    assert len(json.dumps(page)) < 9 * 1024 * 1024
    outputs = page["cells"][0]["outputs"]
    assert len(outputs) == 60
    assert ("data" in outputs[0], outputs[-1]["truncated"] > 200_000) == (True, True)


async def test_a_notebook_that_grows_is_seen_to_grow(api, by_hand):
    run, folder = by_hand("grows")
    for status in ("pending", "running", "failed"):
        whole = folder / ".new"
        whole.write_text(notebook(code(1, status=status)))
        whole.replace(folder / "executed.ipynb")
        (cell,) = (await api(f"runs/{run}/steps/grows/cells")).json["cells"]
        assert cell["state"] == {"pending": "waiting"}.get(status, status)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"cells": 5}',
        b'{"cells": [5]}',
        b'{"cells": [{"metadata": []}]}',
        b"[" * 100_000,
        b"\xff",
    ],
    ids=["empty", "torn", "list", "no-cells", "no-cell", "no-metadata", "deep", "bytes"],
)
async def test_a_damaged_notebook_is_said_to_be_damaged(api, by_hand, content):
    run, folder = by_hand("damaged")
    (folder / "executed.ipynb").write_bytes(content)
    answer = await api(f"runs/{run}/steps/damaged/cells")
    assert (answer.status, answer.json["type"]) == (503, "StoreError")
    assert answer.json["where"]["file"] == "executed.ipynb"


async def test_odd_cells_do_no_harm(api, by_hand):
    run, folder = by_hand("odd")
    odd = {
        "cell_type": "heading",
        "source": ["a", "b"],
        "metadata": {"papermill": {"status": "new", "duration": "long"}, "tags": None},
        "outputs": [5, {"data": {"x": [1, None]}}],
    }
    (folder / "executed.ipynb").write_text(
        notebook(odd, {"cell_type": "code"}).replace('"x": [1', '"x": [NaN')
    )
    cells = (await api(f"runs/{run}/steps/odd/cells")).json["cells"]
    assert [(c["kind"], c["source"], c["state"]) for c in cells] == [
        ("raw", "ab", None),
        ("code", "", "waiting"),
    ]


# -- log ----------------------------------------------------------------------------------------------------------------


async def test_the_log_is_what_was_printed(api, done):
    assert (await api(f"runs/{done[0]}/steps/write/log")).json == {
        "text": "wrote é🚲\n",
        "offset": 13,
        "more": False,
    }


async def test_the_log_comes_in_pages_that_end_between_characters(api, by_hand):
    run, folder = by_hand("log")
    assert (await api(f"runs/{run}/steps/log/log")).json == {"text": "", "offset": 0, "more": False}
    text = "a" + "é🚲漢" * 40_000
    (folder / "log.txt").write_text(text)
    read, offset, more = "", 0, True
    while more:
        page = (await api(f"runs/{run}/steps/log/log", offset=offset)).json
        assert 0 < page["offset"] - offset <= 64 * 1024
        read, offset, more = read + page["text"], page["offset"], page["more"]
    assert read == text
    with (folder / "log.txt").open("a") as file:
        file.write("more")
    assert (await api(f"runs/{run}/steps/log/log", offset=offset)).json["text"] == "more"
    assert (await api(f"runs/{run}/steps/log/log", offset=10**12)).json["text"] == ""


async def test_a_log_that_is_no_utf8_is_shown_to_its_end(api, by_hand):
    run, folder = by_hand("bytes")
    (folder / "log.txt").write_bytes(b"\xff\xfe ok " + b"\x80" * 70_000)
    offset, more, pages = 0, True, 0
    while more:
        page = (await api(f"runs/{run}/steps/bytes/log", offset=offset)).json
        offset, more, pages = page["offset"], page["more"], pages + 1
        assert pages < 5
    assert offset == 70_006


# -- resources ----------------------------------------------------------------------------------------------------------


async def test_samples_are_thinned_but_keep_the_peaks_and_the_last_moment(api, project, by_hand):
    run, _ = by_hand("busy")
    lines = [
        Event(
            "resources",
            float(n),
            "busy",
            {
                "cpu_percent": 400.0 if n == 1717 else 50.0,
                "memory_bytes": 10**9 + n,
                "gpus": [
                    {"percent": None, "memory_bytes": 5.0},
                    {"percent": 99.0 if n == 4 else 1.0, "memory_bytes": 0.0},
                ],
            },
        )
        for n in range(2501)
    ]
    from aiinfra.runs.events import to_line

    project.runs.events(run).path.write_bytes(
        b"".join(map(to_line, [*lines, Event("resources", 9e9, "other", {})]))
    )
    found = (await api(f"runs/{run}/steps/busy/samples")).json
    assert 800 < len(found["times"]) <= 1000
    assert (found["times"][-1], found["memory_bytes"][-1]) == (2500.0, 10**9 + 2500)
    assert max(found["cpu_percent"]) == 400.0
    assert [max(g["percent"], key=lambda p: p or 0) for g in found["gpus"]] == [None, 99.0]
    assert {len(found[n]) for n in ("cpu_percent", "memory_bytes")} == {len(found["times"])}


async def test_a_step_without_samples_has_empty_series(api, by_hand):
    run, _ = by_hand("quick")
    assert (await api(f"runs/{run}/steps/quick/samples")).json == {
        "times": [],
        "cpu_percent": [],
        "memory_bytes": [],
        "gpus": [],
    }


# -- record -------------------------------------------------------------------------------------------------------------


async def test_the_record_says_what_was_read_and_written_and_how_to_open_it(api, project, done):
    record = (await api(f"runs/{done[0]}/steps/write/record")).json
    outputs = {o["name"]: o for o in record["outputs"]}
    assert {n: (o["view"], o["file"]) for n, o in outputs.items()} == {
        "table": ("table", "table.parquet"),
        "page": ("page", "page.html"),
        "manifest": ("none", "output-manifest.json"),  # the record's own is called manifest.json
        "model": ("none", "model.pt"),
        "rows": ("none", None),
    }
    assert outputs["rows"]["value"] == 3
    assert outputs["model"]["mlflow"] == f"/runs/{project.runs.get(done[0]).steps[0].mlflow_run_id}"
    assert outputs["table"]["mlflow"] is None
    assert outputs["table"]["hash"] == record["manifest"]["outputs"][0]["md5"]
    assert record["arguments"] == {"month": 7}
    assert isinstance(record["environment"]["packages"], int)
    assert "pytest" in record["manifest"]["environment"]["packages"]
    assert record["files"][:4] == ["executed.html", "executed.ipynb", "manifest.json", "log.txt"]


async def test_an_input_says_where_it_came_from(api, project):
    project.write("data/table.csv", "a,b\n1,2\n")
    project.notebook(
        "read.ipynb", "open(table).read()", parameters="table: Input[Dataset] = 'data/table.csv'"
    )
    project.notebook(
        "make.ipynb", "open(out, 'w').write('a\\n1\\n')", parameters="out: Output[Dataset] = 'o.csv'"
    )
    body = 'made = notebook("make.ipynb")()\nnotebook("read.ipynb")(table=made.outputs["out"])'
    project.pipeline("pipeline.py", body)
    single, flow = project.submit("read.ipynb"), project.submit("pipeline.py")
    (mine,) = (await api(f"runs/{project.end(single).id}/steps/read/record")).json["inputs"]
    (theirs,) = (await api(f"runs/{project.end(flow).id}/steps/read/record")).json["inputs"]
    assert (mine["source"], mine["path"], mine["size"]) == ("data/table.csv", "data/table.csv", 8)
    assert theirs["source"] == "make.out"
    choices = (await api(f"runs/{single}")).json["choices"]
    assert choices["versions"] == {"table": mine["md5"]}


async def test_a_step_without_a_record_says_so(api, by_hand):
    run, folder = by_hand("early")
    answer = await api(f"runs/{run}/steps/early/record")
    assert (answer.status, answer.json["type"]) == (404, "NotFound")
    (folder / "manifest.json").write_text("{")
    assert (await api(f"runs/{run}/steps/early/record")).status == 422


# -- tables -------------------------------------------------------------------------------------------------------------


async def test_a_table_is_shown_in_windows_as_plain_values(api, done):
    page = (await api(f"runs/{done[0]}/steps/write/table", output="table", start=1, count=5)).json
    assert [c["name"] for c in page["columns"]] == ["dest", "delay"]
    assert page["rows"] == [["BOS", None], ["SFO", -1.0]] or page["rows"] == [["BOS", "NaN"], ["SFO", -1.0]]
    assert page["total"] == 3


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"output": "model"}, 422),
        ({"output": "rows"}, 404),
        ({"output": "../table"}, 404),
        ({"output": "table", "count": 5000}, 422),
        ({"output": "table", "start": -1}, 422),
        ({}, 422),
    ],
    ids=str,
)
async def test_what_is_no_table_is_not_shown(api, done, asked, status):
    answer = await api(f"runs/{done[0]}/steps/write/table", **asked)
    assert answer.status == status
    assert answer.json["message"]


async def test_a_table_that_is_gone_or_lies_elsewhere_is_not_shown(api, project, by_hand, tmp_path):
    (tmp_path / "secret.csv").write_text("a\nsecret\n")
    run, folder = by_hand("away")
    place = folder / "table.csv"
    for uri in (tmp_path / "secret.csv", place, "../../../../settings.ini"):
        outputs = [{"name": "table", "artifact": "Dataset", "uri": str(uri)}]
        manifest = {
            "run": run,
            "task": "away",
            "state": "SUCCEEDED",
            "started": 1.0,
            "bundle": "",
            "outputs": outputs,
        }
        (folder / "manifest.json").write_text(json.dumps(manifest))
        answer = await api(f"runs/{run}/steps/away/table", output="table")
        assert answer.status == 404
        (output,) = (await api(f"runs/{run}/steps/away/record")).json["outputs"]
        assert (output["file"], output["view"]) == (None, "none")
    place.symlink_to(tmp_path / "secret.csv")
    outputs[0]["uri"] = str(place)
    (folder / "manifest.json").write_text(json.dumps({**manifest, "outputs": outputs}))
    assert (await api(f"runs/{run}/steps/away/table", output="table")).status == 404


# -- what is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["cells", "log", "samples", "record", "table"])
@pytest.mark.parametrize("step", ["trian", "..", "..%2F..%2Fetc", "write%00"])
async def test_a_step_that_there_is_not(api, done, part, step):
    answer = await api(
        f"runs/{done[0]}/steps/{step}/{part}", **({"output": "table"} if part == "table" else {})
    )
    assert answer.status == 404


@pytest.mark.parametrize("part", ["cells", "log", "samples", "record", "table"])
async def test_an_unknown_field_is_refused(api, done, part):
    answer = await api(f"runs/{done[0]}/steps/write/{part}", output="table", colour="red")
    assert answer.status == 422
    assert answer.json["where"]["field"] in ("colour", "output")


async def test_what_the_running_cell_has_printed_is_all_that_the_events_tell_up_to_the_offset(
    api, project, by_hand
):
    run, folder = by_hand("prints")
    saved = {"output_type": "stream", "name": "stdout", "text": ["one"]}
    shown = {"output_type": "display_data", "data": {"text/plain": "a plot"}, "metadata": {}}
    papermill = {"papermill": {"status": "running"}}
    cell = {"cell_type": "code", "id": "c1", "source": "", "metadata": papermill, "outputs": [saved, shown]}
    (folder / "executed.ipynb").write_text(notebook(cell))
    log = project.runs.events(run)
    log.append(Event.now("cell-started", "prints", id="c1", cell=1))
    for text in ("one", " two"):
        log.append(Event.now("log", "prints", text=text, stream="stdout"))
    page = (await api(f"runs/{run}/steps/prints/cells")).json
    assert page["cells"][0]["outputs"] == [
        {"output_type": "stream", "name": "stdout", "text": "one two"},
        shown,
    ]
    assert page["offset"] == log.end()
