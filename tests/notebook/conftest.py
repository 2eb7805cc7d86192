"""Notebooks for the tests of `aiinfra.notebook`."""

import json

import pytest


@pytest.fixture
def write(tmp_path):
    """Writes a notebook of these cells, the first of them tagged `parameters`, and gives its path."""

    def write(
        *sources,
        name="train.ipynb",
        tags=("parameters",),
        markdown="",
        counts=(),
        kernel="python3",
        **content,
    ):
        kernelspec = {"kernelspec": {"name": kernel, "display_name": kernel}} if kernel else {}
        cells = [{"cell_type": "markdown", "id": "m", "metadata": {}, "source": markdown}] if markdown else []
        cells += [
            {
                "cell_type": "code",
                "id": f"c{i}",
                "metadata": {} if i else {"tags": list(tags)},
                "execution_count": counts[i] if counts else None,
                "outputs": [],
                "source": source.splitlines(keepends=True),
            }
            for i, source in enumerate(sources)
        ]
        path = tmp_path / name
        path.write_text(
            json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": kernelspec, "cells": cells} | content)
        )
        return path

    return write
