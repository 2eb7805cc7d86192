"""A project with git, DVC and runs: real supervisors, steps, kernels and MLflow."""

import json

import psutil
import pytest

from tests import projects
from tests.projects import session_jupyter, wait_until  # noqa: F401  fixtures
from tests.waiting import wait_for


class Project(projects.Project):
    def notebook(self, name, parameters, *cells, kernel="python3"):
        "A notebook whose second cell is tagged `parameters`."
        first = [("from aiinfra import *", []), (parameters, ["parameters"])]
        content = projects.notebook([*first, *((cell, []) for cell in cells)], kernel)
        return self.write(name, json.dumps(content))

    def submit(self, source, texts=None, values=None):
        return self.target.submit(self.plan(source, texts, values)).id

    def run(self, source, texts=None, values=None):
        "Run it to its end."
        return self.end(self.submit(source, texts, values))

    def until_printed(self, run_id):
        "What the first cell that prints has printed."
        return self.until_event(run_id, "log").data["text"]

    def events(self, run_id):
        return self.runs.events(run_id).read()[0]

    def until_gone(self, run_id):
        "Until no process of the run is left."
        wait_for(lambda: not self.processes(run_id))

    def step_process(self, run_id):
        "The process of the step that runs."
        pid = self.runs.supervisor(run_id)
        steps = (p for p in psutil.Process(pid).children() if "aiinfra.step" in p.cmdline())
        return next(steps)

    def mlflow(self, mlflow_run):
        from mlflow.tracking import MlflowClient

        return MlflowClient(tracking_uri=self.settings.tracking_uri).get_run(mlflow_run)

    def mlflow_files(self, mlflow_run):
        from mlflow.tracking import MlflowClient

        client = MlflowClient(tracking_uri=self.settings.tracking_uri)
        return {f.path for f in client.list_artifacts(mlflow_run)}


@pytest.fixture(scope="session")
def make_project(tmp_path_factory):
    return projects.maker(tmp_path_factory.mktemp, Project)


@pytest.fixture(scope="session")
def project(make_project):
    "One project for many runs."
    return make_project()


@pytest.fixture
def bare(tmp_path):
    "A project without git and DVC, for what never gets as far as a run."
    root = (tmp_path / "bare").resolve()
    root.mkdir()
    (root / "settings.ini").write_text("[aiinfra]\nproject = bare\n")
    return Project(root)
