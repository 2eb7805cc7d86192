"""The same extension in Notebook 7."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def notebook7(make_lab_server, project, browser):
    "Opens a notebook in Notebook 7 and gives the page."
    server = make_lab_server(project, program="notebook")
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(60_000)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.url}/notebooks/train.ipynb?token={server.token}")
    page.wait_for_function("() => window.jupyterapp")
    yield page, errors
    page.close()


def test_a_notebook_is_submitted_and_its_run_is_opened(notebook7, shot):
    page, errors = notebook7
    page.get_by_role("button", name="Submit", exact=True).click()
    panel = page.locator("#aiinfra-submit")
    expect(panel.get_by_label("month", exact=True)).to_have_value("1", timeout=60_000)
    panel.get_by_role("button", name="Submit", exact=True).click()
    newest = panel.locator(".jp-aiinfra-submitted > li").first
    expect(newest).to_contain_text(re.compile(r"Run \d+"), timeout=60_000)
    expect(newest).to_contain_text("Succeeded", timeout=120_000)
    shot(page, "notebook7")
    # Notebook 7 itself fails to read a setting that only JupyterLab has.
    assert [error for error in errors if "reading 'schema'" not in error] == []
