"""What a step leaves: a manifest that is complete and exact, and a page that needs nothing else."""

import json
import math
import re
import subprocess
from dataclasses import fields
from html.parser import HTMLParser

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from aiinfra.errors import InvalidInput, StoreError
from aiinfra.project.cache import keep_in
from aiinfra.project.data import Version
from aiinfra.project.environment import Environment, capture
from aiinfra.project.git import GitState, git_state
from aiinfra.step.outputs import Produced, sha256_of
from aiinfra.step.record import (
    MANIFEST,
    Failure,
    Manifest,
    NotebookRecord,
    from_json,
    publish,
    read_manifest,
    to_json,
    write_manifest,
    write_page,
)
from aiinfra.step.workspace import Placed

# -- field by field --------------------------------------------------------------------------------------------

SECRET = "c4n4ry-of-the-environment"


@pytest.fixture(scope="module")
def submitted(lab, tmp_path_factory):
    "A step as the local target starts it: from a dirty repository, with versioned data, a cache and a remote."
    folder = tmp_path_factory.mktemp("submission")
    (lab.root / "code.py").write_text("x = 1\n")
    git = ["git", "-C", str(lab.root)]
    (lab.root / ".gitignore").write_text("/runs\n/store\nstderr*\n")
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], check=True)
    (lab.root / "code.py").write_text("x = 2\n")
    origin = {
        "git": git_state(lab.root).to_dict(),
        "user": "ada",
        "target": "local",
        "image": "aiinfra/step@sha256:9f86",
        "lock": {"name": "requirements.lock", "sha256": "abc1"},
    }
    (folder / "origin.json").write_text(json.dumps(origin))
    (folder / "flights.csv").write_text("carrier,delay\nUA,12\n")
    content = keep_in(folder / "flights.csv", folder / "cache")
    version = Version("data/flights.csv", content.md5, content.size, "clean", "9f86d081", "s3://data/dvc")
    notebook = lab.notebook(
        "import pathlib, time\nfor name in (model, table): pathlib.Path(name).write_text('made from ' + flights)",
        "auc, loss = 0.5, float('nan')\nx = bytearray(50_000_000); time.sleep(0.6)",
        parameters='flights: Input[Dataset] = "data/flights.csv"\nmonth: int = 1\nseed: int = 7\nrate: float = 0.1\n'
        'later: str = str(month)\nauc: Output[float]\nloss: Output[float]\nmodel: Output[Model] = "out/model.pt2"\n'
        'table: Output[Dataset] = "out/table.csv"',
    )
    ended = lab.run(
        notebook,
        values={"month": 3.0, "rate": "Infinity", "aiinfra_data_flights": json.dumps(version.to_dict())},
        settings="[run]\nsample_seconds = 0.1\n",
        env={
            "AIINFRA_ORIGIN": str(folder / "origin.json"),
            "AIINFRA_CACHES": str(folder / "cache"),
            "AIINFRA_REMOTE": str(folder / "remote"),
            "MLFLOW_RUN_ID": "run-of-mlflow",
            "PYTHONHASHSEED": "0",
            "MY_TOKEN": SECRET,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        },
    )
    assert ended.code == 0, ended.stderr
    return ended, version, origin


@pytest.fixture
def manifest(submitted):
    return submitted[0].manifest


def test_who_when_where(manifest):
    assert (manifest.version, manifest.run, manifest.task) == (1, "41", "train")
    assert (manifest.target, manifest.user) == ("local", "ada")
    assert (manifest.state, manifest.exit_code, manifest.error) == ("SUCCEEDED", 0, None)
    assert manifest.started < manifest.finished
    assert manifest.mlflow_run_id == "run-of-mlflow"


def test_the_code(manifest, submitted):
    assert manifest.bundle.startswith("sha256:")
    assert len(manifest.bundle) == 71
    assert manifest.notebook.path == "train.ipynb"
    assert re.fullmatch("[0-9a-f]{64}", manifest.notebook.sha256)
    assert list(manifest.notebook.cells) == ["cell-1", "cell-2", "cell-3", "cell-4"]
    assert len(set(manifest.notebook.cells.values())) == 4


def test_the_commit_and_the_patch_that_leads_to_the_tree(manifest, submitted, lab):
    assert manifest.git == GitState(
        **{k: tuple(v) if isinstance(v, list) else v for k, v in submitted[2]["git"].items()}
    )
    assert re.fullmatch("[0-9a-f]{40}", manifest.git.commit)
    assert manifest.git.dirty
    assert "+x = 2" in manifest.git.patch


def test_the_arguments_with_the_defaults_that_are_known(manifest):
    assert manifest.arguments == {"month": 3, "seed": 7, "rate": math.inf}


def test_the_inputs(manifest, submitted):
    version = submitted[1]
    assert manifest.inputs == [Placed("flights", "data/flights.csv", version.md5, 20, version=version)]
    assert (manifest.inputs[0].version.rev, manifest.inputs[0].version.remote) == (
        "9f86d081",
        "s3://data/dvc",
    )


def test_the_outputs(manifest, submitted, tmp_path):
    ended = submitted[0]
    auc, loss, model, table = manifest.outputs
    assert (auc.value, math.isnan(loss.value)) == (0.5, True)
    kept = ended.record / "outputs" / "model.pt2"
    assert (model.artifact, model.path, model.uri) == ("Model", "out/model.pt2", str(kept))
    assert (model.sha256, model.size) == sha256_of(kept)
    assert model.md5 is None
    assert (table.artifact, table.md5, table.size) == ("Dataset", keep_in(kept, tmp_path).md5, 26)
    assert table.remote.endswith("/remote")


def test_the_answer_to_the_pipeline(submitted):
    answer = submitted[0].answer
    assert answer["parameterValues"] == {"auc": 0.5, "loss": "NaN"}
    assert set(answer["artifacts"]) == {"model", "table"}


def test_what_it_ran_on(manifest):
    environment = manifest.environment
    assert environment.python == capture().python
    assert environment.packages == capture().packages
    assert (environment.lock, environment.lock_sha256) == ("requirements.lock", "abc1")
    assert environment.image == "aiinfra/step@sha256:9f86"
    assert environment.flags["PYTHONHASHSEED"] == "0"


def test_how_long_each_cell_took_and_what_it_used(manifest):
    assert [(t["cell"], t["id"]) for t in manifest.timings] == [
        (1, "cell-1"),
        (2, "cell-2"),
        (0, "injected-parameters"),
        (3, "cell-3"),
        (4, "cell-4"),
    ]
    assert manifest.timings[-1]["seconds"] > 0.5
    assert manifest.resources["peak_memory_bytes"] > 50_000_000
    assert manifest.resources["cpu_seconds"] > 0
    assert set(manifest.resources) == {
        "peak_memory_bytes",
        "cpu_seconds",
        "gpu_peak_memory_bytes",
        "gpu_percent",
    }


def test_metrics_are_the_numbers_among_the_outputs(submitted):
    ended = submitted[0]
    told = {e.data["name"]: e.data["value"] for e in ended.events if e.kind == "metric"}
    assert told == {"auc": 0.5, "loss": "NaN"}


def test_resources_are_told_while_it_runs(submitted):
    assert [e for e in submitted[0].events if e.kind == "resources" and e.data["memory_bytes"] > 0]


def test_no_secret_of_the_environment_is_recorded(submitted):
    record = submitted[0].record
    for file in (p for p in record.rglob("*") if p.is_file()):
        assert SECRET not in file.read_text(errors="replace"), file.name


def test_the_record_names_no_place_of_its_own_making(submitted):
    text = (submitted[0].record / "executed.ipynb").read_text()
    assert "work-" not in text


def test_a_kernel_of_another_environment_is_what_is_recorded(lab, tmp_path):
    "A kernelspec whose Python is another one: its version and packages made the result."
    site = tmp_path / "env" / "elsewhere"
    (site / "spam_eggs-4.2.dist-info").mkdir(parents=True)
    spec = tmp_path / "data" / "kernels" / "other"
    spec.mkdir(parents=True)
    import sys

    start = (
        f"import sys; sys.path = [{str(site)!r}, *sys.path]; sys.executable = '/other/python';"
        "import platform; platform.python_version = lambda: '3.99.1';"
        "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
    )
    argv = [sys.executable, "-c", start, "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "other", "language": "python"})
    )
    ended = lab.run(lab.notebook("1", kernel="other"), env={"JUPYTER_DATA_DIR": str(tmp_path / "data")})
    assert ended.code == 0, ended.stderr
    assert ended.manifest.environment.python == "3.99.1"
    assert ended.manifest.environment.packages["spam-eggs"] == "4.2"


# -- written and read ------------------------------------------------------------------------------------------

TEXTS = st.text(alphabet=st.characters(codec=None), max_size=8)
PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS, st.just("$number")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(TEXTS, inner, max_size=3),
        st.fixed_dictionaries({"$number": inner}),
    ),
    max_leaves=10,
)


@given(PLAIN)
def test_json_holds_every_value_exactly(value):
    text = json.dumps(to_json(value), allow_nan=False)
    assert from_json(json.loads(text)) == value


def test_json_holds_nan():
    assert math.isnan(from_json(json.loads(json.dumps(to_json([math.nan]), allow_nan=False)))[0])


@st.composite
def manifests(draw):
    text = TEXTS
    optional = st.one_of(st.none(), text)
    git = GitState(
        draw(optional), draw(optional), draw(st.booleans()), draw(text), ("a",), (draw(text),), None, "Ada"
    )
    version = Version(draw(text), "8d11", 7, "modified", draw(optional), draw(optional))
    return Manifest(
        run=draw(text),
        task="train",
        state=draw(st.sampled_from(["RUNNING", "SUCCEEDED", "FAILED", "CANCELED"])),
        started=draw(st.floats(0, 1e10)),
        finished=draw(st.one_of(st.none(), st.floats(0, 1e10))),
        bundle="sha256:9f86",
        error=draw(st.one_of(st.none(), st.builds(Failure, type=text, message=text, remedy=optional))),
        notebook=NotebookRecord(
            path=draw(text), sha256="9f", cells=draw(st.dictionaries(text, text, max_size=2))
        ),
        git=draw(st.sampled_from([None, git])),
        arguments=draw(st.dictionaries(text, PLAIN, max_size=3)),
        inputs=[Placed(draw(text), "p", "8d", 7, version=draw(st.sampled_from([None, version])))],
        outputs=[
            Produced("auc", value=draw(PLAIN)),
            Produced("m", "Model", None, "p", "u", "s", "8d", 7, draw(optional)),
        ],
        environment=draw(st.sampled_from([None, capture()])),
        timings=[{"cell": 1, "seconds": draw(st.floats(0, 1e5))}],
        mlflow_run_id=draw(optional),
    )


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(manifests())
def test_a_manifest_comes_back_as_it_was(tmp_path, manifest):
    write_manifest(manifest, tmp_path)
    text = (tmp_path / MANIFEST).read_text()
    json.loads(text, parse_constant=pytest.fail)
    assert read_manifest(tmp_path) == manifest
    assert [p.name for p in tmp_path.iterdir()] == [MANIFEST]


def test_every_field_of_the_parts_is_in_the_file(tmp_path):
    manifest = Manifest(
        run="1", task="t", state="RUNNING", started=1, bundle="", git=GitState(), environment=capture()
    )
    manifest.outputs = [Produced("m")]
    write_manifest(manifest, tmp_path)
    written = json.loads((tmp_path / MANIFEST).read_text())
    assert set(written) == set(Manifest.model_fields)
    assert set(written["git"]) == {f.name for f in fields(GitState)}
    assert set(written["environment"]) == {f.name for f in fields(Environment)}
    assert set(written["outputs"][0]) == {f.name for f in fields(Produced)}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 2}, "version: Input should be 1"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"git": {"commit": None, "colour": "red"}}, "git.colour: "),
        ({"state": "DONE"}, "state: "),
        ({"run": None}, "run: "),
    ],
)
def test_what_the_model_does_not_know_is_refused_with_the_way_out(tmp_path, change, says):
    write_manifest(Manifest(run="1", task="t", state="RUNNING", started=1, bundle=""), tmp_path)
    written = json.loads((tmp_path / MANIFEST).read_text())
    (tmp_path / MANIFEST).write_text(json.dumps(written | change))
    with pytest.raises(InvalidInput, match="the manifest can't be read: " + re.escape(says)) as caught:
        read_manifest(tmp_path)
    assert caught.value.remedy == "a newer aiinfra may have written it: update aiinfra"


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"version": 1}', "\xff"])
def test_a_damaged_manifest_is_refused(tmp_path, text):
    (tmp_path / MANIFEST).write_bytes(text.encode("latin-1"))
    with pytest.raises(InvalidInput, match="the manifest can't be read"):
        read_manifest(tmp_path)


def test_a_folder_without_a_manifest_has_none(tmp_path):
    assert read_manifest(tmp_path) is None


def test_a_manifest_that_cannot_be_written_is_an_error_of_the_store(tmp_path):
    manifest = Manifest(run="1", task="t", state="RUNNING", started=1, bundle="")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="the manifest can't be written"):
        write_manifest(manifest, tmp_path / "file")


def test_unknown_fields_are_refused_in_code_too():
    with pytest.raises(ValidationError):
        Manifest(run="1", task="t", state="RUNNING", started=1, bundle="", colour="red")


# -- the page --------------------------------------------------------------------------------------------------


class Loads(HTMLParser):
    "What a page loads from elsewhere."

    def __init__(self, page):
        super().__init__()
        self.scripts, self.styles, self.images = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given_ = dict(attrs)
        if tag == "script" and "src" in given_:
            self.scripts.append(given_["src"])
        if tag == "link":
            self.styles.append(given_.get("href"))
        if tag == "img":
            self.images.append(given_["src"])


def page_of(folder, *cells, **metadata):
    nb = nbformat.v4.new_notebook(metadata=metadata)
    nb.cells = list(cells)
    (folder / "executed.ipynb").write_text(nbformat.writes(nb), encoding="utf-8", errors="backslashreplace")
    write_page(folder)
    return (folder / "executed.html").read_text(encoding="utf-8")


def shows(**data):
    output = nbformat.v4.new_output("display_data", data={k.replace("_", "/"): v for k, v in data.items()})
    return nbformat.v4.new_code_cell("show", outputs=[output])


def test_a_page_loads_nothing_from_anywhere(tmp_path, submitted):
    formula = nbformat.v4.new_markdown_cell("# Train\n\n$x^2$\n\n```mermaid\ngraph TD; A-->B\n```")
    view = "application/vnd.jupyter.widget-view+json"
    output = nbformat.v4.new_output(
        "display_data", data={view: {"model_id": "a"}, "text/plain": "IntSlider(value=7)"}
    )
    widget = nbformat.v4.new_code_cell("slider", outputs=[output])
    state = {"application/vnd.jupyter.widget-state+json": {"state": {"a": {"model_name": "IntSlider"}}}}
    page = page_of(
        tmp_path, formula, widget, shows(image_png="iVBORw0KGgo=", text_latex="$x$"), widgets=state
    )
    for text in (page, (submitted[0].record / "executed.html").read_text()):
        loads = Loads(text)
        assert (loads.scripts, loads.styles) == ([], [])
        assert all(image.startswith("data:") for image in loads.images)
        assert not re.search(r"@import|@font-face|url\(\s*['\"]?(https?:)?//|import\(|from\s+['\"]http", text)
    assert "IntSlider(value=7)" in page


@pytest.mark.parametrize(
    "cell",
    [
        shows(text_html="<script>alert(1)</script></body></html><!--"),
        shows(text_html="{{ 1/0 }} {% raw %} {% block x %}"),
        shows(application_javascript="</script><script>"),
        shows(image_png="not base64 \x00"),
        shows(text_markdown="<script> $$ \\( ``` \u2028 ```"),
        shows(text_latex="\\newcommand{\\x}{\\x}\\x"),
        shows(**{"application_vnd.unheard+json": {"a": [1]}}),
        shows(**{"image_svg+xml": "<svg onload='x'><script>1</script>"}),
        nbformat.v4.new_code_cell(
            "</pre><script>",
            outputs=[
                nbformat.v4.new_output("stream", text="\x1b[31m \x1b[999m \x1b]8;; \x00 \ud800 \x08\r"),
                nbformat.v4.new_output(
                    "error", ename="<b>", evalue="</pre>", traceback=["\x1b[0;31m<script>"]
                ),
            ],
        ),
        nbformat.v4.new_markdown_cell("![](missing.png) ![](/etc/passwd/x) ![](http://127.0.0.1:9/x.png) <b"),
    ],
)
def test_a_hostile_output_does_not_stop_the_page(tmp_path, cell):
    page = page_of(tmp_path, cell, nbformat.v4.new_markdown_cell("the end"), title="</title><script>")
    assert "the end" in page
    assert "</title><script>" not in page


def test_a_page_that_cannot_be_made_is_noted_and_loses_no_result(lab):
    cell = 'import pathlib; pathlib.Path("../../executed.html").mkdir()'
    ended = lab.run(lab.notebook(cell))
    assert (ended.code, ended.manifest.state) == (0, "SUCCEEDED")
    [note] = [e for e in ended.events if e.kind == "note"]
    assert "could not be made a page" in note.data["text"]


def test_no_executed_notebook_no_page(tmp_path):
    write_page(tmp_path)
    assert list(tmp_path.iterdir()) == []


# -- publishing ------------------------------------------------------------------------------------------------


def test_a_record_is_published_with_its_outputs(tmp_path):
    (tmp_path / "record" / "outputs").mkdir(parents=True)
    (tmp_path / "record" / "outputs" / "model").write_text("w")
    (tmp_path / "record" / MANIFEST).write_text("{}")
    for store in (str(tmp_path / "store"), f"file://{tmp_path}/by-url"):
        publish(tmp_path / "record", store, "41", "train")
        publish(tmp_path / "record", store, "41", "train")  # again, by a second attempt
    for store in ("store", "by-url"):
        found = sorted(
            str(p.relative_to(tmp_path / store)) for p in (tmp_path / store).rglob("*") if p.is_file()
        )
        assert found == ["runs/41/train/manifest.json", "runs/41/train/outputs/model"]


@pytest.mark.parametrize("store", ["nosuchscheme://bucket", "/dev/null/store"])
def test_a_store_that_cannot_be_reached(tmp_path, store):
    with pytest.raises(StoreError, match="can't be written to the store"):
        publish(tmp_path, store, "41", "train")
