"""`pip install` and `jupyter lab` are all: both halves of the extension are there."""

PLUGINS = "() => window.jupyterapp.listPlugins().filter(id => id.startsWith('jupyterlab-aiinfra:'))"
ACTIVE = "ids => ids.filter(id => window.jupyterapp.isPluginActivated(id))"


def test_jupyterlab_starts_with_the_extension_and_without_an_error(page, problems):
    found = page.evaluate(PLUGINS)
    assert "jupyterlab-aiinfra:core" in found
    assert page.evaluate(ACTIVE, found) == found
    assert problems == []


def test_the_server_has_loaded_its_half(lab_server):
    assert "aiinfra.lab | extension was successfully loaded" in lab_server.log
    status, problem = lab_server.request("GET", "/aiinfra/api/v1/nothing")
    assert (status, set(problem) >= {"message", "remedy"}) == (404, True), problem


def test_nobody_gets_in_without_the_token(browser, lab_server):
    page = browser.new_page()
    page.goto(f"{lab_server.url}/lab")
    assert "/login" in page.url
    page.close()


def test_a_notebook_opens_without_an_error(page, problems, open_notebook):
    panel = open_notebook(page, "train.ipynb")
    panel.get_by_role("heading", name="Train").wait_for()
    assert problems == []


def test_a_restarted_server_is_found_again(page, lab_server, command):
    lab_server.restart()
    page.reload()
    page.wait_for_function("() => window.jupyterapp")
    page.evaluate("() => window.jupyterapp.restored")
    command(page, "docmanager:open", {"path": "slow.ipynb"})
    page.get_by_role("heading", name="Slow").wait_for()


def test_what_a_server_started_ends_with_it(make_lab_server, project, open_lab, open_notebook, until):
    server = make_lab_server(project)
    open_notebook(open_lab(server).page, "train.ipynb")
    until(lambda: len(server.processes()) > 1)
    server.end()
    assert server.processes() == []


def test_axe_finds_a_button_without_a_name(page, axe):
    assert axe(page, "#jp-top-panel") == []
    page.evaluate("() => document.querySelector('#jp-top-panel').append(document.createElement('button'))")
    assert [found["rule"] for found in axe(page, "#jp-top-panel")] == ["button-name"]
