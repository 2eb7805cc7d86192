"""The whole API: whoever may not ask gets nothing, and whatever is asked, the answer is one that was announced."""

import asyncio
import json
from http import HTTPStatus

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jupyter_server.auth import Authorizer, User
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tornado.httpclient import HTTPClientError

from aiinfra.lab.api import ENDPOINTS
from aiinfra.lab.endpoints import PREFIX
from aiinfra.lab.openapi import document

IDS = [f"{e.method} {e.path}" for e in ENDPOINTS]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OTHER_ROUTES = ["/aiinfra/files/1/train/manifest.json", "/aiinfra-mlflow/", "/aiinfra-mlflow/get-artifact"]
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def project(make_project):
    "A project with a run, so that there is something to be found."
    project = make_project()
    project.notebook("train.ipynb", "auc = rate", parameters="rate: float = 0.5\nauc: Output[float]")
    project.run("train.ipynb")
    return project


def place(endpoint):
    "The endpoint's path, for the run that is there."
    return PREFIX + endpoint.path.replace("{run}", "1").replace("{step}", "train")


@pytest.fixture
def fetch(jp_fetch):
    "An answer with any status."

    async def ask(path, method="GET", body=None, **options):
        if method != "GET" and body is None:
            body = "" if method == "DELETE" else "{}"
        options.setdefault("headers", {}).update({} if method == "GET" else JSON)
        options = {
            "request_timeout": 120,
            "follow_redirects": False,
            "allow_nonstandard_methods": True,
            **options,
        }
        try:
            return await jp_fetch(path, method=method, body=body, **options)
        except HTTPClientError as error:
            if error.response is None:
                raise
            return error.response

    return ask


@pytest.fixture
def by_cookie(jp_serverapp):
    "Whoever asks is logged in, but not by a token."
    jp_serverapp.identity_provider.get_user = lambda handler: User("ada")


async def statuses(fetch, asked, **options):
    "What was answered, by what was asked: pairs of method and path."
    return {(method, path): (await fetch(path, method, **options)).code for method, path in asked}


EVERYTHING = [(e.method, place(e)) for e in ENDPOINTS]


async def test_without_a_token_there_is_no_answer(fetch):
    for header in ({"Authorization": "token wrong"}, {"Authorization": ""}):
        found = await statuses(fetch, EVERYTHING, headers=header)
        assert {asked: code for asked, code in found.items() if code != HTTPStatus.FORBIDDEN} == {}


@pytest.mark.parametrize("path", OTHER_ROUTES)
async def test_without_a_token_there_is_no_file_and_no_mlflow(fetch, path):
    refused = await fetch(path, headers={"Authorization": "token wrong"})
    to_login = refused.code == HTTPStatus.FOUND and "/login?" in refused.headers["Location"]
    assert refused.code == HTTPStatus.FORBIDDEN or to_login
    assert b"train" not in (refused.body or b"")


async def test_an_authorizer_that_denies_is_obeyed_everywhere(fetch, jp_serverapp):
    asked = []

    class Nobody(Authorizer):
        def is_authorized(self, handler, user, action, resource):
            asked.append((action, resource))
            return False

    jp_serverapp.web_app.settings["authorizer"] = Nobody(parent=jp_serverapp)
    found = await statuses(fetch, [*EVERYTHING, *(("GET", path) for path in OTHER_ROUTES)])
    assert {asked: code for asked, code in found.items() if code != HTTPStatus.FORBIDDEN} == {}
    assert set(asked) == {("read", "aiinfra"), ("write", "aiinfra")}


async def test_whoever_may_only_read_may_only_read(fetch, jp_serverapp):
    class Readers(Authorizer):
        def is_authorized(self, handler, user, action, resource):
            return action == "read"

    jp_serverapp.web_app.settings["authorizer"] = Readers(parent=jp_serverapp)
    found = await statuses(fetch, EVERYTHING)
    refused = {asked for asked, code in found.items() if code == HTTPStatus.FORBIDDEN}
    assert refused == {(method, path) for method, path in EVERYTHING if method == "POST"}


async def test_another_site_cannot_make_the_browser_do_something(fetch, by_cookie):
    posts = [(method, path) for method, path in EVERYTHING if method == "POST"]
    for origin in ({}, {"Origin": "https://evil.example.org"}):
        found = await statuses(fetch, posts, headers=dict(origin))
        # Jupyter Server says 404 to a foreign origin, and 403 to a missing XSRF token.
        assert set(found.values()) <= {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
    assert set((await statuses(fetch, posts, headers={})).values()) == {HTTPStatus.FORBIDDEN}


async def test_another_site_cannot_read(fetch, by_cookie):
    gets = [(method, path) for method, path in EVERYTHING if method == "GET"]
    found = await statuses(fetch, gets, headers={"Origin": "https://evil.example.org"})
    assert set(found.values()) == {HTTPStatus.NOT_FOUND}


async def test_a_wrong_method_is_told_which_are_right(fetch):
    known = {}
    for endpoint in ENDPOINTS:
        known.setdefault(place(endpoint), []).append(endpoint.method)
    wrong = []
    for path, methods in known.items():
        for method in set(METHODS) - set(methods):
            answer = await fetch(path, method)
            if (answer.code, answer.headers.get("Allow")) != (405, ", ".join(methods)):
                wrong.append((method, path, answer.code, answer.headers.get("Allow")))
    assert wrong == []


async def test_a_path_that_is_not_there_is_told(fetch):
    for path in ("", "/", "/nothing", "/runs/1/steps", "/runs/1/", "//runs", "/runs/../status"):
        assert (await fetch(PREFIX + path)).code == HTTPStatus.NOT_FOUND, path


def shape(answer):
    "The status and the field that is blamed."
    return answer.code, json.loads(answer.body)["where"]["field"]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=IDS)
async def test_a_field_that_is_not_known_is_refused(fetch, endpoint):
    asked = await fetch(place(endpoint), endpoint.method, params={"colour": "red"})
    assert asked.code == HTTPStatus.UNPROCESSABLE_ENTITY
    problem = json.loads(asked.body)
    required = [f for f in endpoint.query.model_fields.values() if f.is_required()]
    if len(required) == len(endpoint.in_path):
        assert problem["where"]["field"] == "colour"
        assert problem["remedy"].startswith("known here: ")


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.body], ids=[i for i in IDS if "POST" in i])
async def test_a_body_that_is_not_what_was_asked_for_is_refused(fetch, endpoint):
    for body in ("[]", "[{}]", "null", '"text"', "1", "{", "", "[" * 100_000, '{"colour": 1}', "NaN"):
        answer = await fetch(place(endpoint), "POST", body)
        assert answer.code == HTTPStatus.UNPROCESSABLE_ENTITY, body[:20]
        assert json.loads(answer.body)["message"]


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.body], ids=[i for i in IDS if "POST" in i])
async def test_a_form_is_not_a_body(fetch, endpoint, jp_fetch):
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch(place(endpoint), method="POST", body="{}", headers={"Content-Type": "text/plain"})
    assert refused.value.code == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_answers_are_not_kept_by_anyone(fetch):
    for method, path in EVERYTHING:
        answer = await fetch(path, method)
        assert answer.headers["Cache-Control"] == "no-store", path
        assert answer.headers["Content-Type"] == "application/json", path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path


# -- whatever is asked -------------------------------------------------------------------------------------------------

ANNOUNCED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
BOUNDED = settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# What is there, so that not every question ends at "there is no such run".
THERE = {"run": "1", "step": "train", "path": "train.ipynb", "runs": "1", "output": "auc", "input": "flights"}


def cases(endpoint):
    "Questions as announced and not; about what is there, and about anything."
    operation = schemathesis.openapi.from_dict(document())[PREFIX + endpoint.path][endpoint.method]
    inside = {name: THERE[name] for name in endpoint.in_path}
    modes = schemathesis.GenerationMode
    made = [
        operation.as_strategy(modes.POSITIVE),
        operation.as_strategy(modes.POSITIVE, path_parameters=inside),
    ]
    if endpoint.query.model_fields or endpoint.body:
        made.append(operation.as_strategy(modes.NEGATIVE))
    return st.one_of(made), {n: v for n, v in THERE.items() if n in endpoint.query.model_fields}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=IDS)
async def test_whatever_is_asked_the_answer_is_as_announced(
    endpoint, jp_fetch, jp_http_port, jp_base_url, jp_auth_header
):
    made, there = cases(endpoint)
    answered = []

    @BOUNDED
    @given(case=made, about=st.booleans())
    def ask(case, about):
        if about:
            asked = {n: v for n, v in there.items() if n not in endpoint.in_path}
            case.query = {**(case.query or {}), **asked} or None
        server = f"http://127.0.0.1:{jp_http_port}{jp_base_url.rstrip('/')}"
        answer = case.call(base_url=server, headers=jp_auth_header, timeout=120)
        case.validate_response(answer, checks=ANNOUNCED)
        answered.append(answer.status_code)

    await asyncio.get_running_loop().run_in_executor(None, ask)
    assert answered
