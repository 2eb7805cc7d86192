"""The first minute and the first pipeline of somebody who has never read our docs, in the real example. Takes the pictures."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

REPOSITORY = Path(__file__).resolve().parents[3]
FLIGHTS = "pipelines/flights"

pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(autouse=True)
def patience():
    expect.set_options(timeout=120_000)
    yield
    expect.set_options(timeout=5000)


@pytest.fixture(scope="module")
def server(make_lab_server, tmp_path_factory):
    "JupyterLab in a fresh clone, as `make lab` starts it."
    folder = tmp_path_factory.mktemp("story") / "flights"
    subprocess.run(["git", "clone", "-q", REPOSITORY, folder], check=True)
    return make_lab_server(folder)


@pytest.fixture
def window(open_lab, server):
    return open_lab(server, f"{FLIGHTS}/prepare.ipynb")


def the_run(page, name):
    "The view of a run, in the main area."
    view = page.locator("[id^='aiinfra-run-']").filter(
        has=page.get_by_role("heading", name=re.compile(rf"Run \d+ {name}"))
    )
    expect(view).to_be_visible()
    return view


def test_a_notebook_is_submitted_watched_and_read(page, problems, shot):
    page.locator(".jp-NotebookPanel").get_by_role("button", name="Submit", exact=True).click()
    panel = page.locator("#aiinfra-submit")
    last = panel.get_by_label("last_month", exact=True)
    last.fill("13")
    expect(panel.get_by_text("from 1 to 12")).to_be_visible()
    last.fill("1")
    submit = panel.get_by_role("button", name="Submit", exact=True)
    expect(submit).to_be_enabled()
    shot(page, "lab-submit")
    submit.click()
    panel.get_by_role("button", name=re.compile(r"Open run \d+|Open")).first.click()
    view = the_run(page, "prepare")
    # Its cells run one after another, before one's eyes.
    expect(view.locator("article[data-state=done]").first).to_be_visible()
    expect(view.locator(".jp-aiinfra-run-facts [data-state=SUCCEEDED]")).to_be_visible()
    view.get_by_role("tab", name="Inputs").click()
    expect(view.get_by_text("late_share").first).to_be_visible()
    expect(view.get_by_text("flights", exact=True).first).to_be_visible()
    view.get_by_role("button", name="Open as a copy").click()
    expect(page.get_by_role("tab", name=re.compile(r"prepare-run\d+\.ipynb")).first).to_be_visible()
    assert problems == []


def test_the_pipeline_runs_and_its_drift_report_is_looked_at(page, command, shot):
    command(page, "aiinfra:show-runs")
    command(page, "aiinfra:submit", {"path": f"{FLIGHTS}/pipeline.py"})
    panel = page.locator("#aiinfra-submit")
    epochs = panel.get_by_label("epochs", exact=True)
    expect(epochs).to_have_value("8")
    epochs.fill("2")
    submit = panel.get_by_role("button", name="Submit", exact=True)
    expect(submit).to_be_enabled()
    submit.click()
    panel.get_by_role("button", name=re.compile(r"Open run \d+|Open")).first.click()
    view = the_run(page, "flights")
    expect(view.locator(".jp-aiinfra-run-facts [data-state=SUCCEEDED]")).to_be_visible(timeout=600_000)
    view.get_by_role("button", name=re.compile("^Step evaluate")).click()
    # It is at the end of what ran; the notebook is read from its beginning.
    expect(view.locator("article").first).to_be_visible()
    view.locator(".jp-aiinfra-cells").evaluate("box => box.scrollTo(0, 0)")
    expect(view.get_by_role("heading", name="What are its promises worth?")).to_be_visible()
    shot(page, "lab-run")
    command(page, "apputils:change-theme", {"theme": "JupyterLab Dark"})
    shot(page, "lab-run-dark")
    command(page, "apputils:change-theme", {"theme": "JupyterLab Light"})

    command(page, "aiinfra:open-drift")
    drift = page.locator("[id^='aiinfra-drift']")
    expect(drift.get_by_text("drift", exact=False).first).to_be_visible()
    expect(drift.get_by_role("table").first).to_be_visible()
    shot(page, "lab-drift")
