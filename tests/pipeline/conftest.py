"""A project with notebooks and a `pipeline.py`, compiled by the real KFP."""

import json
import textwrap

import pytest

from aiinfra.config import load_settings
from aiinfra.pipeline.compile import Given, compile_plan
from aiinfra.pipeline.component import NotebookComponent

PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}


class Project:
    def __init__(self, root):
        self.root = root

    @property
    def settings(self):
        return load_settings(self.root, env={})

    def write(self, name, content=""):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def notebook(self, name, parameters="", *cells, kernel=PYTHON, **metadata):
        "A notebook whose second cell is tagged `parameters`."
        sources = ["# About it", textwrap.dedent(parameters), *cells]
        cells = [
            {
                "cell_type": "code",
                "id": f"c{i}",
                "metadata": {"tags": ["parameters"]} if i == 1 else {},
                "outputs": [],
                "execution_count": None,
                "source": source,
            }
            for i, source in enumerate(sources)
        ]
        metadata |= {"kernelspec": kernel} if kernel else {}
        content = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
        return self.write(name, json.dumps(content))

    def pipeline(self, body, signature="", name="pipeline.py", before="", options=""):
        "A `pipeline.py` with the function `flights(signature)`; `before` stands above it."
        head = "from kfp import dsl\nfrom aiinfra.pipeline import notebook_component\n"
        body = textwrap.indent(textwrap.dedent(body).strip(), "    ")
        before = textwrap.dedent(before)
        source = (
            f"{head}\n{before}\n\n@dsl.pipeline(name='flights'{options})\ndef flights({signature}):\n{body}\n"
        )
        return self.write(name, source)

    def compile(self, name, texts=None, values=None, **options):
        return compile_plan(self.root / name, Given(texts or {}, values or {}), **options)

    def tasks(self, *args, **kwargs):
        "The tasks in the IR of a pipeline with this body."
        self.pipeline(*args, **kwargs)
        return self.compile("pipeline.py").spec()["root"]["dag"]["tasks"]

    def component(self, path, name=None, **resources):
        return NotebookComponent(self.root / path, self.settings, name, resources)


@pytest.fixture
def make_project(tmp_path):
    "A new project in a folder of this name."

    def make(name="flights", settings="[aiinfra]\nproject = flights\n"):
        root = (tmp_path / name).resolve()
        root.mkdir(parents=True)
        project = Project(root)
        project.write("settings.ini", settings)
        return project

    return make


@pytest.fixture
def project(make_project):
    return make_project()
