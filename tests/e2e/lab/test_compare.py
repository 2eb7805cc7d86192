"""Runs side by side: what is different?"""

import pytest
from playwright.sync_api import expect

API = "/aiinfra/api/v1"
RESOURCES = {"cpu": None, "memory": None, "accelerator": None, "accelerator_count": None}
ENDS = ("SUCCEEDED", "FAILED", "CANCELED")


@pytest.fixture(scope="module")
def submit(lab_server):
    "Starts a run and gives its number."

    def start(path, **arguments):
        asked = {"path": path, "arguments": arguments, "resources": RESOURCES, "versions": {}}
        status, row = lab_server.request("POST", f"{API}/runs", asked)
        assert status < 300, row
        return row["id"]

    return start


@pytest.fixture(scope="module")
def ended(lab_server, until):
    "Waits for the end of a run and gives its state."

    def end(run):
        def state():
            found = lab_server.request("GET", f"{API}/runs/{run}")[1]["state"]
            return found if found in ENDS else None

        return until(state)

    return end


@pytest.fixture(scope="module")
def sweep(submit, ended):
    "Three runs of one notebook that differ in two parameters and in their metric."
    rates = {1: 0.001, 2: 0.01, 3: 0.1}
    runs = [submit("train.ipynb", month=month, learning_rate=rate) for month, rate in rates.items()]
    assert [ended(run) for run in runs] == ["SUCCEEDED"] * 3
    return runs


@pytest.fixture
def compare(command):
    def open_(page, ids):
        command(page, "aiinfra:compare", {"ids": ids})
        view = page.locator(".jp-aiinfra-compare:visible")
        view.get_by_role("columnheader").first.wait_for()
        return view

    return open_


def cells(view, name):
    "The cells of a row."
    header = view.get_by_role("rowheader", name=name, exact=True)
    return header.locator("xpath=..").get_by_role("cell")


def expect_values(view, name, values):
    expect(cells(view, name)).to_have_text(values, use_inner_text=True)


def test_what_differs_comes_first_and_what_is_equal_is_folded_away(page, problems, sweep, compare):
    view = compare(page, sweep[:2])
    expect_values(view, "month", ["1", "2"])
    expect_values(view, "learning_rate", ["0.001", "0.01"])
    expect_values(view, "auc", ["0.61", "0.62"])
    heads = view.locator("thead th")
    expect(heads).to_have_count(2)
    expect(heads).to_contain_text(["Succeeded", "Succeeded"])
    expect(heads).to_contain_text(["train", "train"])
    assert [head.split("\n")[0] for head in heads.all_inner_texts()] == [f"Run {run}" for run in sweep[:2]]

    equal = view.get_by_role("rowheader", name="optimizer")
    expect(equal).to_have_count(0)
    toggle = view.get_by_role("button", name="Parameters: ")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    toggle.click()
    equal.wait_for()
    expect(toggle).to_have_attribute("aria-expanded", "true")
    expect_values(view, "optimizer", ["adam", "adam"])
    assert problems == []


def test_the_runs_stay_in_sight_when_the_table_scrolls(page, sweep, compare):
    view = compare(page, sweep[:2])
    for group in ("Parameters", "Code", "Environment"):
        toggle = view.get_by_role("button", name=f"{group}: ")
        toggle.click()
        expect(toggle).to_have_attribute("aria-expanded", "true")
    scroll = view.get_by_role("region", name="Differences")
    scroll.evaluate("node => { node.style.flex = '0 0 240px'; node.scrollTop = 10000; }")
    assert scroll.evaluate("node => node.scrollTop") > 0
    head, around = view.locator("thead th").first.bounding_box(), scroll.bounding_box()
    assert around["y"] <= head["y"] < around["y"] + 5


def test_runs_are_chosen_by_typing(page, sweep, command):
    command(page, "aiinfra:compare", wait=False)
    dialog = page.get_by_role("dialog")
    box = dialog.get_by_role("searchbox", name="Find runs")
    box.wait_for()
    expect(box).to_be_focused()
    dialog.get_by_role("checkbox").nth(2).wait_for()
    box.fill("nothing like it")
    dialog.get_by_text("No run fits.").wait_for()
    box.fill("train")
    for run in sweep[:2]:
        dialog.get_by_role("checkbox", name=f"Run {run} ").check()
    dialog.get_by_text(f"Chosen: run {sweep[0]}, run {sweep[1]}").wait_for()
    dialog.get_by_role("button", name="Compare").click()
    view = page.locator(".jp-aiinfra-compare:visible")
    view.get_by_role("rowheader", name="month").wait_for()
    expect_values(view, "month", ["1", "2"])


def test_runs_are_added_and_taken_out_in_place_and_stay_so_after_a_reload(
    page, sweep, compare, workspace, until
):
    view = compare(page, sweep[:2])
    view.get_by_role("button", name="Add runs").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name=f"Run {sweep[2]} ").check()
    expect(dialog.get_by_role("checkbox", name=f"Run {sweep[0]} ")).to_have_count(0)
    dialog.get_by_role("button", name="Add", exact=True).click()
    view.get_by_role("button", name=f"Take run {sweep[2]} out").wait_for()
    expect_values(view, "month", ["1", "2", "3"])
    view.get_by_role("button", name=f"Take run {sweep[0]} out").click()
    view.get_by_role("button", name=f"Take run {sweep[0]} out").wait_for(state="detached")
    expect_values(view, "month", ["2", "3"])

    def stored():
        tabs = [tab for name, tab in workspace(page).items() if name.startswith("aiinfra-compare:")]
        return [tab["data"]["ids"] for tab in tabs] == [sweep[1:]]

    until(stored)
    page.reload()
    page.wait_for_function("() => window.jupyterapp")
    view = page.locator(".jp-aiinfra-compare:visible")
    view.get_by_role("rowheader", name="month").wait_for()
    expect_values(view, "month", ["2", "3"])


def test_a_sweep_is_plotted_and_its_marks_lead_to_the_runs(page, sweep, compare):
    view = compare(page, sweep)
    plot = view.get_by_role("group", name="auc against month")
    marks = plot.get_by_role("link")
    expect(marks).to_have_count(3)
    assert [mark.get_attribute("aria-label") for mark in marks.all()] == [
        f"Run {run}: month {month}, auc 0.6{month}" for month, run in enumerate(sweep, 1)
    ]
    view.get_by_label("Across").select_option(label="learning_rate")
    plot = view.get_by_role("group", name="auc against learning_rate")
    marks = plot.get_by_role("link")
    expect(marks).to_have_count(3)
    places = [mark.bounding_box()["x"] for mark in marks.all()]
    # 0.001, 0.01, 0.1 are equally far from each other: the axis is logarithmic.
    assert places[1] - places[0] == pytest.approx(places[2] - places[1], abs=1)

    lines = view.get_by_role("group", name="Runs through their parameters and metrics").get_by_role("link")
    expect(lines).to_have_count(3)
    marks.first.focus()
    page.keyboard.press("ArrowRight")
    view.locator("figcaption").first.get_by_text(f"Run {sweep[1]}: learning_rate 0.01").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=f"Run {sweep[1]} ").wait_for()


def test_a_run_that_goes_on_is_followed(page, submit, ended, sweep, compare):
    run = submit("slow.ipynb", seconds=1.0)
    view = compare(page, [sweep[0], run])
    head = view.locator("thead th", has_text=f"Run {run}")
    assert ended(run) == "SUCCEEDED"
    head.get_by_text("Succeeded").wait_for()
    expect(cells(view, "seconds").nth(1)).to_have_text("1")


def test_a_run_that_is_not_there_is_said_so(page, lab_server, command):
    command(page, "aiinfra:compare", {"ids": ["999"]})
    view = page.locator(".jp-aiinfra-compare:visible")
    expect(view.get_by_role("alert")).to_contain_text("999")
    expect(view.get_by_role("button", name="Add runs")).to_be_visible()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def test_the_comparison_can_be_read_by_everyone(page, sweep, compare, command, axe, shot, theme):
    command(page, "apputils:change-theme", {"theme": theme})
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
    view = compare(page, sweep)
    view.locator(".jp-aiinfra-plots").wait_for()
    view.get_by_role("button", name="Code: ").click()
    assert axe(page, ".jp-aiinfra-compare") == []
    shot(page, f"compare-{theme.split(maxsplit=1)[1].lower().replace(' ', '-')}")
