"""The submit panel: a form for what the notebook takes, its data, the target, the checks; and the run it starts."""

import json
import re

import pytest
from playwright.sync_api import expect

SETTINGS = "/lab/api/settings/jupyterlab-aiinfra:plugin"
TWO_PIPELINES = """
from kfp import dsl

from aiinfra.pipeline import notebook_component

prepare = notebook_component("prepare.ipynb")


@dsl.pipeline(name="small")
def small(count: int = 3) -> None:
    prepare(count=count)


@dsl.pipeline(name="large")
def large(size: int = 1000) -> None:
    prepare(count=size)
"""


@pytest.fixture
def panel(page):
    return page.locator("#aiinfra-submit")


@pytest.fixture
def submit(page, panel, open_notebook):
    "Opens a notebook, and the panel by the button of its toolbar."

    def open_(path):
        notebook = open_notebook(page, path)
        notebook.get_by_role("button", name="Submit", exact=True).click()
        ready(panel)
        return notebook

    return open_


@pytest.fixture
def settings(lab_server):
    "Sets settings of the extension, for windows that are opened after."

    def change(**settings):
        assert lab_server.request("PUT", SETTINGS, {"raw": json.dumps(settings)})[0] == 204

    yield change
    change()


def ready(panel):
    "Wait until the form is there, and everything that is looked up has been."
    expect(button(panel)).to_be_visible()
    expect(panel.locator("[aria-busy=true]")).to_have_count(0)


def button(panel):
    return panel.get_by_role("button", name="Submit", exact=True)


def box(panel, name):
    return panel.get_by_label(name, exact=True)


def field(panel, name):
    return panel.locator(f".jp-aiinfra-field[data-name='{name}']")


def first_run(panel):
    return panel.locator(".jp-aiinfra-submitted > li").first


def ended(panel, word="Succeeded"):
    "Wait for the end of the newest run in the panel, and give its number."
    expect(first_run(panel)).to_contain_text(word)
    return first_run(panel).get_attribute("data-run")


def read(project, path):
    return json.loads((project / path).read_text())


def cells_of(project, path):
    return [(cell["cell_type"], "".join(cell["source"])) for cell in read(project, path)["cells"]]


def detail(server, run):
    status, answer = server.request("GET", f"/aiinfra/api/v1/runs/{run}")
    assert status == 200
    return answer


def runs_of(server, path):
    runs = server.request("GET", "/aiinfra/api/v1/runs")[1]["runs"]
    return [run for run in runs if run["source_path"] == path]


def test_the_first_minute(page, panel, submit, project, lab_server, axe, shot, problems):
    before = cells_of(project, "train.ipynb")
    submit("train.ipynb")
    expect(panel.get_by_role("heading", name="Submit train.ipynb")).to_be_focused()
    shot(page, "submit")

    box(panel, "month").fill("13")
    expect(field(panel, "month")).to_contain_text("Must be from 1 to 12")
    expect(box(panel, "month")).to_have_attribute("aria-invalid", "true")
    expect(button(panel)).to_be_disabled()
    expect(button(panel)).to_have_accessible_description("Mend first: month")
    assert axe(page, "#aiinfra-submit") == []
    shot(page, "submit-error")

    box(panel, "month").fill("5")
    expect(field(panel, "month")).to_contain_text("changed")
    expect(button(panel)).to_be_enabled()
    box(panel, "optimizer").select_option("sgd")
    panel.get_by_role("button", name="Remove item 2 of hidden").click()
    panel.get_by_role("button", name="Add an item to hidden").click()
    box(panel, "hidden, item 2").fill("32")
    panel.get_by_role("switch", name="shuffle").uncheck()
    panel.get_by_label("holdout is None").uncheck()
    box(panel, "holdout").fill("None of it")
    box(panel, "learning_rate").fill("2e-3")
    button(panel).click()
    expect(first_run(panel)).to_contain_text(re.compile(r"Run \d+"))
    run = ended(panel)
    expect(first_run(panel)).to_contain_text(re.compile(r"\d:\d\d"))
    shot(page, "submitted")

    assert detail(lab_server, run)["arguments"] == {
        "month": 5,
        "optimizer": "sgd",
        "hidden": [64, 32],
        "shuffle": False,
        "holdout": "None of it",
        "learning_rate": 0.002,
    }
    assert cells_of(project, "train.ipynb") == before
    assert read(project, "train.ipynb")["metadata"]["aiinfra"]["last"]["arguments"]["month"] == 5
    assert axe(page, "#aiinfra-submit") == []
    assert problems == []


def test_what_was_chosen_is_there_again_after_a_reload(page, window, panel, submit, project, write_notebook):
    write_notebook(
        project / "again.ipynb", "print(month, name)", parameters="month: int = 1\nname: str = 'ada'"
    )
    submit("again.ipynb")
    box(panel, "month").fill("7")
    button(panel).click()
    ended(panel)
    window.visit(page.url)
    submit("again.ipynb")
    expect(box(panel, "month")).to_have_value("7")
    expect(box(panel, "name")).to_have_value("ada")
    panel.get_by_role("button", name="Reset month").click()
    expect(box(panel, "month")).to_have_value("1")
    expect(field(panel, "month")).not_to_contain_text("changed")


def test_a_double_click_starts_one_run_and_it_can_be_cancelled(page, panel, submit, lab_server):
    submit("slow.ipynb")
    box(panel, "seconds").fill("30")
    button(panel).dblclick()
    expect(first_run(panel)).to_contain_text(re.compile(r"cell \d+/\d+"))
    assert len(runs_of(lab_server, "slow.ipynb")) == 1
    panel.get_by_role("button", name=re.compile(r"Cancel run \d+")).click()
    ended(panel, "Cancelled")
    expect(panel.get_by_role("button", name=re.compile("Cancel run"))).to_have_count(0)


def test_a_default_that_is_an_expression_is_shown_and_left_alone(page, panel, submit):
    submit("odd.ipynb")
    expect(field(panel, "when")).to_contain_text("datetime.date.today()")
    panel.get_by_role("button", name="Set a value for when").click()
    box(panel, "when").fill("3")
    expect(field(panel, "when")).to_contain_text("changed")
    panel.get_by_role("button", name="Reset when").click()
    expect(field(panel, "when")).to_contain_text("datetime.date.today()")


def test_a_parameters_cell_that_can_not_be_typed_leads_to_its_line(
    page, panel, submit, project, write_notebook, shot
):
    write_notebook(
        project / "mistyped.ipynb",
        "print(1)",
        parameters="month: int = 1\ndata: Input[Datset] = 'x'",
        title="# T",
    )
    notebook = submit("mistyped.ipynb")
    alert = panel.get_by_role("alert")
    expect(alert).to_contain_text("cell 2, line 2")
    expect(alert).to_contain_text("did you mean Dataset?")
    expect(button(panel)).to_be_disabled()
    shot(page, "submit-mistyped")
    alert.get_by_role("button", name="Go to cell 2, line 2").click()
    expect(notebook.locator(".jp-Cell").nth(1)).to_have_class(re.compile("jp-mod-active"))
    expect(page.get_by_text("Ln 2, Col 1")).to_be_visible()


def test_a_parameters_cell_is_made_of_assignments(page, panel, submit, project, lab_server, command, shot):
    notebook = submit("plain.ipynb")
    panel.get_by_label(re.compile("count = 3")).check()
    shot(page, "submit-candidates")
    panel.get_by_role("button", name="Create parameters cell").click()
    expect(notebook.locator(".jp-Cell")).to_have_count(3)
    box(panel, "count").fill("2")
    command(page, "notebook:undo-cell-action")
    expect(notebook.locator(".jp-Cell")).to_have_count(2)
    expect(panel.get_by_label(re.compile("count = 3"))).to_be_visible()
    command(page, "notebook:redo-cell-action")
    box(panel, "count").fill("2")
    assert len(cells_of(project, "plain.ipynb")) == 2, "nothing is saved before it is submitted"
    button(panel).click()
    run = ended(panel)
    assert cells_of(project, "plain.ipynb") == [
        ("code", "count = 3"),
        ("code", "name = 'ada'"),
        ("code", "print(name * count)"),
    ]
    assert read(project, "plain.ipynb")["cells"][0]["metadata"]["tags"] == ["parameters"]
    assert detail(lab_server, run)["arguments"] == {"count": 2}


def test_an_older_version_of_the_data_is_chosen(page, panel, submit, lab_server, shot):
    submit("train.ipynb")
    menu = box(panel, "Version of flights")
    expect(menu.locator("option")).to_have_count(3)
    expect(menu).to_contain_text("40 rows")
    older = menu.locator("option").nth(2)
    expect(older).to_contain_text("20 rows")
    md5 = older.get_attribute("value")
    menu.select_option(md5)
    shot(page, "submit-version")
    button(panel).click()
    run = ended(panel)
    assert detail(lab_server, run)["choices"]["versions"] == {"flights": md5}
    (step,) = detail(lab_server, run)["graph"]
    record = lab_server.request("GET", f"/aiinfra/api/v1/runs/{run}/steps/{step['name']}/record")[1]
    assert [data["md5"] for data in record["inputs"]] == [md5]


def test_changed_data_becomes_a_version(page, panel, submit, project, write_notebook, shot):
    write_notebook(
        project / "other.ipynb",
        "print(open(flights).read())",
        parameters="from aiinfra import *\n\nflights: Input[Dataset] = 'data/flights.csv'",
    )
    data = project / "data/flights.csv"
    data.write_text(data.read_text() + "3,JFK,1\n")
    submit("other.ipynb")
    expect(field(panel, "flights")).to_contain_text("Changed since")
    shot(page, "submit-changed-data")
    panel.get_by_role("button", name="Add a version of flights").click()
    expect(field(panel, "flights")).not_to_contain_text("Changed since")
    expect(box(panel, "Version of flights")).to_contain_text("41 rows")


def test_missing_data_is_told_beside_its_name(page, panel, submit, project, write_notebook):
    write_notebook(
        project / "missing.ipynb",
        "print(open(flights).read())",
        parameters="from aiinfra import *\n\nflights: Input[Dataset] = 'data/nothing.csv'",
    )
    submit("missing.ipynb")
    expect(field(panel, "flights").get_by_role("alert").first).to_contain_text("nothing.csv")
    expect(button(panel)).to_be_disabled()
    box(panel, "File of flights").fill("data/flights.csv")
    box(panel, "File of flights").press("Enter")
    expect(box(panel, "Version of flights")).to_be_visible()


UNDEFINED = ("print('fine')", "print(total)", "total = 3")


def test_the_checks_follow_what_is_typed_and_lead_to_the_cell(
    page, panel, submit, project, write_notebook, shot
):
    write_notebook(project / "undefined.ipynb", *UNDEFINED, parameters="month: int = 1")
    notebook = submit("undefined.ipynb")
    checks = panel.locator("[data-section=checks]")
    expect(checks).to_contain_text("total")
    expect(button(panel)).to_be_disabled()
    expect(button(panel)).to_have_accessible_description(re.compile("1 check fails"))
    shot(page, "submit-checks")
    checks.get_by_role("button", name=re.compile("Go to cell 3")).click()
    expect(notebook.locator(".jp-Cell").nth(2)).to_have_class(re.compile("jp-mod-active"))
    page.keyboard.press("Control+A")
    page.keyboard.type("print(month)")
    expect(button(panel)).to_be_enabled()
    assert cells_of(project, "undefined.ipynb")[2] == ("code", "print(total)"), "nothing was saved"


def test_the_checks_wait_for_a_save_where_that_is_set(
    settings, open_lab, lab_server, project, write_notebook, command
):
    settings(checkWhileEditing=False)
    write_notebook(project / "waiting.ipynb", *UNDEFINED, parameters="month: int = 1")
    page = open_lab(lab_server, "waiting.ipynb").page
    panel = page.locator("#aiinfra-submit")
    command(page, "aiinfra:submit", {"path": "waiting.ipynb"})
    checks = panel.locator("[data-section=checks]")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/check") else None)
    checks.get_by_role("button", name=re.compile("Go to cell 3")).click()
    page.keyboard.press("Control+A")
    page.keyboard.type("print(month)")
    # Longer than the checks would wait.
    page.wait_for_timeout(2000)
    assert asked == []
    command(page, "docmanager:save")
    expect(checks).to_contain_text("Nothing found")


def test_a_run_opens_at_once_where_that_is_set(
    settings, open_lab, lab_server, project, write_notebook, command
):
    settings(openRunOnSubmit=True)
    write_notebook(project / "opened.ipynb", "print(month)", parameters="month: int = 1")
    page = open_lab(lab_server, "opened.ipynb").page
    command(page, "aiinfra:submit", {"path": "opened.ipynb"})
    panel = page.locator("#aiinfra-submit")
    ready(panel)
    tabs = page.locator("#jp-main-dock-panel .lm-TabBar-tab")
    count = tabs.count()
    button(panel).click()
    expect(tabs).to_have_count(count + 1)
    expect(page.locator("#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current")).to_contain_text(
        re.compile(r"\d+")
    )


def test_a_pipeline_is_submitted_from_the_file_browser(page, panel, project, lab_server, shot):
    page.get_by_role("listitem", name=re.compile("pipeline.py")).click(button="right")
    page.get_by_role("menuitem", name="Submit").click()
    ready(panel)
    box(panel, "count").fill("5")
    expect(panel.get_by_text("What each step gets is said in the code of the pipeline.")).to_be_visible()
    expect(panel.get_by_label("CPU")).to_have_count(0)
    shot(page, "submit-pipeline")
    button(panel).click()
    expect(first_run(panel)).to_contain_text("step ")
    run = ended(panel)
    assert detail(lab_server, run)["arguments"] == {"count": 5}
    assert len(detail(lab_server, run)["graph"]) == 2


def test_one_of_several_pipelines_is_chosen_and_remembered(
    page, panel, project, lab_server, command, window, workspace, until
):
    (project / "several_pipeline.py").write_text(TWO_PIPELINES.lstrip())
    command(page, "aiinfra:submit", {"path": "several_pipeline.py"})
    expect(button(panel)).to_have_accessible_description("Choose a pipeline")
    box(panel, "Pipeline").select_option("large")
    box(panel, "size").fill("4")
    button(panel).click()
    run = ended(panel)
    assert (detail(lab_server, run)["name"], detail(lab_server, run)["arguments"]) == ("large", {"size": 4})
    command(page, "aiinfra:submit", {"path": "pipeline.py"})
    expect(panel.get_by_role("heading", name="Submit pipeline.py")).to_be_visible()
    until(lambda: "aiinfra:submit:several_pipeline.py" in workspace(page))
    window.visit(page.url)
    command(page, "aiinfra:submit", {"path": "several_pipeline.py"})
    expect(box(panel, "Pipeline")).to_have_value("large")
    expect(box(panel, "size")).to_have_value("4")


def test_a_notebook_is_submitted_from_the_file_browser_and_other_files_are_not(page, panel):
    page.get_by_role("listitem", name=re.compile("settings.ini")).click(button="right")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Submit")).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("listitem", name=re.compile("broken.ipynb")).click(button="right")
    page.get_by_role("menuitem", name="Submit").click()
    expect(panel.get_by_role("heading", name="Submit broken.ipynb")).to_be_visible()
    expect(page.locator(".jp-NotebookPanel")).to_be_visible()


def test_the_keyboard_is_enough(page, panel, open_notebook, project, write_notebook):
    write_notebook(project / "keys.ipynb", "print(month)", parameters="month: int = 1")
    notebook = open_notebook(page, "keys.ipynb")
    notebook.locator(".jp-Cell").first.click()
    page.keyboard.press("Control+Shift+Enter")
    expect(panel.get_by_role("heading", name="Submit keys.ipynb")).to_be_focused()
    ready(panel)
    while not box(panel, "month").evaluate("node => node === document.activeElement"):
        page.keyboard.press("Tab")
        assert panel.locator(":focus").count(), "the focus left the panel before it came to the field"
    page.keyboard.type("4")
    page.keyboard.press("Escape")
    expect(box(panel, "month")).to_have_value("4")
    expect(field(panel, "month")).to_contain_text("changed")
    page.keyboard.press("Control+Shift+Enter")
    ended(panel)
    panel.get_by_role("button", name="Close").press("Enter")
    expect(panel).to_have_count(0)
    expect(notebook.locator(":focus")).to_have_count(1)
    page.keyboard.press("Control+Shift+Enter")
    expect(box(panel, "month")).to_have_value("4")


def test_the_panel_is_reused_and_goes_with_its_notebook(page, panel, submit, command):
    submit("train.ipynb")
    submit("broken.ipynb")
    expect(panel).to_have_count(1)
    expect(panel.get_by_role("heading", name="Submit broken.ipynb")).to_be_visible()
    command(page, "docmanager:open", {"path": "train.ipynb"})
    expect(panel.get_by_role("heading", name="Submit broken.ipynb")).to_be_visible()
    command(page, "docmanager:open", {"path": "broken.ipynb"})
    command(page, "application:close", wait=False)
    expect(panel).to_have_count(0)


def test_a_failure_says_why_in_the_panel(page, panel, submit):
    submit("broken.ipynb")
    button(panel).click()
    ended(panel, "Failed")
    expect(first_run(panel)).to_contain_text("KeyError")


def test_the_end_of_a_run_is_not_told_over_the_panel_that_shows_it(
    page, panel, submit, lab_server, project, write_notebook
):
    write_notebook(project / "elsewhere.ipynb", "1 / 0")
    submit("broken.ipynb")
    button(panel).click()
    run = ended(panel, "Failed")
    # The news of another run comes after that of this one would have.
    resources = {"cpu": None, "memory": None, "accelerator": None, "accelerator_count": None}
    asked = {"path": "elsewhere.ipynb", "arguments": {}, "resources": resources, "versions": {}}
    assert lab_server.request("POST", "/aiinfra/api/v1/runs", asked)[0] == 200
    toasts = page.locator(".Toastify__toast")
    expect(toasts.filter(has_text="(elsewhere) failed: ")).to_be_visible()
    expect(toasts).to_have_count(1)
    page.locator(".jp-Notification-Status").click()
    expect(
        page.locator(".jp-Notification-Center").get_by_text(f"Run {run} (broken) failed: ")
    ).to_be_visible()


def test_the_command_takes_choices_and_stands_in_menu_and_palette(page, panel, command):
    command(
        page, "aiinfra:submit", {"path": "slow.ipynb", "choices": {"arguments": {"seconds": 0.25, "gone": 1}}}
    )
    ready(panel)
    expect(box(panel, "seconds")).to_have_value("0.25")
    expect(panel).to_contain_text("no part of it any more: gone")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    entry = page.get_by_role("menuitem", name=re.compile("Submit notebook or pipeline"))
    expect(entry).to_be_visible()
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()
    command(page, "apputils:activate-command-palette")
    page.locator(".lm-CommandPalette-input").fill("submit notebook")
    expect(page.locator(".lm-CommandPalette-item").first).to_contain_text("Submit notebook or pipeline")


def test_it_can_be_read_in_the_dark(page, panel, submit, command, axe, shot):
    command(page, "apputils:change-theme", {"theme": "JupyterLab Dark"})
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    submit("train.ipynb")
    box(panel, "month").fill("99")
    expect(field(panel, "month")).to_contain_text("Must be from 1 to 12")
    shot(page, "submit-dark")
    assert axe(page, "#aiinfra-submit") == []
