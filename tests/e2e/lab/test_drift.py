"""Has the data drifted? The reports of runs over time, and Evidently's own pages."""

import pytest
from playwright.sync_api import expect

API = "/aiinfra/api/v1"
RESOURCES = {"cpu": None, "memory": None, "accelerator": None, "accelerator_count": None}
COMPARE = """
    import numpy as np
    import pandas as pd

    from aiinfra.monitor.drift import drift_report

    chance = np.random.default_rng(1)
    then = pd.DataFrame({"temp": chance.normal(size=200), "hour": chance.uniform(size=200), "wind": chance.uniform(size=200)})
    now = then.assign(temp=then["temp"] + warmer, hour=then["hour"] + warmer)
    drift_report(now, then).save_html(report)
"""


@pytest.fixture(scope="module")
def submit(lab_server, project, write_notebook, until):
    "Runs a notebook that compares two tables, and gives the run's number once it has ended."
    write_notebook(
        project / "watch.ipynb",
        COMPARE,
        parameters="from aiinfra import HTML, Output\n\nwarmer: float = 0.0\nreport: Output[HTML] = 'report.html'",
    )

    def start(warmer):
        asked = {
            "path": "watch.ipynb",
            "arguments": {"warmer": warmer},
            "resources": RESOURCES,
            "versions": {},
        }
        status, row = lab_server.request("POST", f"{API}/runs", asked)
        assert status < 300, row

        def state():
            found = lab_server.request("GET", f"{API}/runs/{row['id']}")[1]["state"]
            return found if found in ("SUCCEEDED", "FAILED", "CANCELED") else None

        assert until(state) == "SUCCEEDED"
        return row["id"]

    return start


def test_the_empty_view_teaches_and_fills_when_the_first_run_has_ended(page, problems, command, submit):
    command(page, "aiinfra:open-drift")
    view = page.locator(".jp-aiinfra-drift")
    view.get_by_text("No run has written a drift report yet.").wait_for()
    expect(view.locator("pre")).to_contain_text("drift_report(")
    run = submit(0.0)
    view.get_by_role("button", name=f"Run {run}, ").wait_for()
    view.get_by_role("heading", name="Latest report").wait_for()
    assert problems == []


@pytest.fixture(scope="module")
def reports(submit, lab_server):
    "The runs that wrote reports: the world as it was, and a warmer one."
    submit(5.0)
    subjects = lab_server.request("GET", f"{API}/drift")[1]["subjects"]
    found = [report["run"] for report in subjects[0]["reports"]]
    assert len(found) >= 2
    return found


@pytest.fixture
def view(page, command, reports):
    command(page, "aiinfra:open-drift")
    view = page.locator(".jp-aiinfra-drift")
    view.get_by_role("heading", name="Latest report").wait_for()
    return view


def test_a_report_says_what_has_drifted_in_words_and_shapes(view, reports):
    points = view.get_by_role("group", name="Share of drifted columns over time").get_by_role("button")
    expect(points).to_have_count(len(reports))
    told = [point.get_attribute("aria-label") for point in points.all()]
    assert [text.split(",")[0] for text in told] == [f"Run {run}" for run in reports]
    assert told[0].endswith(": Not drifted, 0% of 3 columns")
    assert told[-1].endswith(": Drifted, 67% of 3 columns")
    assert [point.locator("circle").count() for point in points.all()] == [1] * (len(told) - 1) + [0]

    rows = view.get_by_role("table", name="The columns of the latest report").get_by_role("row")
    expect(rows).to_have_count(4)
    verdicts = [row.inner_text().split("\t")[:2] for row in rows.all()[1:]]
    assert sorted(verdicts[:2]) == [["hour", "▲ Drifted"], ["temp", "▲ Drifted"]]
    assert verdicts[2] == ["wind", "○ Not drifted"]

    strip = view.get_by_role("region", name="Columns over time")
    cells = strip.get_by_role("row", name="temp").get_by_role("cell")
    expect(cells.last).to_contain_text("▲")
    expect(cells.last).to_contain_text("Drifted")
    expect(cells.first).not_to_contain_text("▲")


def test_a_report_opens_in_a_sandbox_and_draws(view, page, reports):
    points = view.get_by_role("group", name="Share of drifted columns over time").get_by_role("button")
    points.first.focus()
    page.keyboard.press("End")
    view.locator("figcaption").get_by_text(f"Run {reports[-1]}, ").wait_for()
    page.keyboard.press("Enter")
    iframe = page.locator(f"iframe[title='Drift, run {reports[-1]}']")
    expect(iframe).to_have_attribute("sandbox", "allow-scripts")
    frame = iframe.content_frame
    frame.get_by_role("heading", name="Drifted: 2 of 3 columns did").wait_for()
    # Evidently's own part is drawn by its scripts.
    frame.get_by_text("Dataset Drift", exact=False).first.wait_for()


def test_the_reports_of_one_notebook_are_looked_at_alone(page, command, reports):
    command(page, "aiinfra:open-drift", {"source": "train.ipynb"})
    view = page.locator(".jp-aiinfra-drift:visible")
    view.get_by_text("No run of train.ipynb has written a drift report yet.").wait_for()
    view.get_by_role("button", name="Show all").click()
    view.get_by_role("heading", name="Latest report").wait_for()


def test_the_view_comes_back_after_a_reload(view, page, workspace, until):
    until(lambda: any(name.startswith("aiinfra-drift:") for name in workspace(page)))
    page.reload()
    page.wait_for_function("() => window.jupyterapp")
    view.get_by_role("heading", name="Latest report").wait_for()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def test_drift_can_be_read_by_everyone(view, page, command, axe, shot, theme):
    command(page, "apputils:change-theme", {"theme": theme})
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
    assert axe(page, ".jp-aiinfra-drift") == []
    shot(page, f"drift-{theme.split(maxsplit=1)[1].lower().replace(' ', '-')}")
