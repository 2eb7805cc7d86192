"""MLflow under the Lab's own address: for whom, how it starts and ends, and what an artifact can't do."""

import json
import os
import signal
import subprocess
import sys
import textwrap

import psutil
import pytest
from jupyter_server.auth import Authorizer, User
from tornado.httpclient import HTTPClientError

from aiinfra.step.tracking import experiment_id, open_run


@pytest.fixture(scope="module")
def recorded(project):
    "An MLflow run with an artifact that runs a script, as an untrusted notebook may log it."
    from mlflow.tracking import MlflowClient

    uri = project.settings.tracking_uri
    run = open_run(uri, experiment_id(uri, "flights"), "train")
    page = project.write("out/evil.html", "<script>fetch('/api/contents?' + document.cookie)</script>")
    MlflowClient(tracking_uri=uri).log_artifact(run, str(page))
    return run


@pytest.fixture
def jp_base_url():
    "As JupyterHub serves it."
    return "/user/ada/"


@pytest.fixture
def ask(jp_fetch):
    "Ask MLflow through the Lab; an answer with any status."

    async def fetch(*path, **options):
        try:
            return await jp_fetch(
                "aiinfra-mlflow",
                *path,
                follow_redirects=False,
                request_timeout=120,
                connect_timeout=120,
                **options,
            )
        except HTTPClientError as error:
            if error.response is None:
                raise
            return error.response

    return fetch


@pytest.fixture
def server(jp_serverapp):
    "The server's own, to look at and to end."
    from aiinfra.lab.proxy import MlflowHandler

    rules = [rule for group in jp_serverapp.web_app.default_router.rules for rule in group.target.rules]
    (rule,) = [rule for rule in rules if rule.target is MlflowHandler]
    server = rule.target_kwargs["connection"].server
    yield server
    server.stop()


def programs(project):
    "MLflow's processes for this project."
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("MLFLOW_BACKEND_STORE_URI") == project.settings.tracking_uri:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return [p for p in found if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


async def test_it_starts_when_it_is_first_looked_at_and_ends_with_the_lab(
    ask, server, project, recorded, wait_until, jp_base_url, jp_auth_header
):
    assert programs(project) == []
    first = await ask("/")
    assert first.code == 202
    assert b"MLflow is starting" in first.body

    found = await ask(
        "ajax-api/2.0/mlflow/runs/get", params={"run_id": recorded}
    )  # waits until it has started
    assert found.code == 200
    assert json.loads(found.body)["run"]["info"]["run_name"] == "train"

    page = await ask("/")
    assert page.code == 200
    assert b"<title>MLflow</title>" in page.body
    assert "sandbox" not in page.headers["Content-Security-Policy"]
    script = page.body.decode().partition('src="static-files/')[2].partition('"')[0]
    program = await ask("static-files", *script.split("/"))
    assert program.code == 200
    assert "sandbox" not in program.headers["Content-Security-Policy"]

    evil = await ask("get-artifact", params={"run_id": recorded, "path": "evil.html"})
    assert b"document.cookie" in evil.body
    directives = [d.strip() for d in evil.headers["Content-Security-Policy"].split(";")]
    assert "sandbox" in directives  # no scripts, and an origin of its own
    assert "default-src 'none'" in directives
    assert evil.headers["X-Content-Type-Options"] == "nosniff"

    # what changes something
    new = {"method": "POST", "body": json.dumps({"name": "more"})}
    json_type = {"Content-Type": "application/json"}
    made = await ask("ajax-api/2.0/mlflow/experiments/create", headers={**jp_auth_header, **json_type}, **new)
    assert made.code == 200

    assert len(programs(project)) >= 2
    server.stop()
    wait_until(lambda: programs(project) == [])


async def test_without_a_token_nobody_sees_it_and_nothing_starts(ask, project):
    for method, body in (("GET", None), ("POST", "{}")):
        refused = await ask("/", method=method, body=body, headers={"Authorization": "token wrong"})
        assert refused.code == 403
    assert programs(project) == []


async def test_an_authorizer_that_denies_is_obeyed(ask, jp_serverapp, project):
    class Nobody(Authorizer):
        def is_authorized(self, handler, user, action, resource):
            return resource != "aiinfra"

    jp_serverapp.web_app.settings["authorizer"] = Nobody(parent=jp_serverapp)
    assert (await ask("/")).code == 403
    assert programs(project) == []


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example.org"], ids=["none", "null", "other"])
async def test_another_site_cannot_change_anything_with_the_cookie(ask, jp_serverapp, project, origin):
    jp_serverapp.identity_provider.get_user = lambda handler: User(
        "ada"
    )  # by a cookie, so to say, not by the token
    headers = {"Content-Type": "text/plain", **({"Origin": origin} if origin else {})}
    create = ask(
        "ajax-api/2.0/mlflow/experiments/create", method="POST", headers=headers, body='{"name": "x"}'
    )
    assert (await create).code == 403
    assert programs(project) == []


async def test_when_it_cannot_start_the_page_says_why_and_then_it_is_tried_again(
    ask, server, project, monkeypatch, wait_until
):
    monkeypatch.setenv("AIINFRA_TRACKING_URI", "nonsense://nowhere")
    refused = await ask("ajax-api/2.0/mlflow/runs/get", params={"run_id": "x"})  # waits for it
    assert refused.code == 503
    page = await ask("/")
    assert page.code == 503
    assert b"MLflow could not be started" in page.body
    assert b"nonsense" in page.body
    monkeypatch.undo()
    assert (await ask("/")).code == 202


async def test_mlflow_elsewhere_is_where_the_browser_goes(ask, monkeypatch, project):
    monkeypatch.setenv("AIINFRA_TRACKING_URI", "https://ada:secret@mlflow.example.org/base")
    there = await ask("/")
    assert there.code == 302
    assert there.headers["Location"] == "https://mlflow.example.org/base/"
    assert programs(project) == []


async def test_the_address_without_its_slash_leads_to_the_page(ask, jp_base_url):
    there = await ask()
    assert there.code == 302
    assert there.headers["Location"] == f"{jp_base_url}aiinfra-mlflow/"


def test_mlflow_ends_when_the_lab_is_killed(tmp_path, wait_until):
    code = """
        import subprocess, sys, time
        argv = [sys.executable, "-m", "aiinfra.lab.keeper", "bash", "-c", "sleep 60 & sleep 60"]
        keeper = subprocess.Popen(argv, stdin=subprocess.PIPE, start_new_session=True)
        print(keeper.pid, flush=True)
        time.sleep(60)
    """
    lab = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    keeper = psutil.Process(int(lab.stdout.readline()))
    kept = wait_until(lambda: len(found := keeper.children(recursive=True)) == 3 and found)
    os.kill(lab.pid, signal.SIGKILL)
    lab.wait()
    lab.stdout.close()
    gone, alive = psutil.wait_procs([keeper, *kept], timeout=60)
    assert alive == []
    assert len(gone) == 4
