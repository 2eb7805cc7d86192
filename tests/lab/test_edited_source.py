"""What a notebook takes as it is in the editor, before it is saved."""

import pytest


@pytest.fixture(scope="module")
def project(make_project):
    project = make_project(plain=True)
    project.notebook("train.ipynb", "print(month)", parameters="month: int = 1")
    project.pipeline("pipeline.py", "pass")
    return project


async def test_the_form_follows_the_editor_and_the_file_stays(api, project):
    before = (project.root / "train.ipynb").read_bytes()
    content = project.content("print(month, rate)", parameters="month: int = 1\nrate: float = 0.1")
    answer = await api.post("source", {"path": "train.ipynb", "content": content})
    assert answer.status == 200
    assert list(answer.json["schema"]["properties"]) == ["month", "rate"]
    assert list((await api("source", path="train.ipynb")).json["schema"]["properties"]) == ["month"]
    assert (project.root / "train.ipynb").read_bytes() == before


async def test_without_content_it_is_the_file(api):
    answer = await api.post("source", {"path": "train.ipynb"})
    assert list(answer.json["schema"]["properties"]) == ["month"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"path": "train.ipynb", "content": 3}, "content"),
        ({"path": "train.ipynb", "contents": {}}, "contents"),
        ({"path": "pipeline.py", "content": {}}, "content"),
        ({"path": "../train.ipynb"}, None),
        ({}, "path"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(api, body, field):
    answer = await api.post("source", body)
    assert answer.status in (404, 422)
    assert field is None or answer.json["where"]["field"] == field
