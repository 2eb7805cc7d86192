"""A Jupyter server with the extension, in a project with git, DVC and runs: `api` asks it, as the browser does."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403  its fixtures and hooks, for this folder only
from tornado.httpclient import HTTPClientError

import aiinfra
from tests import projects
from tests.projects import session_jupyter, wait_until  # noqa: F401  fixtures
from tests.waiting import PATIENCE


class Project(projects.Project):
    left = (*projects.Project.left, ".git/")

    def content(self, *cells, parameters=None, kernel="python3", **metadata):
        "A notebook as JSON: a cell that imports aiinfra, one tagged `parameters` if they are given, and the `cells`."
        first = (f"from aiinfra import {', '.join(aiinfra.__all__)}", [])
        tagged = [(parameters, ["parameters"])] if parameters else []
        return projects.notebook([first, *tagged, *((cell, []) for cell in cells)], kernel, **metadata)

    def notebook(self, name, *cells, **more):
        "Write `content`. Its cells: 1 imports aiinfra, 2 is the one with the parameters if there are any."
        return self.write(name, json.dumps(self.content(*cells, **more), indent=1))

    def submit(self, source, **values):
        return self.target.submit(self.plan(source, values=values)).id

    def run(self, source, **values):
        "Run it to its end."
        return self.end(self.submit(source, **values))

    def commit(self, message):
        "Commit everything; the commit's hash."
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture(scope="session")
def make_project(tmp_path_factory):
    return projects.maker(tmp_path_factory.mktemp, Project)


@pytest.fixture(scope="module")
def project(make_project):
    "The project in which the server of this module's tests is started: give it notebooks and runs in a module fixture."
    return make_project()


@pytest.fixture
def jp_root_dir(project):
    "The server's root; override it to start the server elsewhere."
    return project.root


@pytest.fixture
def jp_server_config():
    return {"ServerApp": {"jpserver_extensions": {"aiinfra.lab": True}}}


@dataclass
class Answer:
    "What the server says."

    status: int
    json: Any
    headers: Any


def strict(text):
    "The JSON `text`; NaN and infinities, which browsers don't read, are refused."

    def refuse(constant):
        raise ValueError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.fixture
def api(jp_fetch):
    """Ask the API: `await api("runs", limit=3)` or `await api.post("runs/1/cancel", {})`.

    A path below the API's prefix, with percent signs decoded; the query by name. An answer with any status is given.
    """

    async def ask(path, /, method="GET", body=None, headers=None, **query):
        try:
            answer = await jp_fetch(
                "aiinfra/api/v1",
                path,
                method=method,
                params=query,
                headers=dict(headers or {}),
                request_timeout=PATIENCE,
                connect_timeout=PATIENCE,
                **({} if body is None else {"body": body if isinstance(body, str) else json.dumps(body)}),
            )
        except HTTPClientError as error:
            if error.response is None:
                raise
            answer = error.response
        text = answer.body.decode() if answer.body else ""
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return Answer(answer.code, strict(text) if is_json else text, answer.headers)

    async def post(path, body, /, headers=None, **query):
        return await ask(path, "POST", body, {"Content-Type": "application/json", **(headers or {})}, **query)

    ask.post = post
    return ask
