"""Every setting takes effect. A new one needs an entry in the table below, or the first test fails.

A setting that is accepted and then dropped is the worst defect of the tools that this platform replaces.
"""

import dataclasses
import json
from pathlib import Path

import pytest

from aiinfra.config import SECTIONS, load_settings
from aiinfra.errors import ConfigError
from aiinfra.pipeline.compile import Given, compile_plan
from aiinfra.project.bundle import build_bundle

ROOT = Path(__file__).parent
KEYS = {f"{section}.{field.name}" for section, kind in SECTIONS.items() for field in dataclasses.fields(kind)}
EFFECTS = {}


def effect(key):
    "Marks the function that shows what the setting `key` does, given `of(text) -> Settings` and a folder."

    def register(function):
        EFFECTS[key] = function
        return function

    return register


@pytest.fixture
def project(tmp_path):
    cells = [
        {
            "cell_type": "code",
            "id": "a",
            "metadata": {},
            "source": "1",
            "outputs": [],
            "execution_count": None,
        }
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "n.ipynb").write_text(json.dumps(notebook))
    for name in ("a.sql", "b.sql"):
        (tmp_path / name).write_text("select 1")
    return tmp_path


def settings_of(folder, key, text):
    section, _, name = key.partition(".")
    (folder / "settings.ini").write_text(f"[{section}]\n{name} = {text}\n")
    return load_settings(folder, env={})


# -- [aiinfra] -------------------------------------------------------------------------------------------------------


@effect("aiinfra.project")
def names_the_project_and_so_its_experiment(folder):
    assert settings_of(folder, "aiinfra.project", "late").experiment == "late"


@effect("aiinfra.store")
def is_where_the_plan_says_that_the_code_is(folder):
    settings = settings_of(folder, "aiinfra.store", "s3://bucket/x")
    assert settings.store == "s3://bucket/x"
    ir = compile_plan(folder / "n.ipynb", Given()).ir
    assert "s3://bucket/x" in ir
    assert "sha256:" in ir


@effect("aiinfra.image")
def is_the_image_that_the_plan_names(folder):
    settings_of(folder, "aiinfra.image", "registry.example.org/own:7")
    plan = compile_plan(folder / "n.ipynb", Given())
    (executor,) = plan.spec()["deploymentSpec"]["executors"].values()
    assert executor["container"]["image"] == "registry.example.org/own:7"


# -- what takes a run to show ------------------------------------------------------------------------------------------


def shown_in(place, key):
    "The effect of the setting `key` is shown by tests that run something, in files of the folder `place`."

    def shows(folder):
        assert [
            path for path in (ROOT / place).glob("test_*.py") if key.partition(".")[2] in path.read_text()
        ]

    return shows


EFFECTS |= {key: shown_in("step", key) for key in KEYS if key.startswith("run.")}
EFFECTS |= {key: shown_in("cli", key) for key in ("aiinfra.tracking_uri", "aiinfra.experiment")}


# -- [bundle] --------------------------------------------------------------------------------------------------------


@effect("bundle.include")
def adds_files_to_what_travels(folder):
    settings = settings_of(folder, "bundle.include", "*.sql")
    assert {"a.sql", "b.sql"} <= set(build_bundle(folder / "n.ipynb", settings).files)


@effect("bundle.exclude")
def leaves_files_behind(folder):
    (folder / "settings.ini").write_text("[bundle]\ninclude = *.sql\nexclude = b.*\n")
    files = build_bundle(folder / "n.ipynb", load_settings(folder, env={})).files
    assert "a.sql" in files
    assert "b.sql" not in files


# -- [drift] ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def report():
    "A report of two tables that differ in one of two columns and in the target, under the settings of a text."
    import numpy as np
    import pandas as pd

    from aiinfra.monitor.drift import drift_report

    def table(seed, temp, late, broken):
        rng = np.random.default_rng(seed)
        hollow = np.where(rng.random(400) < broken, np.nan, rng.normal(0, 1, 400))
        carrier = rng.choice(["UA", "B6", "DL"], 400, p=[0.5, 0.3, 0.2])
        return pd.DataFrame(
            {
                "temp": rng.normal(temp, 10, 400),
                "rain": hollow,
                "carrier": carrier,
                "late": rng.random(400) < late,
            }
        )

    winter, summer = table(1, 38, 0.2, 0), table(2, 48, 0.35, 0.2)

    def make(settings=None):
        return drift_report(summer, winter, settings and settings.drift, target="late")

    return make


def columns(report):
    return {c.column: c for c in report.columns}


def drift(key, text, seen, *, before, after):
    "An effect on the drift report: what `seen` sees is `before` by default, and `after` with the setting."

    def shows(folder, report):
        plain = report(load_settings(folder, env={}))
        changed = report(settings_of(folder, key, text))
        assert (seen(plain), seen(changed)) == (before, after)

    EFFECTS[key] = shows


drift("drift.drift_share", "0.99", lambda r: r.drifted, before=True, after=False)
drift("drift.numerical_threshold", "99", lambda r: columns(r)["temp"].drifted, before=True, after=False)
drift("drift.numerical_method", "psi", lambda r: columns(r)["temp"].method, before="wasserstein", after="psi")
drift(
    "drift.categorical_threshold", "1e-9", lambda r: columns(r)["carrier"].drifted, before=False, after=True
)
drift(
    "drift.categorical_method",
    "psi",
    lambda r: columns(r)["carrier"].method,
    before="jensenshannon",
    after="psi",
)
drift("drift.target_threshold", "0.99", lambda r: r.target.drifted, before=True, after=False)
drift("drift.missing_threshold", "0.9", lambda r: columns(r)["rain"].drifted, before=True, after=False)
drift("drift.sample", "300", lambda r: r.compared["current"], before=400, after=300)
drift("drift.ignore", "rain", lambda r: "rain" in columns(r), before=True, after=False)


@effect("drift.seed")
def draws_another_sample(folder, report):
    distances = []
    for seed in (0, 0, 1):
        (folder / "settings.ini").write_text(f"[drift]\nsample = 300\nseed = {seed}\n")
        distances.append(columns(report(load_settings(folder, env={})))["temp"].distance)
    assert distances[0] == distances[1] != distances[2]


# -- the table -------------------------------------------------------------------------------------------------------


def test_every_setting_has_an_entry_and_no_entry_is_left_over():
    assert set(EFFECTS) == KEYS


@pytest.mark.parametrize("key", sorted(EFFECTS))
def test_the_setting_takes_effect(key, project, request):
    more = [request.getfixturevalue("report")] if key.startswith("drift.") else []
    EFFECTS[key](project, *more)


@pytest.mark.parametrize(
    "text",
    [
        "[aiinfra]\ntracking_url = x",
        "[runs]\ncell_timeout = 3",
        "[run]\ncell_timeout = 3 minutes",
        "[bundle]\nincludes = a",
        "[drift]\nnumerical_method = chi",
    ],
)
def test_a_setting_that_could_have_none_is_refused_by_every_verb(project, text, monkeypatch):
    from click.testing import CliRunner

    from aiinfra.cli.main import main

    (project / "settings.ini").write_text(text)
    monkeypatch.chdir(project)
    with pytest.raises(ConfigError):
        load_settings(project, env={})
    for args in (
        ["runs"],
        ["run", "n.ipynb"],
        ["check", "n.ipynb"],
        ["show", "latest"],
        ["data", "versions", "a.sql"],
    ):
        done = CliRunner().invoke(main, args)
        assert (done.exit_code, done.stdout) == (2, ""), args
        assert "settings.ini" in done.stderr
    assert not (project / ".aiinfra").exists()
