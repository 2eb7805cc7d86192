"""Hatchling's hook: a wheel holds the JupyterLab extension, built anew; `pip install -e` leaves it to `make extension`."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACE = "share/jupyter/labextensions/jupyterlab-aiinfra"


class WheelHook(BuildHookInterface):
    "Never takes what lies there from before: that may be old, or a development build."

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        self.folder = Path(tempfile.mkdtemp(prefix="labextension-"))
        try:
            subprocess.run([str(root / ".ci/extension"), "release", str(self.folder)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            shutil.rmtree(self.folder)
            raise SystemExit(
                f"The wheel needs the JupyterLab extension, which could not be built: {error}"
            ) from None
        shared = build_data["shared_data"]
        shared[str(self.folder / "labextension")] = PLACE
        shared[str(self.folder / "install.json")] = f"{PLACE}/install.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            shutil.rmtree(self.folder)
