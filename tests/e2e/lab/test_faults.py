"""What may go wrong around the Lab while a run goes on: the server dies, the network goes, the login expires."""

import re
import secrets

import pytest
from playwright.sync_api import expect

RESOURCES = {"cpu": None, "memory": None, "accelerator": None, "accelerator_count": None}
API = "/aiinfra/api/v1"


@pytest.fixture
def server(make_lab_server, project):
    "A server of the test's own, for it won't be the same after."
    server = make_lab_server(project)
    yield server
    server.end()


@pytest.fixture
def watched(server, open_lab, command):
    "Starts the slow notebook, opens its view and the list of runs. Gives the window, the view and the run's number."

    def start(seconds):
        # Before the run: a window may take longer to open than the notebook takes.
        window = open_lab(server)
        asked = {
            "path": "slow.ipynb",
            "arguments": {"seconds": seconds},
            "resources": RESOURCES,
            "versions": {},
        }
        status, row = server.request("POST", f"{API}/runs", asked)
        assert status == 200, row
        command(window.page, "aiinfra:show-runs")
        command(window.page, "aiinfra:open-run", {"id": row["id"]})
        return window.page, window.page.locator(f"#aiinfra-run-{row['id']}"), row["id"]

    return start


def end_of(view, state):
    view.locator(f".jp-aiinfra-run-facts [data-state={state}]").wait_for()


def expect_all_printed(view):
    "Each cell of the slow notebook has printed its line, once. The run's state may be told before its last outputs are."
    lines = view.locator("article .jp-OutputArea-output pre").filter(has_text=re.compile(r"^cell "))
    expect(lines).to_have_text([f"cell {number}" for number in range(1, 7)])


def test_a_killed_server_takes_no_run_with_it_and_the_view_goes_on_where_it_was(server, watched):
    page, view, run = watched(4.0)
    view.locator("article[data-state=running]").wait_for()
    server.kill()
    view.get_by_text("Offline").wait_for()
    page.locator("#aiinfra-runs").get_by_text("Offline").wait_for()
    page.wait_for_timeout(3000)  # the run goes on, and nobody hears of it
    server.start()
    end_of(view, "SUCCEEDED")
    expect(view.get_by_text("Offline")).to_have_count(0)
    expect_all_printed(view)
    assert server.request("GET", f"{API}/runs/{run}")[1]["state"] == "SUCCEEDED"


def test_twenty_seconds_without_a_network_and_nothing_is_missed(server, watched):
    page, view, _ = watched(3.0)
    view.locator("article[data-state=running]").wait_for()
    page.context.set_offline(True)
    view.get_by_text("Offline").wait_for()
    page.wait_for_timeout(20_000)
    page.context.set_offline(False)
    end_of(view, "SUCCEEDED")
    expect_all_printed(view)
    expect(page.locator("#aiinfra-runs").get_by_text("Offline")).to_have_count(0)


def test_an_expired_login_says_so_and_where_to_log_in(server, watched):
    page, view, _ = watched(1.0)
    end_of(view, "SUCCEEDED")
    server.stop()
    server.token = secrets.token_hex(16)
    for secret in server.home.rglob("jupyter_cookie_secret"):
        secret.unlink()
    server.start()
    link = page.locator("#aiinfra-runs").get_by_role("link", name="Log in again")
    link.wait_for()
    assert "/login" in link.get_attribute("href")
    # What was shown stays to be read.
    view.get_by_role("heading", name="slow").first.wait_for()
