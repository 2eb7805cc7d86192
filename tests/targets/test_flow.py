"""A pipeline that runs to its end, one that fails in the middle, and what both leave to find."""

import json
from pathlib import Path

import pytest

from aiinfra.errors import ArgumentError, NotFound
from aiinfra.targets.results import find_output, find_step, step_results

SECRET = "hunter2-in-the-environment"
LIBRARIES = ("json", "random", "typing", "queue", "types")
PREPARE = """
month: int = 1  # Month, 1..12
note: str = ""
weights: list = []
limit: float = 1.0
größe: int = 0
numbers: list[int] = []
raw: Input[Dataset] = "data/raw.csv"
extra: Input[Dataset] = "data/extra.csv"
table: Output[Dataset] = "out/table.csv"
parts: Output[Dataset] = "out/parts"
seen: Output[dict]
rows: Output[int]
worst: Output[float]
"""
WRITE = """
import json, os, pathlib, random
import helpers

seen = {"note": note, "weights": repr(weights), "limit": repr(limit), "größe": größe, "stage": os.environ["STAGE"]}
seen |= {"count": len(numbers), "last": numbers[-1], "raw": open(raw).read(), "extra": open(extra).read()}
seen |= {"here": sorted(os.listdir(".")), "helped": helpers.HELP, "month": month}
pathlib.Path(table).write_text(f"month\\n{month}\\n")
pathlib.Path(parts, "deep").mkdir(parents=True)
pathlib.Path(parts, "deep", "a.txt").write_text("a")
pathlib.Path(raw).write_text("scribbled over")
rows, worst = 2, float("nan")
print("prepared")
"""
TRAIN = """
table: Input[Dataset] = "data/nowhere.csv"
parts: Input[Dataset]
rows: int = 0
worst: float = 0.0
report: Output[HTML] = "out/report.html"
seen: Output[str]
auc: Output[float]
"""
JUDGE = """
import pathlib
seen = open(table).read() + pathlib.Path(parts, "deep/a.txt").read_text() + f" {rows} {worst}"
pathlib.Path(report).write_text("<p>good</p>")
auc = 0.75
"""
BODY = """
before = notebook("prepare.ipynb")(
    month=month, note=f"{who} in {month}: {{$}}", weights=[1.0, 2.5, None], limit=float("-inf"), größe=7, numbers=NUMBERS
).set_env_variable("STAGE", "one")
outs = before.outputs
notebook("train.ipynb", cpu="1")(table=outs["table"], parts=outs["parts"], rows=outs["rows"], worst=outs["worst"])
"""


@pytest.fixture(scope="module")
def flow(project):
    "A run of two steps in a project with everything: what was before, and the run."
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("MY_TOKEN", SECRET)
    project.write("data/raw.csv", "raw\n1\n")
    project.write("NOTES.md", "as it was\n")
    project.dvc("add", "-q", "data/raw.csv")
    project.dvc("remote", "add", "-q", "-d", "store", str(project.root.parent / "remote"))
    project.git("add", "-A")
    project.git("commit", "-qm", "data")
    project.write("data/raw.csv", "raw\n1\n2\n")
    project.write("NOTES.md", "as it is\n")
    project.write("data/extra.csv", "extra\n")
    project.write("helpers.py", "HELP = 'helped'\n")
    for name in LIBRARIES:
        project.write(f"{name}.py", f"raise RuntimeError('the project has its own {name}')\n")
    project.notebook("prepare.ipynb", PREPARE, WRITE)
    project.notebook("train.ipynb", TRAIN, JUDGE)
    numbers = "NUMBERS = list(range(60_000))\n"
    project.pipeline("pipeline.py", BODY, 'month: int = 7, who: str = "O\'Hare"', numbers)
    hashes = project.hashes()
    plan = project.plan("pipeline.py")
    run = project.end(project.target.submit(plan).id)
    monkeypatch.undo()
    for name in LIBRARIES:
        (project.root / f"{name}.py").unlink()
    return run, plan, hashes


@pytest.fixture(scope="module")
def seen(project, flow):
    "What the first notebook saw."
    return next(o["value"] for o in project.manifest(flow[0].id, "prepare")["outputs"] if o["name"] == "seen")


# -- a run that succeeds --------------------------------------------------------------------------------------------


def test_a_pipeline_runs_in_a_project_that_has_its_own_json_and_random(flow):
    run = flow[0]
    assert (run.state, run.error) == ("SUCCEEDED", None)
    assert [(s.name, s.state, s.exit_code) for s in run.steps] == [
        ("prepare", "SUCCEEDED", 0),
        ("train", "SUCCEEDED", 0),
    ]
    assert all(s.cell == s.cells for s in run.steps)


def test_the_pipelines_defaults_reach_the_steps(flow, seen):
    assert seen["month"] == 7
    assert flow[0].arguments == {"month": 7, "who": "O'Hare"}


def test_a_text_with_values_in_it_arrives_put_together(seen):
    assert seen["note"] == "O'Hare in 7: {$}"


def test_values_that_the_wire_would_change_arrive_as_they_were(seen):
    assert (seen["weights"], seen["limit"], seen["größe"]) == ("[1.0, 2.5, None]", "-inf", 7)


def test_a_list_too_long_for_a_command_line_arrives(seen):
    assert (seen["count"], seen["last"]) == (60_000, 59_999)


def test_the_environment_that_the_pipeline_sets_reaches_the_notebook(seen):
    assert seen["stage"] == "one"


def test_modules_beside_the_notebook_travel_with_it(seen):
    assert seen["helped"] == "helped"


def test_data_is_what_it_was_when_the_run_was_submitted(seen):
    assert (seen["raw"], seen["extra"]) == ("raw\n1\n2\n", "extra\n")


def test_values_artifacts_and_folders_flow_from_step_to_step(project, flow):
    outputs = {o["name"]: o for o in project.manifest(flow[0].id, "train")["outputs"]}
    assert outputs["seen"]["value"] == "month\n7\na 2 nan"


def test_metrics_of_the_steps_are_metrics_of_the_run(flow):
    metrics = flow[0].metrics
    assert (metrics["rows"], metrics["auc"]) == (2.0, 0.75)
    assert metrics["worst"] != metrics["worst"]


def test_the_workspace_is_byte_for_byte_what_it_was(project, flow):
    hashes = {n: h for n, h in flow[2].items() if n.removesuffix(".py") not in LIBRARIES}
    assert project.hashes() == hashes


def test_modified_and_untracked_data_is_said_recorded_and_kept(project, flow):
    run, plan, _ = flow
    assert any("data/raw.csv has changed since its last version" in note for note in plan.notes)
    assert any("data/extra.csv is not versioned" in note for note in plan.notes)
    inputs = {i["name"]: i for i in project.manifest(run.id, "prepare")["inputs"]}
    assert [inputs[n]["version"]["state"] for n in ("raw", "extra")] == ["modified", "untracked"]
    cache = project.root / ".dvc" / "cache" / "files" / "md5"
    for name, content in (("raw", "raw\n1\n2\n"), ("extra", "extra\n")):
        md5 = inputs[name]["md5"]
        assert (cache / md5[:2] / md5[2:]).read_text() == content


def test_datasets_that_a_step_makes_are_in_the_cache_and_the_remote_by_md5(project, flow):
    outputs = {o["name"]: o for o in project.manifest(flow[0].id, "prepare")["outputs"]}
    cache = project.root / ".dvc" / "cache" / "files" / "md5"
    for name in ("table", "parts"):
        md5 = outputs[name]["md5"]
        assert (cache / md5[:2] / md5[2:]).is_file()
        assert (project.root.parent / "remote" / "files" / "md5" / md5[:2] / md5[2:]).is_file()
    assert outputs["parts"]["md5"].endswith(".dir")
    given = {i["name"]: i["md5"] for i in project.manifest(flow[0].id, "train")["inputs"]}
    assert given == {n: outputs[n]["md5"] for n in ("table", "parts")}


def test_where_the_code_came_from_is_recorded(project, flow):
    run = flow[0]
    origin = json.loads((project.folder(run.id) / "origin.json").read_text())
    assert origin["git"]["commit"] == project.git("rev-parse", "HEAD")
    assert origin["git"]["dirty"] is True
    assert "prepare.ipynb" in origin["git"]["untracked"]
    assert "-as it was\n+as it is" in origin["git"]["patch"]
    assert project.manifest(run.id, "train")["git"]["commit"] == origin["git"]["commit"]


def test_what_is_in_the_environment_stays_there(project, flow):
    files = [p for p in project.folder(flow[0].id).rglob("*") if p.is_file()]
    assert len(files) > 10
    for path in files:
        assert SECRET.encode() not in path.read_bytes(), path.name


def test_mlflow_has_the_run_and_its_steps(project, flow):
    run = flow[0]
    parent = project.mlflow(run.mlflow_run_id)
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics["auc"] == 0.75
    assert parent.data.tags["aiinfra.run"] == run.id
    for step in run.steps:
        child = project.mlflow(step.mlflow_run_id)
        assert child.info.status == "FINISHED"
        assert child.data.tags["mlflow.parentRunId"] == run.mlflow_run_id
        assert {"executed.ipynb", "executed.html", "manifest.json"} <= project.mlflow_files(
            step.mlflow_run_id
        )
    assert project.mlflow(run.steps[0].mlflow_run_id).data.params["month"] == "7"


def test_a_run_tells_its_story_in_order(project, flow):
    kinds = [(e.kind, e.step) for e in project.events(flow[0].id) if e.kind.startswith(("run", "step"))]
    assert kinds == [
        ("run-started", None),
        ("step-started", "prepare"),
        ("step-finished", "prepare"),
        ("step-started", "train"),
        ("step-finished", "train"),
        ("run-finished", None),
    ]


def test_following_a_run_that_has_ended_tells_all_of_it(project, flow):
    assert list(project.target.follow(flow[0].id)) == project.events(flow[0].id)


def test_nothing_is_left_running_or_lying_about(project, flow):
    run = flow[0]
    project.until_gone(run.id)
    assert not list(project.folder(run.id).rglob("work-*"))
    assert not (project.folder(run.id) / ".ballast").exists()
    assert list((project.settings.state / "mlflow-open").iterdir()) == []


# -- a run that fails -----------------------------------------------------------------------------------------------

FAILING = """
first = notebook("small.ipynb", name="a-first")()
wrong = notebook("wrong.ipynb", name="b-wrong")(before=first.outputs["n"])
notebook("small.ipynb", name="c-depends")(before=wrong.outputs["n"])
notebook("small.ipynb", name="z-apart")().after(first)
"""


@pytest.fixture(scope="module")
def failed(project):
    project.notebook("small.ipynb", "before: int = 0\nn: Output[int]", "n = before + 1")
    wrong = ("print('so far')", "raise ValueError(f'no {before}')")
    project.notebook("wrong.ipynb", "before: int = 0\nn: Output[int]", *wrong)
    project.pipeline("failing.py", FAILING)
    return project.run("failing.py")


def test_a_step_that_fails_fails_the_run_with_its_reason(failed):
    assert failed.state == "FAILED"
    assert failed.error == "b-wrong: cell 4: ValueError: no 1"


def test_what_comes_after_a_step_that_failed_is_skipped_and_so_is_the_rest(failed):
    assert {s.name: s.state for s in failed.steps} == {
        "a-first": "SUCCEEDED",
        "b-wrong": "FAILED",
        "c-depends": "SKIPPED",
        "z-apart": "SKIPPED",
    }
    wrong = next(s for s in failed.steps if s.name == "b-wrong")
    assert (wrong.exit_code, wrong.error) == (1, "cell 4: ValueError: no 1")


def test_a_failed_run_is_failed_in_mlflow_too(project, failed):
    states = {s.name: s.mlflow_run_id for s in failed.steps}
    assert project.mlflow(failed.mlflow_run_id).info.status == "FAILED"
    assert project.mlflow(failed.mlflow_run_id).data.tags["aiinfra.error"] == failed.error
    assert project.mlflow(states["a-first"]).info.status == "FINISHED"
    assert project.mlflow(states["b-wrong"]).info.status == "FAILED"
    assert states["c-depends"] is None


def test_what_the_failed_notebook_did_so_far_can_be_read(project, failed):
    text = (project.folder(failed.id, "b-wrong") / "executed.ipynb").read_text()
    assert "so far" in text
    assert "ValueError" in text
    assert "ValueError" in (project.folder(failed.id, "b-wrong") / "executed.html").read_text()


# -- finding what runs left -----------------------------------------------------------------------------------------


def test_an_output_is_found_by_its_name(project, flow):
    result, output = find_output(project.runs, f"{flow[0].id}:auc")
    assert (result.name, output.value) == ("train", 0.75)
    assert find_output(project.runs, f"{flow[0].id}:train.auc")[1] == output


def test_an_artifact_is_found_with_its_place(project, flow):
    _, output = find_output(project.runs, f"{flow[0].id}:report")
    assert Path(output.uri).read_text() == "<p>good</p>"
    (train,) = [r for r in step_results(project.runs, flow[0]) if r.name == "train"]
    assert [p.read_text() for p in train.reports] == ["<p>good</p>"]
    assert [o.name for o in train.values] == ["seen", "auc"]


def test_a_name_of_two_outputs_asks_which(project, flow, failed):
    run = flow[0].id
    with pytest.raises(ArgumentError, match=f"run {run} has 2 outputs 'seen'") as caught:
        find_output(project.runs, f"{run}:seen")
    assert caught.value.remedy == f"say which: {run}:prepare.seen or {run}:train.seen"
    assert find_output(project.runs, f"{run}:train.seen")[0].name == "train"
    assert find_output(project.runs, f"{failed.id}:n")[0].name == "a-first"  # the only one that got so far


@pytest.mark.parametrize("address", ["auc", ":auc", "latest:", "", "1"])
def test_what_is_no_address_is_refused(project, flow, address):
    with pytest.raises(ArgumentError, match="is not RUN:NAME"):
        find_output(project.runs, address)


def test_an_unknown_output_or_step_gets_the_nearest(project, flow):
    with pytest.raises(NotFound) as caught:
        find_output(project.runs, f"{flow[0].id}:tabel")
    assert caught.value.remedy == "did you mean 'table'?"
    with pytest.raises(NotFound) as caught:
        find_step(project.runs, flow[0].id, "trian")
    assert caught.value.remedy == "did you mean 'train'?"
    with pytest.raises(NotFound, match="there is no run 999"):
        find_output(project.runs, "999:table")


def test_without_a_name_the_step_that_failed_or_the_last_one_is_meant(project, flow, failed):
    assert find_step(project.runs, flow[0].id).name == "train"
    assert find_step(project.runs, failed.id).name == "b-wrong"
    assert find_step(project.runs, failed.id, "a-first").notebook.name == "executed.html"


def test_a_step_that_never_ran_has_nothing_to_open(project, failed):
    with pytest.raises(NotFound, match="no executed notebook"):
        find_step(project.runs, failed.id, "z-apart")
