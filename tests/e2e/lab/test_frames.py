"""What runs wrote, opened in the Lab: pages in a sandbox, tables of any length; and MLflow."""

import pytest
from playwright.sync_api import expect

API = "/aiinfra/api/v1"
RESOURCES = {"cpu": None, "memory": None, "accelerator": None, "accelerator_count": None}
ROWS = 2345
# Everything that a page could do to the Lab if it were not shut off; it writes what came of it.
HOSTILE = """
<!DOCTYPE html><html lang="en"><head><title>A report</title></head><body><h1>A report</h1><ul></ul><script>
const tell = text => { document.querySelector("ul").innerHTML += `<li>${text}</li>`; };
const attempt = async (name, act) => {
  try { const got = await act(); tell(`${name}: got ${got}`); } catch (error) { tell(`${name}: blocked`); }
};
(async () => {
  await attempt("parent", () => { parent.document.title = "taken"; parent.taken = true; return "it"; });
  await attempt("app", () => parent.jupyterapp.version);
  await attempt("storage", () => { localStorage.setItem("taken", "1"); return "it"; });
  await attempt("cookies", () => document.cookie);
  await attempt("api", () => fetch("/api/contents").then(answer => answer.status));
  await attempt("image", () => new Promise((yes, no) => {
    const image = new Image(); image.onload = yes; image.onerror = no; image.src = "/logo";
  }));
  if (top !== self) await attempt("top", () => { top.location = "/taken"; return "it"; });
  tell(`origin: ${self.origin}`);
  tell("done");
})();
</script></body></html>
"""


@pytest.fixture(scope="module")
def written(lab_server, project, write_notebook, until):
    "A run whose step wrote a page that means harm, and a table."
    table = f"""
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows = range({ROWS})
        columns = {{"number": list(rows), "origin": ["JFK" if n % 2 else None for n in rows], "share": [n / 3 for n in rows]}}
        pq.write_table(pa.table(columns), flights)
    """
    write_notebook(
        project / "write.ipynb",
        f"_ = open(report, 'w').write({HOSTILE!r})",
        table,
        "score = 0.5",
        parameters="from aiinfra import HTML, Dataset, Output\n\n"
        "report: Output[HTML] = 'report.html'\nflights: Output[Dataset] = 'flights.parquet'\nscore: Output[float]",
    )
    asked = {"path": "write.ipynb", "arguments": {}, "resources": RESOURCES, "versions": {}}
    status, row = lab_server.request("POST", f"{API}/runs", asked)
    assert status < 300, row

    def ended():
        found = lab_server.request("GET", f"{API}/runs/{row['id']}")[1]
        return found if found["state"] in ("SUCCEEDED", "FAILED", "CANCELED") else None

    found = until(ended)
    assert found["state"] == "SUCCEEDED", found
    return found


@pytest.fixture
def open_page(page, command, written):
    def open_(**more):
        place = {"id": written["id"], "step": written["graph"][0]["name"], "file": "report.html", **more}
        command(page, "aiinfra:open-page", place)
        return page.locator(".jp-aiinfra-frame:visible")

    return open_


@pytest.fixture
def open_table(page, command, written):
    def open_(**more):
        place = {"id": written["id"], "step": written["graph"][0]["name"], "output": "flights", **more}
        command(page, "aiinfra:open-table", place)
        return page.locator(".jp-aiinfra-table:visible")

    return open_


@pytest.fixture
def theme(request, page, command):
    command(page, "apputils:change-theme", {"theme": request.param})
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=request.param)
    return request.param.split()[-1].lower()


THEMES = pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"], indirect=True)


def test_a_page_of_a_run_reaches_nothing_of_the_lab(page, open_page):
    view = open_page(title="A report")
    frame = view.frame_locator("iframe")
    frame.get_by_text("done", exact=True).wait_for()
    told = dict(
        line.split(": ", 1) for line in frame.get_by_role("listitem").all_inner_texts() if ": " in line
    )
    assert told == {
        **dict.fromkeys(("parent", "app", "storage", "cookies", "api", "image", "top"), "blocked"),
        "origin": "null",
    }
    assert page.evaluate("() => [window.taken, localStorage.getItem('taken')]") == [None, None]
    assert "taken" not in page.title() + page.url
    iframe = view.locator("iframe")
    expect(iframe).to_have_attribute("sandbox", "allow-scripts")
    expect(iframe).to_have_attribute("referrerpolicy", "no-referrer")
    expect(iframe).to_have_attribute("title", "A report")


def test_a_page_reaches_nothing_in_a_tab_of_its_own_either(page, open_page):
    view = open_page()
    with page.expect_popup() as opened:
        view.get_by_role("link", name="Open in a new tab").click()
    tab = opened.value
    tab.get_by_text("done", exact=True).wait_for()
    told = tab.get_by_role("listitem").all_inner_texts()
    assert {"storage: blocked", "cookies: blocked", "api: blocked", "origin: null"} <= {*told}


def test_a_page_is_saved_as_a_file(page, open_page, tmp_path):
    view = open_page()
    with page.expect_download() as saved:
        view.get_by_role("link", name="Download").click()
    saved.value.save_as(tmp_path / "page.html")
    assert saved.value.suggested_filename == "report.html"
    assert (tmp_path / "page.html").read_text() == HOSTILE


def test_a_page_that_is_not_there_is_said_so(open_page, written):
    view = open_page(file="no.html")
    said = view.get_by_role("alert")
    expect(said).to_contain_text("no.html")
    expect(said).to_contain_text(written["id"])
    expect(view.locator("iframe")).to_have_count(0)


def test_pages_and_tables_come_back_after_a_reload(page, open_page, open_table, workspace, until):
    open_page(title="A report").frame_locator("iframe").get_by_text("done", exact=True).wait_for()
    open_table(title="Some flights").get_by_role("rowheader", name="1", exact=True).wait_for()

    def stored():
        return {name.split(":")[0] for name in workspace(page)} >= {"aiinfra-page", "aiinfra-table"}

    until(stored)
    page.reload()
    page.wait_for_function("() => window.jupyterapp")
    page.locator(".jp-aiinfra-table").get_by_role("heading", name="Some flights").wait_for()
    page.get_by_role("tab", name="A report").click()
    page.frame_locator("iframe[title='A report']").get_by_text("done", exact=True).wait_for()


def test_a_table_shows_its_columns_and_scrolls_to_its_last_row(page, problems, open_table):
    view = open_table(title="Flights")
    view.get_by_text("2,345 rows · 3 columns").wait_for()
    expect(view.get_by_role("columnheader")).to_have_count(4)
    heads = view.get_by_role("columnheader").all_inner_texts()
    assert [head.split("\n")[0] for head in heads[1:]] == ["number", "origin", "share"]
    assert all(kind in head for kind, head in zip(("int64", "string", "double"), heads[1:], strict=True))
    first = view.get_by_role("row").nth(1)
    expect(first.get_by_role("cell")).to_have_text(["0", "null", "0"])
    expect(view.get_by_role("table")).to_have_attribute("aria-rowcount", str(ROWS + 1))
    expect(view.get_by_role("rowheader", name=str(ROWS), exact=True)).to_have_count(0)

    view.get_by_role("region", name="Rows of Flights").focus()
    page.keyboard.press("End")
    last = view.locator(f"tr[aria-rowindex='{ROWS + 1}']")
    last.get_by_text(str(ROWS - 1), exact=True).wait_for()
    expect(last.get_by_role("cell").first).to_have_text(str(ROWS - 1))
    # As the whole is windowed, few of the rows are there at once.
    assert view.locator("tbody tr").count() < 100

    view.get_by_label("Go to row").fill("1000")
    page.keyboard.press("Enter")
    middle = view.locator("tr[aria-rowindex='1001']")
    middle.get_by_text("999", exact=True).wait_for()
    expect(middle.get_by_role("cell").nth(1)).to_have_text("JFK")
    assert problems == []


def test_what_is_no_table_is_said_so(open_table):
    view = open_table(output="report")
    expect(view.get_by_role("alert")).to_contain_text("report")
    expect(view.get_by_role("table")).to_have_count(0)


@THEMES
def test_pages_and_tables_can_be_read_by_everyone(page, open_page, open_table, axe, shot, theme):
    open_page(title="A report").frame_locator("iframe").get_by_text("done", exact=True).wait_for()
    assert axe(page, ".jp-aiinfra-frame .jp-aiinfra-view-head") == []
    shot(page, f"page-{theme}")
    open_table(title="Flights").get_by_role("rowheader", name="1", exact=True).wait_for()
    assert axe(page, ".jp-aiinfra-table") == []
    shot(page, f"table-{theme}")


def test_mlflow_opens_at_a_run(page, command, written, axe, shot):
    command(
        page, "aiinfra:open-mlflow", {"fragment": written["graph"][0]["mlflow"], "title": "MLflow: write"}
    )
    view = page.locator(".jp-aiinfra-frame:visible")
    view.get_by_text("MLflow is starting").wait_for()
    assert axe(page, ".jp-aiinfra-frame:not(.lm-mod-hidden)") == []
    frame = view.frame_locator("iframe[title='MLflow: write']")
    frame.get_by_text("score").first.wait_for(timeout=120_000)  # it starts first
    shot(page, "mlflow")
