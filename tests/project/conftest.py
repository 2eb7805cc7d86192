"""A project to work with: a folder with real git and real DVC in it."""

import contextlib
import io
import json
import shutil
import subprocess

import dvc.cli
import pytest

from aiinfra.config import Settings, load_settings
from aiinfra.project.init import init_project


class Project:
    def __init__(self, root):
        self.root = root

    @property
    def settings(self) -> Settings:
        return load_settings(self.root, env={})

    def write(self, name, content=""):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def notebook(self, name, *cells):
        cells = [
            {
                "cell_type": "code",
                "id": f"c{i}",
                "metadata": {},
                "outputs": [],
                "execution_count": None,
                "source": source,
            }
            for i, source in enumerate(cells)
        ]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        return self.write(
            name, json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": cells})
        )

    def git(self, *args):
        return subprocess.run(
            ["git", *args], cwd=self.root, check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit(self, message="change"):
        self.git("add", "-A")
        self.git("commit", "-qm", message)
        return self.git("rev-parse", "HEAD")

    def dvc(self, *args):
        "What DVC's own command line prints; in this process, because importing DVC takes longer than most commands."
        output = io.StringIO()
        with contextlib.chdir(self.root), contextlib.redirect_stdout(output):
            assert dvc.cli.main([*args, "-q"] if args[0] != "config" else list(args)) == 0
        return output.getvalue()


@pytest.fixture
def folder(tmp_path):
    "A project folder without git and DVC."
    (tmp_path / "flights").mkdir()
    return Project((tmp_path / "flights").resolve())


@pytest.fixture
def repo(folder):
    "A project folder with git only."
    folder.git("init", "-q", "-b", "main")
    return folder


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    "A project as `aiinfra init` makes it, committed once, to be copied."
    root = tmp_path_factory.mktemp("prepared") / "flights"
    init_project(root)
    project = Project(root.resolve())
    project.commit("init")
    return root


@pytest.fixture
def project(prepared, tmp_path):
    "A project as `aiinfra init` makes it."
    return Project(shutil.copytree(prepared, tmp_path / "flights").resolve())
