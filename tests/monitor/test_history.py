"""What people see of drift over many runs, and what a page can't do to them."""

import json

import pytest

from aiinfra.monitor.drift import DATA_TAG, drift_report
from aiinfra.monitor.history import drift_history, read_summary
from aiinfra.runs.store import RunStore
from aiinfra.step.outputs import Produced
from aiinfra.step.record import Manifest, NotebookRecord, write_manifest


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "state")


def page_with(data):
    return f"<!DOCTYPE html><html><head>{DATA_TAG}{data}</script></head><body>…</body></html>"


def summary(share=0.5, **more):
    column = {
        "column": "temp",
        "method": "psi",
        "distance": share,
        "threshold": 0.25,
        "drifted": share >= 0.25,
    }
    return {"version": 1, "drifted": share >= 0.3, "share": share, "columns": [column], **more}


def ran(store, pages, notebook="drift.ipynb", step="drift", source="pipeline.py", kind="HTML"):
    "A run of one step that left these pages, by the name of the output."
    run = store.create("flights", source, steps=[step])
    folder = store.run_dir(run.id) / "steps" / step
    (folder / "outputs").mkdir(parents=True)
    outputs = []
    for name, text in pages.items():
        page = folder / "outputs" / f"{name}.html"
        page.write_text(text, encoding="utf-8")
        outputs.append(Produced(name, kind, uri=f"/where/it/was/then/{page.name}"))
    record = NotebookRecord(path=notebook, sha256="", cells={})
    times = {"started": 100.0, "finished": 100.0 + int(run.id)}
    manifest = Manifest(
        run=run.id, task=step, state="SUCCEEDED", bundle="", notebook=record, outputs=outputs, **times
    )
    write_manifest(manifest, folder)
    return run.id


def shares(found):
    return {(s.source, s.step, s.output): [r.summary.share for r in s.reports] for s in found.subjects}


def test_any_page_that_a_notebook_saves_is_found_with_its_distances(season, winter, store, tmp_path):
    report = drift_report(season(temp=78), winter, target="late")
    report.save_html(tmp_path / "drift.html")
    run = ran(store, {"report": (tmp_path / "drift.html").read_text(encoding="utf-8")})
    (subject,) = drift_history(store).subjects
    (found,) = subject.reports
    assert (found.run, found.step, found.output, found.time) == (run, "drift", "report", 101.0)
    assert (found.summary.share, found.summary.drifted) == (report.share, report.drifted)
    assert [(c.column, c.distance, c.drifted) for c in found.summary.columns] == [
        (c.column, c.distance, c.drifted) for c in report.columns
    ]
    assert found.summary.target.column == "late"


def test_a_page_without_anything_to_draw_carries_its_numbers_too(season, winter, tmp_path):
    report = drift_report(season().assign(temp=None, precip=None, carrier=None, late=None), winter)
    report.save_html(tmp_path / "drift.html")
    assert read_summary(tmp_path / "drift.html").share == 1


def test_a_column_with_a_name_made_of_html_keeps_its_name(season, winter, tmp_path):
    bad = "</script><script>alert(1)</script>"
    report = drift_report(*(f.rename(columns={"temp": bad}) for f in (season(temp=78), winter)))
    report.save_html(tmp_path / "drift.html")
    assert bad in [c.column for c in read_summary(tmp_path / "drift.html").columns]
    assert bad not in (tmp_path / "drift.html").read_text()


def test_reports_are_in_a_row_for_each_notebook_step_and_output_oldest_first(store):
    for share in (0.1, 0.2):
        ran(
            store, {"now": page_with(json.dumps(summary(share))), "then": page_with(json.dumps(summary(0.9)))}
        )
    ran(store, {"now": page_with(json.dumps(summary(0.3)))}, step="drift-2")
    ran(store, {"now": page_with(json.dumps(summary(0.4)))}, notebook="other.ipynb")
    assert shares(drift_history(store)) == {
        ("drift.ipynb", "drift", "now"): [0.1, 0.2],
        ("drift.ipynb", "drift", "then"): [0.9, 0.9],
        ("drift.ipynb", "drift-2", "now"): [0.3],
        ("other.ipynb", "drift", "now"): [0.4],
    }


def test_the_newest_are_told_when_there_are_too_many(store):
    for share in (0.1, 0.2, 0.3):
        ran(store, {"report": page_with(json.dumps(summary(share)))})
    assert shares(drift_history(store, limit=2)) == {("drift.ipynb", "drift", "report"): [0.2, 0.3]}


@pytest.mark.parametrize(
    ("asked", "told"),
    [("drift.ipynb", [0.1]), ("a.py", [0.1]), ("b.py", [0.2]), ("none.py", None)],
    ids=["notebook", "a", "b", "none"],
)
def test_those_of_one_notebook_or_of_one_pipeline(store, asked, told):
    ran(store, {"report": page_with(json.dumps(summary(0.1)))}, source="a.py")
    ran(store, {"report": page_with(json.dumps(summary(0.2)))}, source="b.py", notebook="x.ipynb")
    assert list(shares(drift_history(store, asked)).values()) == ([told] if told else [])


def test_other_pages_and_other_outputs_are_no_reports(store):
    ran(store, {"report": "<html><head></head><body>a chart</body></html>"})
    ran(store, {"report": page_with(json.dumps(summary()))}, kind="Artifact")
    store.create("waiting", "drift.ipynb", steps=["drift"])
    assert drift_history(store) == drift_history(store, "nothing.ipynb")
    assert (drift_history(store).subjects, drift_history(store).notes) == ([], [])


BAD = {
    "not-json": "{",
    "a-list": "[]",
    "deep": "[" * 100_000,
    "nan": json.dumps(summary(float("nan"))),
    "beyond-one": json.dumps(summary(1.5)),
    "text-for-number": json.dumps(summary() | {"share": "a lot"}),
    "newer": json.dumps(summary() | {"version": 2}),
    "long-name": json.dumps(summary(target={**summary()["columns"][0], "column": "x" * 2000})),
    "too-many": json.dumps(summary() | {"columns": summary()["columns"] * 10_001}),
    "endless": " " * (5 * 1024 * 1024),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_a_page_whose_numbers_make_no_sense_is_told_and_the_others_are_shown(store, data):
    ran(store, {"report": page_with(json.dumps(summary(0.25)))})
    bad = ran(store, {"report": page_with(data), "second": page_with(json.dumps(summary(0.75)))})
    found = drift_history(store)
    assert shares(found) == {
        ("drift.ipynb", "drift", "report"): [0.25],
        ("drift.ipynb", "drift", "second"): [0.75],
    }
    (note,) = found.notes
    assert note.startswith(f"run {bad}, drift: the numbers in report.html ")
    assert len(note) < 300


def test_numbers_that_come_late_in_a_page_are_not_looked_for(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<html><head>" + " " * 10_000 + DATA_TAG + json.dumps(summary()) + "</script>")
    assert read_summary(page) is None


def test_a_page_that_was_written_anew_is_read_anew(tmp_path):
    page = tmp_path / "page.html"
    for share in (0.25, 0.125):
        page.write_text(page_with(json.dumps(summary(share))))
        assert read_summary(page).share == share


def test_a_link_out_of_the_record_is_not_followed(store, tmp_path):
    run = ran(store, {"report": ""})
    page = store.run_dir(run) / "steps/drift/outputs/report.html"
    page.unlink()
    (tmp_path / "elsewhere.html").write_text(page_with(json.dumps(summary())))
    page.symlink_to(tmp_path / "elsewhere.html")
    assert drift_history(store).subjects == []


def test_a_damaged_manifest_is_told(store):
    run = ran(store, {"report": page_with(json.dumps(summary()))})
    (store.run_dir(run) / "steps/drift/manifest.json").write_text("{")
    (note,) = drift_history(store).notes
    assert note.startswith(f"run {run}, drift: the manifest can't be read")


def test_manifests_without_a_page_are_not_even_opened(store, monkeypatch):
    for _ in range(20):
        ran(store, {})
    ran(store, {"report": page_with(json.dumps(summary()))})
    opened = []
    from aiinfra.monitor import history

    monkeypatch.setattr(
        history,
        "read_manifest",
        lambda folder, read=history.read_manifest: opened.append(folder) or read(folder),
    )
    assert len(drift_history(store).subjects) == 1
    assert len(opened) == 1
