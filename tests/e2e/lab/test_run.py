"""The view of a run: watched while it runs, looked at when it has ended."""

import json
import re

import pytest
from playwright.sync_api import expect

RESOURCES = {"cpu": None, "memory": None, "accelerator": None, "accelerator_count": None}
ENDED = ("SUCCEEDED", "FAILED", "CANCELED")


@pytest.fixture
def submit(lab_server):
    "Starts a run and gives its number."

    def start(path, arguments=None):
        asked = {"path": path, "arguments": arguments or {}, "resources": RESOURCES, "versions": {}}
        status, row = lab_server.request("POST", "/aiinfra/api/v1/runs", asked)
        assert status == 200, row
        return row["id"]

    return start


@pytest.fixture
def finished(submit, lab_server, until):
    "Starts a run, waits for its end, and gives its number."

    def start(path, arguments=None):
        run = submit(path, arguments)
        until(lambda: lab_server.request("GET", f"/aiinfra/api/v1/runs/{run}")[1]["state"] in ENDED)
        return run

    return start


@pytest.fixture
def open_run(page, command):
    "Opens the view of a run."

    def open_(run, **place):
        command(page, "aiinfra:open-run", {"id": run, **place})
        return page.locator(f"#aiinfra-run-{run}")

    return open_


def cell(view, number):
    return view.locator(f"article[data-number='{number}']")


IN_SIGHT = """found => found.some(node => {
    const box = node.closest('.jp-aiinfra-cells').getBoundingClientRect();
    const own = node.getBoundingClientRect();
    return own.top < box.bottom && own.bottom > box.top;
})"""


def in_sight(element):
    "Whether a part of the element is within the box that scrolls. What is far from there isn't in the document."
    return element.evaluate_all(IN_SIGHT)


def end_of(view, state):
    view.locator(f".jp-aiinfra-run-facts [data-state={state}]").wait_for()


# -- while it runs


def test_a_slow_notebook_is_watched_cell_by_cell(page, problems, submit, open_run, shot, axe):
    run = submit("slow.ipynb", {"seconds": 5.0})
    view = open_run(run)
    cell(view, 3).get_by_text("cell 1", exact=True).wait_for()
    # Its output is there while the run goes on, and the running cell is marked.
    view.get_by_role("heading", name=f"Run {run} slow").wait_for()
    view.get_by_role("article", name="running").wait_for()
    end_of(view, "RUNNING")
    shot(page, "run-live")
    assert axe(page, f"#aiinfra-run-{run}") == []
    view.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Cancel run").click()
    end_of(view, "CANCELED")
    expect(view.get_by_role("button", name="Cancel", exact=True)).to_have_count(0)
    assert problems == []


def test_it_follows_the_running_cell_unless_one_scrolls_away(
    page, project, write_notebook, submit, open_run, until
):
    tall = "\n".join(["", *[f"# line {line}" for line in range(15)]])
    cells = [f"import time\n\ntime.sleep(1)\nprint('cell', {number}){tall}" for number in range(1, 31)]
    write_notebook(project / "tall.ipynb", *cells)
    view = open_run(submit("tall.ipynb"))
    running = view.locator("article[data-state=running]")
    follow = view.get_by_role("button", name="Follow")
    # Further down than a screen reaches.
    number = "found => found.map(node => Number(node.dataset.number))"
    until(lambda: any(n >= 6 for n in running.evaluate_all(number)))
    until(lambda: in_sight(running))
    expect(follow).to_have_attribute("aria-pressed", "true")

    view.locator(".jp-aiinfra-cells").hover()
    page.mouse.wheel(0, -100_000)
    expect(follow).to_have_attribute("aria-pressed", "false")
    top = cell(view, 1)
    top.wait_for()
    # The next cells run; what is looked at stays.
    until(lambda: not in_sight(running))
    cell(view, 3).get_by_text("cell 3", exact=True).wait_for()
    assert in_sight(top)

    follow.click()
    until(lambda: in_sight(running))
    assert not in_sight(top)


# A thousand lines a second, 10,000 at least, until somebody has seen enough.
PRINTS = """
import itertools
import time
from pathlib import Path

start = time.monotonic()
for line in itertools.count():
    print("line", line)
    if line % 100 == 99:
        time.sleep(max(0, start + line / 1000 - time.monotonic()))
        if line >= 9999 and Path({enough!r}).exists():
            break
print("that was line", line)
"""
# A timer that is late by more than 50 ms was kept waiting by a long task (or by a busy machine).
WATCH_TASKS = """() => {
    window.longTasks = [];
    let last = performance.now();
    setInterval(() => {
        const [late, now] = [performance.now() - last - 20, performance.now()];
        if (late > 50) { window.longTasks.push(Math.round(late)); }
        last = now;
    }, 20);
}"""
LONG_TASK = """() => setTimeout(() => {
    const end = Date.now() + 150;
    while (Date.now() < end) { /* busy */ }
})"""


def test_a_cell_that_prints_a_thousand_lines_a_second_leaves_the_page_responsive(
    page, problems, project, write_notebook, submit, open_run, until, tmp_path
):
    enough = tmp_path / "enough"
    write_notebook(project / "talks.ipynb", PRINTS.format(enough=str(enough)), "print('done')")
    view = open_run(submit("talks.ipynb"))
    view.locator("article[data-state=running]").get_by_text("line 500\n").wait_for()
    page.evaluate(WATCH_TASKS)
    page.evaluate(LONG_TASK)
    page.wait_for_function("() => window.longTasks.some(took => took >= 120)")
    page.evaluate("() => { window.longTasks = []; }")
    # While it prints, clicks are handled: another tab, and back.
    for _ in range(4):
        view.get_by_role("tab", name="Inputs").click()
        view.get_by_role("heading", name="Parameters").wait_for()
        view.get_by_role("tab", name="Notebook").click()
        view.locator("article[data-state=running]").wait_for()
    blocks = view.locator("article[data-state=running] .jp-aiinfra-printed-block")
    until(lambda: view.get_by_text("earlier lines").count())
    assert 0 < sum(text.count("\n") for text in blocks.all_text_contents()) < 2300
    enough.touch()
    end_of(view, "SUCCEEDED")
    tasks = page.evaluate("() => window.longTasks")
    print(f"long tasks: {len(tasks)}, in all {sum(tasks)} ms, longest {max(tasks, default=0)} ms")
    view.get_by_text(re.compile(r"that was line \d*99")).wait_for()
    assert problems == []


COUNTS = """
import itertools
import time
from pathlib import Path

for second in itertools.count():
    print("second", second)
    time.sleep(0.5)
    if Path({enough!r}).exists():
        break
"""


def test_after_a_lost_network_nothing_is_missed_and_nothing_comes_twice(
    page, project, write_notebook, submit, open_run, tmp_path
):
    enough = tmp_path / "enough"
    write_notebook(project / "counts.ipynb", COUNTS.format(enough=str(enough)))
    view = open_run(submit("counts.ipynb"))
    running = view.locator("article[data-state=running]")
    running.get_by_text("second 1").wait_for()
    page.context.set_offline(True)
    view.get_by_text("Offline").wait_for()
    page.wait_for_timeout(3000)
    page.context.set_offline(False)
    running.get_by_text("second 20").wait_for()
    lines = running.locator(".jp-aiinfra-printed pre").text_content().split("\n")
    shown = [line for line in lines if line]
    assert shown == [f"second {second}" for second in range(len(shown))]
    enough.touch()
    end_of(view, "SUCCEEDED")


# -- when it has ended


def test_a_failure_opens_at_its_cell_with_the_error_above_it(page, problems, finished, open_run, shot, axe):
    run = finished("broken.ipynb")
    view = open_run(run)
    failed = cell(view, 3)
    failed.get_by_role("note").get_by_text("KeyError").wait_for()
    expect(failed).to_have_attribute("data-state", "failed")
    failed.get_by_text("Traceback").wait_for()
    shot(page, "run-failed")
    assert axe(page, f"#aiinfra-run-{run}") == []
    failed.get_by_role("button", name="Show log").click()
    view.get_by_role("region", name="Log").get_by_text("before").wait_for()
    assert problems == []


HOSTILE = [
    "from IPython.display import HTML, Javascript, Markdown, SVG, display\n\n"
    "display(HTML('<b>first</b><script>window.hacked = 1</script>'))",
    "HTML('<img src=x onerror=\"window.hacked = 2\">')",
    "HTML('<a href=\"javascript:window.hacked = 3\">a link</a>')",
    "Javascript('window.hacked = 4')",
    'SVG(\'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="window.hacked = 5">'
    '<script>window.hacked = 5</script><rect width="40" height="40"/></svg>\')',
    "Markdown('<img src=x onerror=\"window.hacked = 6\"> [click](javascript:window.hacked=6)')",
    "HTML('<iframe srcdoc=\"&lt;script&gt;parent.hacked = 7&lt;/script&gt;\"></iframe>')",
    'HTML(\'<svg onload="window.hacked = 8"></svg><details open ontoggle="window.hacked = 8">x</details>\')',
    "print('last')",
]


def test_nothing_of_an_output_runs_in_the_lab(page, project, write_notebook, finished, open_run):
    title = "# Title\n<script>window.hacked = 9</script><img src=x onerror='window.hacked = 9'>"
    write_notebook(project / "hostile.ipynb", *HOSTILE, parameters="x: int = 1", title=title)
    view = open_run(finished("hostile.ipynb"))
    view.get_by_text("first", exact=True).wait_for()
    view.locator("img[src^='data:image/svg+xml']").wait_for()
    view.get_by_text("a link").first.wait_for()
    for link in view.get_by_text("a link").all():
        link.click()
    page.wait_for_timeout(500)
    view.locator(".jp-aiinfra-cells").press("End")
    view.get_by_text("last", exact=True).wait_for()
    page.wait_for_timeout(500)
    assert page.evaluate("() => window.hacked") is None
    assert view.locator("iframe, script").count() == 0


def fill(notebook, count, size):
    "Let an executed notebook have `count` cells with outputs of `size` bytes in all."
    content = json.loads(notebook.read_text())
    text = "".join(f"{'x' * 99}\n" for _ in range(size // count // 100))
    done = {"papermill": {"status": "completed", "duration": 0.1, "exception": False}, "tags": []}
    content["cells"] = [
        {
            "cell_type": "code",
            "id": f"big{number}",
            "metadata": done,
            "execution_count": number,
            "source": f"print('number', {number})",
            "outputs": [{"output_type": "stream", "name": "stdout", "text": f"number {number}\n{text}"}],
        }
        for number in range(1, count + 1)
    ]
    notebook.write_text(json.dumps(content))


def test_two_thousand_cells_with_50_mb_of_outputs_open_and_scroll_to_the_end(
    page, problems, project, finished, open_run, until
):
    run = finished("plain.ipynb")
    fill(project / f".aiinfra/runs/{run}/steps/plain/executed.ipynb", 2000, 50_000_000)
    view = open_run(run)
    cell(view, 1).get_by_text("number 1\n").wait_for()
    box = view.locator(".jp-aiinfra-cells")
    elements = "box => [box.querySelectorAll('article').length, box.querySelectorAll('*').length]"
    counts = [box.evaluate(elements)]
    for part in (0.25, 0.5, 0.75):
        box.evaluate("(box, part) => { box.scrollTop = box.scrollHeight * part; }", part)
        view.locator("article[data-state=done]").first.wait_for()
        counts.append(box.evaluate(elements))
    until(lambda: box.evaluate("box => { box.scrollTop = box.scrollHeight; }") or cell(view, 2000).count())
    cell(view, 2000).get_by_text("number 2000\n").wait_for()
    counts.append(box.evaluate(elements))
    print("cells and elements in the document:", counts)
    assert max(articles for articles, _ in counts) < 60
    assert max(all_ for _, all_ in counts) < 5000
    # A link to a cell in its midst.
    open_run(run, cell=1234)
    middle = cell(view, 1234)
    middle.get_by_text("number 1234\n").wait_for()
    until(lambda: in_sight(middle))
    assert problems == []


def test_a_link_leads_to_the_cell(page, lab_server, finished, open_run):
    run = finished("slow.ipynb", {"seconds": 0.01})
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=lab_server.url)
    view = open_run(run)
    cell(view, 6).get_by_role("button", name="Cell 6").click()
    page.get_by_text("Link to the cell copied").wait_for()
    link = page.evaluate("() => navigator.clipboard.readText()")
    assert f"aiinfra-run={run}" in link and "aiinfra-cell=6" in link
    view = open_run(run, step="slow", cell=6)
    expect(cell(view, 6)).to_have_attribute("data-marked", "true")


def test_a_run_is_there_again_after_a_reload(page, finished, open_run, workspace, until):
    run = finished("plain.ipynb")
    open_run(run).get_by_role("article").first.wait_for()
    until(lambda: f"aiinfra-run:{run}" in workspace(page))
    page.reload()
    page.locator(f"#aiinfra-run-{run}").get_by_role("article").first.wait_for()


def test_the_executed_notebook_opens_as_a_copy(page, problems, finished, open_run):
    view = open_run(finished("plain.ipynb"))
    view.get_by_role("button", name="Open as a copy").click()
    page.locator(".jp-NotebookPanel").get_by_text("adaadaada").wait_for()
    assert problems == []


def test_files_of_a_step_are_downloaded(page, finished, open_run):
    view = open_run(finished("plain.ipynb"))
    for file, suffix in (("Executed notebook", ".ipynb"), ("Log", ".txt")):
        view.get_by_role("button", name="Download").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=file, exact=True).click()
        assert download.value.suggested_filename.endswith(suffix)
        assert "ada" in download.value.path().read_text()


def test_the_keyboard_leads_through_the_graph_and_the_tabs(page, problems, finished, open_run, shot, axe):
    run = finished("pipeline.py", {"count": 4})
    view = open_run(run)
    first, second = (view.get_by_role("button", name=f"Step {name}") for name in ("prepare", "judge"))
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(second).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(first).to_have_attribute("aria-pressed", "true")
    view.get_by_role("region", name="Executed notebook of prepare").wait_for()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    view.get_by_role("region", name="Executed notebook of judge").wait_for()
    shot(page, "run-graph")

    view.get_by_role("tab", name="Notebook").focus()
    page.keyboard.press("ArrowRight")
    view.get_by_role("region", name="Log of judge").wait_for()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    view.get_by_role("row", name="total int 6").wait_for()
    view.get_by_role("row", name="numbers").get_by_text("prepare.numbers").wait_for()
    shot(page, "run-data")
    assert axe(page, f"#aiinfra-run-{run}") == []
    page.keyboard.press("ArrowRight")
    view.get_by_role("heading", name="Manifest").wait_for()
    shot(page, "run-record")
    assert axe(page, f"#aiinfra-run-{run}") == []
    assert problems == []


def test_resources_are_told_as_charts_and_as_a_table(
    page, project, write_notebook, finished, open_run, shot, axe, command
):
    work = "import time\n\nend = time.time() + 5\nwhile time.time() < end:\n    sum(range(10_000))"
    write_notebook(project / "works.ipynb", work)
    run = finished("works.ipynb")
    command(page, "apputils:change-theme", {"theme": "JupyterLab Dark"})
    view = open_run(run)
    view.get_by_role("tab", name="Resources").click()
    view.get_by_role("img", name="CPU").wait_for()
    expect(view.get_by_role("img", name="Memory")).to_have_attribute("aria-label", re.compile("highest"))
    shot(page, "run-resources-dark")
    assert axe(page, f"#aiinfra-run-{run}") == []
    view.get_by_label("Show as a table").check()
    expect(view.get_by_role("cell", name="MiB").nth(1)).to_be_visible()
    view.get_by_role("tab", name="Notebook").click()
    cell(view, 1).wait_for()
    shot(page, "run-dark")
    assert axe(page, f"#aiinfra-run-{run}") == []
