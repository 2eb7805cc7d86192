import json
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from aiinfra.config import DriftSettings
from aiinfra.errors import DataError, InvalidInput
from aiinfra.monitor.drift import drift_report

SETTINGS = DriftSettings()
NUMERICAL = ["wasserstein", "psi", "jensenshannon", "hellinger"]
CATEGORICAL = ["jensenshannon", "psi", "hellinger"]


def by_name(report):
    return {c.column: c for c in report.columns}


class Scripts(HTMLParser):
    """Counts what a browser would take for scripts and for foreign sources."""

    def __init__(self, page):
        super().__init__()
        self.scripts, self.sources, self.text = 0, [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        self.sources += [v for k, v in attrs if k in ("src", "href") and v and not v.startswith("data:")]

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize(
    ("numerical", "categorical"),
    [*((n, "jensenshannon") for n in NUMERICAL), *(("wasserstein", c) for c in CATEGORICAL[1:])],
)
def test_every_method_of_the_settings_is_used_and_tells_summer_from_winter(season, numerical, categorical):
    settings = replace(SETTINGS, numerical_method=numerical, categorical_method=categorical)
    report = drift_report(season(temp=78), season(seed=1), settings, columns=["temp", "carrier"])
    columns = by_name(report)
    assert columns["temp"].method == numerical
    assert columns["carrier"].method == categorical
    assert columns["temp"].drifted
    assert not columns["carrier"].drifted


def test_the_same_table_has_no_distance_from_itself(winter):
    report = drift_report(winter, winter, SETTINGS, target="late")
    assert [c.distance for c in (*report.columns, report.target)] == [0, 0, 0, 0]
    assert not report.drifted


def test_the_share_that_is_too_much_is_a_setting_and_reaching_it_is_enough(season, winter):
    summer = season(temp=78)
    for share, drifted in ((0.5, True), (0.51, False)):
        report = drift_report(
            summer, winter, replace(SETTINGS, drift_share=share), columns=["temp", "carrier"]
        )
        assert report.share == 0.5
        assert report.drifted is drifted
        assert report.verdict.startswith("Drifted" if drifted else "Not drifted")


def test_thresholds_come_from_the_projects_settings(season, winter, tmp_path, monkeypatch):
    (tmp_path / "settings.ini").write_text("[drift]\nnumerical_threshold = 9\nignore = precip, nobody\n")
    monkeypatch.chdir(tmp_path)
    report = drift_report(season(temp=78), winter)
    assert not by_name(report)["temp"].drifted
    assert by_name(report)["temp"].threshold == 9
    assert "precip" not in by_name(report)


def test_the_target_is_judged_apart_and_by_its_own_threshold(season, winter):
    late = season(late=0.9)
    report = drift_report(late, winter, SETTINGS, target="late")
    assert report.target.drifted
    assert "late" not in by_name(report)
    assert report.share == 0
    assert not report.drifted
    assert "target late has drifted" in report.verdict
    strict = replace(SETTINGS, target_threshold=0.99)
    assert not drift_report(late, winter, strict, target="late").target.drifted


def test_a_sensor_that_stopped_is_drift(season, winter):
    for broken in (0.5, 1.0):
        column = by_name(drift_report(season(broken=broken), winter, SETTINGS))["precip"]
        assert column.drifted
        assert not column.values_drifted
        assert column.missing_current == pytest.approx(broken, abs=0.1)
    assert column.distance is None


def test_a_table_that_lost_all_values_has_drifted_and_has_a_page(winter):
    gone = winter.assign(**dict.fromkeys(winter, np.nan))
    report = drift_report(gone, winter, SETTINGS)
    assert report.share == 1
    assert "missing 0% → 100%" in Scripts(report.page).text


def test_a_column_missing_in_both_is_skipped_with_its_reason(winter):
    report = drift_report(winter.assign(gate=None), winter.assign(gate=None), SETTINGS)
    assert report.skipped == {"gate": "only 0 values"}


def test_identifiers_and_times_are_not_compared_and_said_so(winter):
    frame = winter.assign(
        tail=[f"N{i}" for i in range(len(winter))],
        time=pd.Timestamp("2013-07-01"),
        path=[[i] for i in range(len(winter))],
    )
    report = drift_report(frame, frame, SETTINGS)
    assert report.skipped.keys() == {"tail", "time", "path"}
    assert "tail (600 different values in 600 rows" in Scripts(report.page).text
    assert report.to_dict()["skipped"] == report.skipped


def test_nullable_arrow_and_categorical_columns_give_the_same_distances(season, winter):
    summer = season(temp=78, broken=0.02)
    stored = {"temp": "Float64", "precip": "double[pyarrow]", "carrier": "category", "late": "boolean"}
    plain = drift_report(summer, winter, SETTINGS)
    other = drift_report(summer.astype(stored), winter, SETTINGS)
    assert {c.column: c.distance for c in plain.columns} == {c.column: c.distance for c in other.columns}


def test_numbers_that_are_names_are_compared_as_categories(winter):
    rng = np.random.default_rng(0)
    here, there = (winter.assign(weekday=rng.integers(0, 7, len(winter))) for _ in range(2))
    here["weekday"] = here["weekday"].where(rng.random(len(here)) > 0.01)  # now floats, for some are missing
    column = by_name(drift_report(here, there, SETTINGS, categories=["weekday"]))["weekday"]
    assert (column.kind, column.method, column.drifted) == ("category", "jensenshannon", False)


@pytest.mark.parametrize("unit", [1e-7, 1e9])
@pytest.mark.parametrize("method", NUMERICAL)
def test_the_unit_of_a_column_makes_no_difference(season, method, unit):
    here, there = season(temp=50)[["temp"]], season(seed=1)[["temp"]]
    settings = replace(SETTINGS, numerical_method=method)
    expected = drift_report(here, there, settings).columns[0].distance
    assert drift_report(here * unit, there * unit, settings).columns[0].distance == pytest.approx(
        expected, rel=1e-6
    )


@pytest.mark.parametrize("method", ["wasserstein", "psi"])
@pytest.mark.parametrize("value", [0.1 + 0.2, -1e-9, 1e12])
def test_a_constant_is_compared_and_a_change_of_it_seen(method, value):
    settings = replace(SETTINGS, numerical_method=method)
    there = pd.DataFrame({"x": np.full(100, value)})
    assert drift_report(there, there, settings).columns[0].distance == pytest.approx(0, abs=1e-6)
    assert drift_report(there + abs(value) + 1e-9, there, settings).drifted


def test_big_tables_are_sampled_the_same_way_each_time(season):
    here, there = season(rows=900, temp=45), season(rows=400, seed=1)
    settings = replace(SETTINGS, sample=500, seed=7)
    first, second = (drift_report(here, there, settings).to_dict() for _ in range(2))
    assert first == second
    assert first["rows"] == {"current": 900, "reference": 400}
    assert first["compared"] == {"current": 500, "reference": 400}
    other = drift_report(here, there, replace(settings, seed=8)).to_dict()
    assert other["columns"] != first["columns"]


def test_the_tables_themselves_stay_as_they_are(season, winter):
    summer = season(temp=78, broken=0.3)
    before = summer.copy(), winter.copy()
    drift_report(summer, winter, replace(SETTINGS, numerical_method="hellinger"), target="late")
    pd.testing.assert_frame_equal(summer, before[0])
    pd.testing.assert_frame_equal(winter, before[1])


def test_the_columns_begin_with_what_moved_furthest(season, winter):
    report = drift_report(season(temp=78, broken=0.5), winter, SETTINGS)
    assert [c.column for c in report.columns][:2] == ["temp", "precip"]
    assert report.to_frame()["drifted"].tolist() == [True, True, False, False]


def test_the_page_stands_alone_and_shows_the_verdict_above(season, winter, tmp_path):
    report = drift_report(season(temp=78), winter, SETTINGS)
    report.save_html(tmp_path / "out" / "drift.html")
    page = (tmp_path / "out" / "drift.html").read_text(encoding="utf-8")
    assert not Scripts(page).sources
    assert 0 < page.index(report.verdict) < page.index('id="root_')


def test_names_and_values_cant_become_part_of_the_page(season, winter):
    bad = "</script><script>alert(1)</script>"
    frames = [
        f.assign(carrier=f["carrier"].replace("UA", bad)).rename(columns={"temp": bad})
        for f in (season(), winter)
    ]
    clean = drift_report(season(), winter, SETTINGS)
    report = drift_report(*frames, SETTINGS, target=bad)
    assert report.target.column == bad
    assert "<script>alert" not in report.page
    assert Scripts(report.page).scripts == Scripts(clean.page).scripts
    assert r"\u003c/script>" in report.page


def test_the_summary_is_json_that_any_reader_takes(season, winter, tmp_path):
    report = drift_report(season(broken=1.0), winter, SETTINGS, target="late")
    report.save_json(tmp_path / "drift.json")
    summary = json.loads((tmp_path / "drift.json").read_text(), parse_constant=pytest.fail)
    assert summary == report.to_dict()
    assert summary["settings"]["drift_share"] == SETTINGS.drift_share
    assert {c["column"] for c in summary["columns"]} == {"temp", "precip", "carrier"}


def test_an_mlflow_run_gets_page_summary_and_metrics_and_stays_open(season, winter, tmp_path, monkeypatch):
    import mlflow

    monkeypatch.delenv("MLFLOW_RUN_ID", raising=False)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    client = mlflow.MlflowClient()
    experiment = client.create_experiment("drift", artifact_location=(tmp_path / "artifacts").as_uri())
    run = client.create_run(experiment).info.run_id
    summer = season(temp=78).rename(columns={"temp": "temp (°F)"})
    report = drift_report(summer, winter.rename(columns={"temp": "temp (°F)"}), SETTINGS, target="late")

    with pytest.raises(InvalidInput, match="no MLflow run") as refused:
        report.log_to_mlflow()
    assert "start_run" in refused.value.remedy

    monkeypatch.setenv("MLFLOW_RUN_ID", run)
    report.log_to_mlflow()
    logged = client.get_run(run)
    assert logged.data.metrics["drift_share"] == report.share
    assert logged.data.metrics["drifted"] == 1
    assert logged.data.metrics["drift/late"] == report.target.distance
    assert logged.info.status == "RUNNING"
    assert {f.path for f in client.list_artifacts(run, "drift")} == {"drift/drift.html", "drift/drift.json"}


@pytest.mark.parametrize(
    ("change", "options", "message", "remedy"),
    [
        (lambda f: f.iloc[:0], {}, "the current table has no rows", "filter"),
        (lambda f: f.head(49), {}, "the current table has 49 rows", "filter"),
        (lambda f: f.drop(columns="temp"), {}, "only the reference has 'temp'", "ignore"),
        (lambda f: f.assign(gate=1), {}, "only the current table has 'gate'", "columns="),
        (
            lambda f: f.drop(columns="temp"),
            {"columns": ["temp"]},
            "the current table has no column 'temp'",
            "known here",
        ),
        (lambda f: f, {"columns": ["tmp"]}, "no column 'tmp'", "did you mean 'temp'?"),
        (lambda f: f, {"target": "latte"}, "no column 'latte'", "did you mean 'late'?"),
        (lambda f: f, {"categories": ["carier"]}, "no column 'carier'", "did you mean 'carrier'?"),
        (lambda f: f, {"columns": ["late"], "target": "late"}, "nothing to compare", "columns"),
        (lambda f: f, {"columns": []}, "nothing to compare", "columns"),
        (
            lambda f: f.assign(temp=f["temp"].astype(str)),
            {},
            "'temp' has another type in each table",
            "astype",
        ),
        (lambda f: f.rename(columns={"temp": 1}), {}, "column names", "frame.columns"),
        (lambda f: f.rename(columns={"temp": "precip"}), {}, "column names", "frame.columns"),
        (
            lambda f: f.assign(carrier=[str(i) for i in range(len(f))]),
            {"target": "carrier"},
            "nothing to compare",
            "rows",
        ),
    ],
)
def test_what_cant_be_compared_is_refused_in_words(winter, change, options, message, remedy):
    with pytest.raises(DataError, match=message) as refused:
        drift_report(change(winter), winter, SETTINGS, **options)
    assert remedy in refused.value.remedy
