"""Files of steps: which ones are served, and in what way."""

import json

import pytest
from tornado.httpclient import HTTPClientError


@pytest.fixture(scope="module")
def project(make_project):
    return make_project()


@pytest.fixture(scope="module")
def run(project, tmp_path_factory):
    "A step with a record made by hand."
    run = project.runs.create("train", "train.ipynb", steps=["train", "pending"])
    folder = project.folder(run.id, "train")
    (folder / "outputs").mkdir(parents=True)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "secret.html").write_text("secret")
    files = {
        "executed.html": "<h1>done</h1><script>alert(1)</script>",
        "executed.ipynb": "{}",
        "log.txt": "0123456789 é",
        "executor_output.json": "{}",
        "outputs/report.html": "<script>document.title = 'drawn'</script>",
        "outputs/manifest.json": '{"mine": true}',
        "outputs/drawing.svg": "<svg><script>alert(1)</script></svg>",
        "outputs/model.pt2": "PK" * 400_000,
        "outputs/unnamed.html": "no output of that name",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "outputs/linked.html").symlink_to(elsewhere / "secret.html")
    (folder / "stderr.txt").symlink_to(elsewhere / "secret.html")
    names = ("report.html", "manifest.json", "drawing.svg", "model.pt2", "linked.html")
    uris = {name.partition(".")[0]: folder / "outputs" / name for name in names}
    uris |= {
        "away": elsewhere / "secret.html",
        "up": folder / "../../../../../settings.ini",
        "s3": "s3://bucket/x.html",
    }
    outputs = [{"name": n, "artifact": "HTML", "uri": str(uri)} for n, uri in uris.items()]
    manifest = {
        "run": run.id,
        "task": "train",
        "state": "SUCCEEDED",
        "started": 1.0,
        "bundle": "",
        "outputs": outputs,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    project.runs.update_run(run.id, state="SUCCEEDED")
    return run.id


@pytest.fixture
def get(jp_fetch, run):
    async def ask(
        name, step="train", number=None, method="GET", headers=None, allow_nonstandard_methods=False, **query
    ):
        try:
            return await jp_fetch(
                f"aiinfra/files/{number or run}/{step}/{name}",
                method=method,
                params=query,
                headers=dict(headers or {}),
                allow_nonstandard_methods=allow_nonstandard_methods,
            )
        except HTTPClientError as error:
            return error.response

    return ask


def directives(answer):
    parts = (part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    return {part[0]: (part[1] if len(part) > 1 else "") for part in parts}


# -- how ----------------------------------------------------------------------------------------------------------------


async def test_a_report_runs_its_scripts_in_an_origin_of_its_own_and_talks_to_nobody(get):
    answer = await get("report.html")
    assert answer.body.decode() == "<script>document.title = 'drawn'</script>"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = directives(answer)
    assert policy["sandbox"].split() == ["allow-scripts", "allow-popups"]  # never allow-same-origin
    assert (policy["default-src"], policy["connect-src"], policy["frame-ancestors"]) == (
        "'none'",
        "'none'",
        "'self'",
    )
    assert "'unsafe-inline'" in policy["script-src"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Disposition" not in answer.headers


async def test_the_executed_notebook_runs_no_script_at_all(get):
    policy = directives(await get("executed.html"))
    assert "allow-scripts" not in policy["sandbox"]
    assert "script-src" not in policy
    assert policy["default-src"] == "'none'"


@pytest.mark.parametrize("name", ["log.txt", "manifest.json", "output-manifest.json"])
async def test_text_is_shown_as_text(get, name):
    answer = await get(name)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Content-Disposition" not in answer.headers
    assert directives(answer)["sandbox"] == ""


@pytest.mark.parametrize("name", ["drawing.svg", "model.pt2", "executed.ipynb"])
async def test_everything_else_is_only_for_download(get, name):
    answer = await get(name)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert name in answer.headers["Content-Disposition"]


async def test_anything_can_be_downloaded(get):
    answer = await get("report.html", download="1")
    assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_an_output_called_like_a_part_of_the_record_hides_nothing(get):
    assert json.loads((await get("manifest.json")).body)["task"] == "train"
    assert json.loads((await get("output-manifest.json")).body) == {"mine": True}


async def test_a_part_of_a_file_can_be_asked_for(get):
    answer = await get("log.txt", headers={"Range": "bytes=2-4"})
    assert (answer.code, answer.body) == (206, b"234")
    assert len((await get("model.pt2")).body) == 800_000


async def test_a_file_is_not_sent_again_until_it_was_written_again(get, project, run):
    tag = (await get("log.txt")).headers["ETag"]
    assert (await get("log.txt", headers={"If-None-Match": tag})).code == 304
    with (project.folder(run, "train") / "log.txt").open("a") as file:
        file.write("!")
    again = await get("log.txt", headers={"If-None-Match": tag})
    assert (again.code, again.body[-1:]) == (200, b"!")


async def test_head_tells_without_sending(get):
    answer = await get("model.pt2", method="HEAD")
    assert (answer.code, answer.headers["Content-Length"], answer.body) == (200, "800000", b"")


# -- which --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "executor_output.json",
        "unnamed.html",
        "linked.html",
        "stderr.txt",
        "secret.html",
        "settings.ini",
        "x.html",
        "outputs/report.html",
    ],
)
async def test_nothing_else_is_served(get, name):
    answer = await get(name)
    assert answer.code == 404
    assert b"secret" not in answer.body.replace(name.encode(), b"")


@pytest.mark.parametrize(
    "path",
    [
        "train/outputs%2Freport.html",
        "train/..%2Ftrain%2Fmanifest.json",
        "train/%2E%2E%2F%2E%2E%2Fplan.json",
        "train/%2Fetc%2Fpasswd",
        "train/manifest.json%00",
        "..%2F1%2Fsteps%2Ftrain/manifest.json",
        "train/../../../../settings.ini",
        "train/%2E%2E/%2E%2E/%2E%2E/settings.ini",
    ],
)
async def test_no_path_leads_out_of_the_record(http_server_client, jp_serverapp, jp_auth_header, run, path):
    with pytest.raises(HTTPClientError) as caught:
        raw = f"{jp_serverapp.base_url}aiinfra/files/{run}/{path}"
        await http_server_client.fetch(raw, headers=jp_auth_header)
    assert caught.value.code == 404


@pytest.mark.parametrize(
    ("step", "number"),
    [("trian", None), ("pending", None), ("..", None), ("train", "999"), ("train", "latest")],
    ids=str,
)
async def test_no_such_step(get, step, number):
    assert (await get("manifest.json", step=step, number=number)).code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_files_can_only_be_read(get, method):
    assert (await get("log.txt", method=method, allow_nonstandard_methods=True)).code in (403, 405)


async def test_a_damaged_record_is_said_to_be_damaged(get, project):
    run = project.runs.create("broken", "x.ipynb", steps=["x"])
    folder = project.folder(run.id, "x")
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{")
    assert (await get("manifest.json", step="x", number=run.id)).code == 422


async def test_nobody_who_is_not_logged_in_gets_a_file(jp_serverapp, http_server_client, run):
    path = f"{jp_serverapp.base_url}aiinfra/files/{run}/train/report.html"
    for method in ("GET", "HEAD"):
        with pytest.raises(HTTPClientError) as caught:
            await http_server_client.fetch(path, method=method, follow_redirects=False)
        assert caught.value.code in (302, 403)


async def test_nobody_who_may_not_read_runs_gets_a_file(get, jp_serverapp):
    class Nobody:
        def is_authorized(self, handler, user, action, resource):
            return resource != "aiinfra"

    jp_serverapp.web_app.settings["authorizer"] = Nobody()
    assert (await get("report.html")).code == 403
