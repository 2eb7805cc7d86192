"""Who has set JupyterLab to German reads German, and nothing is cut off by longer words."""

import re

import pytest
from playwright.sync_api import expect

LANGUAGE = {"@jupyterlab/translation-extension:plugin": {"locale": "de_DE"}}
# Elements whose text is wider than they are: what isn't meant to be cut off (`text-overflow`) or to scroll.
CUT_OFF = """element => [...element.querySelectorAll('*')].filter(node => {
    const style = getComputedStyle(node);
    const own = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
    const meant = style.textOverflow === 'ellipsis' || /auto|scroll/.test(style.overflowX);
    const seen = node.clientWidth > 1 && style.display !== 'inline';
    return own && seen && !meant && node.scrollWidth > node.clientWidth + 1;
}).map(node => node.outerHTML)"""
# How much wider what a box says, while nothing is typed or chosen in it, is than the room for it.
UNTOLD = """element => [...element.querySelectorAll('input[placeholder], select')].filter(box => {
    const style = getComputedStyle(box);
    const pen = document.createElement('canvas').getContext('2d');
    pen.font = style.font;
    const text = box.placeholder ?? box.selectedOptions[0].text;
    const cross = box.type === 'search' ? 16 : 0;  // Chromium keeps room for what empties it.
    const room = box.clientWidth - cross - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return pen.measureText(text).width > room;
}).map(box => box.outerHTML)"""
BEYOND = "element => element.scrollWidth - element.clientWidth"


@pytest.fixture(scope="module")
def lab_server(make_lab_server, project):
    return make_lab_server(project, settings=LANGUAGE)


def assert_fits(panel):
    "Nothing in a panel is cut off, or reaches beyond its edge."
    assert panel.evaluate(CUT_OFF) == []
    assert panel.evaluate(UNTOLD) == []
    assert panel.evaluate(BEYOND) <= 0


def test_a_run_is_started_and_read_in_german(page, problems, open_notebook, command, shot):
    notebook = open_notebook(page, "train.ipynb")
    notebook.get_by_role("button", name="Starten", exact=True).click()
    panel = page.locator("#aiinfra-submit")
    expect(panel.get_by_role("heading", name="train.ipynb starten")).to_be_visible()
    for part in ("Parameter", "Daten", "Wo", "Prüfungen"):
        expect(panel.get_by_role("group", name=part, exact=True)).to_be_visible()
    expect(panel.get_by_label("Ziel", exact=True)).to_have_value("local")
    submit = panel.get_by_role("button", name="Starten", exact=True)
    expect(submit).to_be_enabled()
    expect(panel.locator("[aria-busy=true]")).to_have_count(0)
    shot(page, "lab-german-submit")
    assert_fits(panel)

    submit.click()
    expect(panel.locator(".jp-aiinfra-submitted")).to_contain_text("Erfolgreich")
    command(page, "aiinfra:show-runs")
    runs = page.get_by_role("region", name="Läufe", exact=True)
    expect(runs.get_by_text("1 Lauf", exact=True)).to_be_visible()
    expect(runs.get_by_role("option", name=re.compile("^Erfolgreich 1 train"))).to_be_visible()
    expect(runs.get_by_role("search", name="Die Läufe filtern")).to_be_visible()
    shot(page, "lab-german-runs")
    assert_fits(runs)

    panel.get_by_role("button", name=re.compile("Lauf 1 öffnen")).click()
    view = page.locator("[id^='aiinfra-run-']").filter(has=page.get_by_role("heading", name="Lauf 1 train"))
    for tab in ("Notebook", "Protokoll", "Ressourcen", "Ein- und Ausgaben", "Beleg"):
        expect(view.get_by_role("tab", name=tab, exact=True)).to_be_visible()
    expect(view.locator(".jp-aiinfra-run-facts")).to_contain_text("Erfolgreich")
    view.get_by_role("tab", name="Ein- und Ausgaben").click()
    expect(view.get_by_role("columnheader", name="Wert oder Größe")).to_be_visible()
    shot(page, "lab-german-run")
    assert_fits(view)
    assert problems == []
