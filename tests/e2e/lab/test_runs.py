"""Runs in the left bar: what runs and what has run, live in every window, whoever started it."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from aiinfra.runs import supervisor
from aiinfra.runs.rows import insert_run
from aiinfra.runs.state import Run
from aiinfra.runs.store import RunStore

AIINFRA = Path(sys.executable).parent / "aiinfra"
THEMES = ("JupyterLab Light", "JupyterLab Dark")


@pytest.fixture(scope="module")
def start(project, lab_server):
    "Starts a run with the command line, in a process of its own, and gives its number."

    def start_(source, **parameters):
        given = [f"-p{name}={value}" for name, value in parameters.items()]
        argv = [AIINFRA, "run", "--detach", source, *given]
        done = subprocess.run(
            argv, cwd=project, env=lab_server.env, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return re.search(r"\d+", done.stdout)[0]

    return start_


@pytest.fixture(scope="module")
def store(project):
    return RunStore(project / ".aiinfra")


@pytest.fixture(scope="module")
def done(start, store, until):
    "A run that succeeded, and one that failed."
    numbers = start("slow.ipynb", seconds=0.01), start("broken.ipynb")
    until(lambda: all(store.get(number).ended for number in numbers))
    assert [store.get(number).state for number in numbers] == ["SUCCEEDED", "FAILED"]
    return numbers


@pytest.fixture
def show_runs(command):
    def show(page):
        command(page, "aiinfra:show-runs")
        panel = page.locator("#aiinfra-runs")
        panel.get_by_text("live", exact=True).wait_for()
        return panel

    return show


@pytest.fixture
def panel(page, done, show_runs):
    panel = show_runs(page)
    rows(panel).first.wait_for()
    return panel


def rows(panel):
    return panel.get_by_role("listbox").get_by_role("option")


def row(panel, number):
    return panel.locator(f"[data-run='{number}']")


def numbers(panel):
    "The runs in the document, from top to bottom."
    return [
        int(n) for n in panel.locator("[data-run]").evaluate_all("found => found.map(e => e.dataset.run)")
    ]


def opened(page):
    "What the list asks to be opened, whatever opens it."
    page.evaluate(
        """() => {
            window.opened = [];
            window.jupyterapp.commands.commandExecuted.connect((_, { id, args }) => {
                if (id === 'aiinfra:open-run') { window.opened.push(args); }
            });
        }"""
    )
    return lambda: page.evaluate("() => window.opened")


def test_an_empty_list_says_how_to_make_the_first_run(
    make_lab_server, template, tmp_path, open_lab, show_runs, axe
):
    subprocess.run(["cp", "-r", template, tmp_path / "new"], check=True)
    window = open_lab(make_lab_server(tmp_path / "new"))
    panel = show_runs(window.page)
    panel.get_by_role("heading", name="Nothing has run yet").wait_for()
    assert axe(window.page, "#aiinfra-runs") == []
    panel.get_by_role("button", name="Find a notebook").click()
    window.page.get_by_role("listitem", name=re.compile("Name: train.ipynb")).wait_for()
    assert window.problems == []


def test_the_newest_is_first_and_a_failure_says_why(panel, done, until):
    good, bad = done
    until(lambda: numbers(panel)[:2] == [int(bad), int(good)])
    expect(row(panel, good).get_by_role("img", name="Succeeded")).to_be_visible()
    expect(row(panel, good)).to_have_text(re.compile(r"slow\b.*\d:\d\d", re.S), use_inner_text=True)
    expect(row(panel, good).get_by_text("local")).to_be_visible()
    failed = row(panel, bad)
    expect(failed.get_by_role("img", name="Failed")).to_be_visible()
    expect(failed.get_by_text("KeyError: 'dest'")).to_be_visible()
    when = failed.locator("time")
    expect(when).to_have_text(re.compile(r"^(now|this minute|.* ago)$"))
    expect(when).to_have_attribute("title", re.compile(r"20\d\d"))


def test_a_run_of_another_process_shows_in_two_windows_as_it_goes(
    open_lab, lab_server, window, panel, show_runs, start, held, until
):
    other = open_lab(lab_server, beside=window)
    panels = [panel, show_runs(other.page)]
    bring = [window.page.bring_to_front, other.page.bring_to_front]
    number = start(held.path)
    for show, each in zip(bring, panels, strict=True):
        show()
        row(each, number).get_by_role("img", name="Running").wait_for()
        row(each, number).get_by_text("cell 2/3").wait_for()
    held.let_go()
    for show, each in zip(bring, panels, strict=True):
        show()
        row(each, number).get_by_role("img", name="Succeeded").wait_for()
        until(lambda each=each: numbers(each)[0] == int(number))
        expect(row(each, number)).to_have_count(1)
    assert other.problems == window.problems == []


def test_the_time_of_a_run_under_way_goes_on(panel, start, held):
    number = start(held.path)
    # Nothing happens from here on but that time passes.
    row(panel, number).get_by_text("cell 2/3").wait_for()
    clock = row(panel, number).locator(".jp-aiinfra-Runs-duration")
    for _ in range(2):
        expect(clock).to_have_text(re.compile(r"^\d:\d\d$"))
        expect(clock).not_to_have_text(clock.inner_text())


def test_the_filter_lets_through_what_fits(panel, page, done, start, store, until):
    good, bad = done
    panel.get_by_role("combobox", name="State").select_option("FAILED")
    row(panel, good).wait_for(state="detached")
    expect(row(panel, bad)).to_be_visible()
    # A run that begins to fit comes by itself, one that doesn't stays away.
    failing, fine = start("broken.ipynb"), start("slow.ipynb", seconds=0.01)
    row(panel, failing).wait_for()
    until(lambda: store.get(fine).ended)
    panel.get_by_role("combobox", name="State").select_option("")
    row(panel, fine).wait_for()
    panel.get_by_role("combobox", name="Notebook").select_option("slow.ipynb")
    row(panel, bad).wait_for(state="detached")
    panel.get_by_role("combobox", name="Notebook").select_option("")
    panel.get_by_role("searchbox").fill("BROK")
    row(panel, good).wait_for(state="detached")
    row(panel, bad).wait_for()
    panel.get_by_role("searchbox").fill("no such thing")
    panel.get_by_text("No run fits the filter.").wait_for()
    panel.get_by_role("button", name="Clear the filter").click()
    row(panel, good).wait_for()
    expect(panel.get_by_role("searchbox")).to_have_value("")


def test_everything_goes_with_the_keyboard(panel, page, done, until):
    page.evaluate("() => navigator.clipboard.writeText = async text => { window.copied = text; }")
    page.evaluate(
        "() => document.addEventListener('copy', e => { window.copied = e.clipboardData.getData('text/plain'); })"
    )
    asked = opened(page)
    command_list = panel.get_by_role("listbox")
    command_list.focus()
    page.keyboard.press("Home")
    first = numbers(panel)[0]
    chosen = panel.locator("[aria-selected=true]")
    until(lambda: chosen.get_attribute("data-run") == str(first))
    page.keyboard.press("ArrowDown")
    second = numbers(panel)[1]
    until(lambda: command_list.get_attribute("aria-activedescendant") == f"jp-aiinfra-run-{second}")
    page.keyboard.press("Enter")
    until(lambda: asked() == [{"id": str(second)}])
    command_list.focus()
    page.keyboard.press("Shift+ArrowUp")
    until(lambda: chosen.count() == 2)
    page.keyboard.press("Shift+F10")
    menu = page.get_by_role("menu")
    menu.get_by_text("Compare", exact=True).wait_for()
    expect(menu.get_by_text("Copy link")).to_be_hidden()
    page.keyboard.press("Escape")
    command_list.focus()
    page.keyboard.press("End")
    until(lambda: chosen.get_attribute("data-run") == str(numbers(panel)[-1]))
    page.keyboard.press("Shift+F10")
    menu.get_by_text("Copy link").wait_for()
    expect(menu.get_by_text("Cancel run")).to_be_hidden()


def test_a_run_is_cancelled_from_the_list_when_that_is_meant(panel, page, start, store, until):
    number = start("slow.ipynb", seconds=30)
    row(panel, number).get_by_text(re.compile(r"cell \d/\d")).wait_for()
    row(panel, number).click(button="right")
    page.get_by_role("menu").get_by_text("Cancel run").click()
    page.get_by_role("button", name="Keep running").click()
    assert store.get(number).state == "RUNNING"
    row(panel, number).click(button="right")
    page.get_by_role("menu").get_by_text("Cancel run").click()
    page.get_by_role("button", name="Cancel run").click()
    row(panel, number).get_by_role("img", name="Cancelled").wait_for()
    until(lambda: store.get(number).state == "CANCELED")
    row(panel, number).click(button="right")
    page.get_by_role("menu").get_by_text("Open run").wait_for()
    expect(page.get_by_role("menu").get_by_text("Cancel run")).to_be_hidden()


def test_the_end_of_a_run_is_told_and_the_title_says_it_until_someone_looks(panel, page, start, until):
    page.evaluate("() => { document.hasFocus = () => false; }")
    title = page.title()
    number = start("broken.ipynb")
    toast = page.locator(".Toastify__toast", has_text=f"Run {number} (broken) failed: ")
    toast.wait_for()
    expect(toast).to_contain_text("KeyError: 'dest'")
    expect(page).to_have_title(f"✗ {number} broken – {title}")
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    expect(page).to_have_title(title)
    expect(toast).to_have_count(1)


def test_a_person_chooses_what_is_told(panel, page, start, show_runs):
    page.evaluate(
        """async () => {
            const registry = window.jupyterapp.serviceManager.settings;
            await registry.save('jupyterlab-aiinfra:plugin', JSON.stringify({ notifyOnEnd: 'failures' }));
        }"""
    )
    page.reload()
    page.wait_for_function("() => window.jupyterapp")
    page.evaluate("() => window.jupyterapp.restored")
    list_of_runs = show_runs(page)
    rows(list_of_runs).first.wait_for()
    fine = start("slow.ipynb", seconds=0.01)
    row(list_of_runs, fine).get_by_role("img", name="Succeeded").wait_for()
    failing = start("broken.ipynb")
    page.locator(".Toastify__toast", has_text=f"Run {failing} (broken) failed: ").wait_for()
    expect(page.locator(".Toastify__toast", has_text=f"Run {fine} ")).to_have_count(0)


def test_the_status_bar_counts_what_is_under_way(page, command, start, store, held, until):
    item = page.get_by_role("button", name=re.compile(r"^\d running$"))
    number = start(held.path)
    item.get_by_text("1 running").wait_for()
    item.click()
    row(page.locator("#aiinfra-runs"), number).wait_for()
    held.let_go()
    item.wait_for(state="hidden")
    assert store.get(number).ended


@pytest.mark.parametrize(
    "path", ["lab", "lab/tree/train.ipynb", "lab/workspaces/of-ada", "lab/workspaces/b/tree/train.ipynb"]
)
def test_a_link_opens_a_run_and_a_cell(open_lab, lab_server, done, path, until):
    window = open_lab(lab_server)
    page = window.page
    page.add_init_script(
        """window.links = [];
        const wait = setInterval(() => {
            const app = window.jupyterapp;
            if (!app) { return; }
            clearInterval(wait);
            app.commands.commandExecuted.connect((_, { id, args }) => {
                if (id === 'aiinfra:open-run') { window.links.push(args); }
            });
            window.answered = app.commands.hasCommand('aiinfra:open-run');
        }, 1);"""
    )
    window.visit(f"{lab_server.url}/{path}?aiinfra-run={done[1]}&aiinfra-step=broken&aiinfra-cell=3")
    wanted = {"id": done[1], "step": "broken", "cell": 3}
    until(lambda: wanted in page.evaluate("() => window.links"))
    until(lambda: "aiinfra-run" not in page.url)
    if "train" in path:
        page.get_by_role("tab", name="train.ipynb").wait_for()


def test_the_list_comes_back_after_a_reload(panel, page, workspace, until):
    def stored():
        return (
            workspace(page).get("layout-restorer:data", {}).get("left", {}).get("current") == "aiinfra-runs"
        )

    until(stored)
    page.reload()
    rows(page.locator("#aiinfra-runs")).first.wait_for()


@pytest.mark.parametrize("theme", THEMES)
def test_the_list_can_be_read_by_everyone(panel, page, command, axe, shot, start, held, theme):
    number = start(held.path)
    row(panel, number).get_by_text("cell 2/3").wait_for()
    command(page, "apputils:change-theme", {"theme": theme})
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
    panel.get_by_role("listbox").focus()
    page.keyboard.press("Home")
    assert axe(page, "#aiinfra-runs") == []
    assert axe(page, ".jp-aiinfra-StatusItem") == []
    shot(page, f"runs-{theme.split()[-1].lower()}")


MANY = 5000
LONG_TASKS = """() => {
    window.longTasks = [];
    new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(entry => entry.duration)))
        .observe({ type: 'longtask' });
}"""


@pytest.fixture
def many(store, done):
    "A project with thousands of runs: the oldest of them failed."
    newest = int(store.page(1)[0].id)
    now = time.time()
    with store._db.write() as db:
        for number in range(newest + 1, newest + MANY + 1):
            oldest = number == newest + 1
            run = Run(str(number), "needle" if oldest else "hay", f"{number % 40}.ipynb", "local")
            run.state, run.error = ("FAILED", "cell 1: lost") if oldest else ("SUCCEEDED", None)
            run.created = run.started = now - MANY + number - newest
            run.finished, run.metrics = run.started + 1, {"auc": number / 10_000}
            insert_run(db, run, supervisor.boot_time())
    return newest + 1


def test_thousands_of_runs_scroll(many, page, show_runs, store, until, start):
    panel = show_runs(page)
    newest = many + MANY - 1
    row(panel, newest).wait_for()
    total = newest
    expect(panel.locator(".jp-aiinfra-Runs-total")).to_contain_text(re.compile(f"^({total:,}|{total}) "))
    page.evaluate(LONG_TASKS)
    box = panel.get_by_role("listbox")
    count = rows(panel)
    drawn = []
    for part in range(1, 21):
        box.evaluate("(box, part) => { box.scrollTop = part / 20 * box.scrollHeight; }", part)
        drawn.append(count.count())
    row(panel, 1).wait_for()
    drawn.append(count.count())
    box.focus()
    page.keyboard.press("Home")
    row(panel, newest).wait_for()
    page.keyboard.press("End")
    until(lambda: row(panel, 1).get_attribute("aria-selected") == "true")
    expect(row(panel, 1)).to_have_attribute("aria-posinset", str(total))
    drawn.append(count.count())
    print(
        f"rows drawn at once: {max(drawn)}; long tasks: {[round(t) for t in page.evaluate('window.longTasks')]} ms"
    )
    assert 0 < max(drawn) <= 60

    # What is looked at stays in place when a run comes above it.
    box.evaluate("box => { box.scrollTop = 4000; }")
    until(lambda: newest - 95 in numbers(panel))
    before = row(panel, newest - 95).bounding_box()["y"]
    number = start("slow.ipynb", seconds=0.01)
    until(lambda: store.get(number).ended)
    panel.get_by_text(re.compile(f"^{total + 1:,} runs|^{total + 1} runs")).wait_for()
    assert row(panel, newest - 95).bounding_box()["y"] == before

    panel.get_by_role("searchbox").fill("needle")
    row(panel, many).wait_for()
    panel.get_by_text("1 run", exact=True).wait_for()
