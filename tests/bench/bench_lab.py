"""What our extension costs JupyterLab: its server's start with and without, and what the browser has to load.

    python tests/bench/bench_lab.py

Each start is a fresh process, from the command until the server answers; taken in turns, so that a busy machine slows both
alike. Sizes are those of the built extension, gzipped as a server would send it.
"""

import contextlib
import gzip
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

BUDGET = 0.100
ROUNDS = 5
BUNDLE = Path(__file__).parents[2] / "extensions/jupyterlab-aiinfra/labextension/static"


def start(folder: Path, *, ours: bool) -> float:
    "Seconds until a JupyterLab that was started anew answers."
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    argv = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    argv += ["--IdentityProvider.token=", f"--ServerApp.jpserver_extensions=aiinfra.lab={ours}"]
    begin = time.perf_counter()
    process = subprocess.Popen(
        argv, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while process.poll() is None:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5).close()
                return time.perf_counter() - begin
            time.sleep(0.01)
        raise RuntimeError("JupyterLab ended before it answered")
    finally:
        process.terminate()
        process.wait()


def gzipped(paths: list[Path]) -> float:
    "KiB of the files, each gzipped."
    return sum(len(gzip.compress(path.read_bytes())) for path in paths) / 1024


def main() -> None:
    "Print the start's time and ratio, and the sizes."
    with tempfile.TemporaryDirectory() as folder:
        start(Path(folder), ours=True)
        pairs = [(start(Path(folder), ours=False), start(Path(folder), ours=True)) for _ in range(ROUNDS)]
    without, with_ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"budget: {BUDGET * 1000:.0f} ms more")
    print(
        f"start of JupyterLab: {with_ours:.2f} s with, {without:.2f} s without: "
        f"{(with_ours - without) * 1000:+.0f} ms   ratio {with_ours / without:.3f}"
    )
    files = sorted(BUNDLE.glob("*.js"))
    entry = [path for path in files if path.name.startswith("remoteEntry")]
    print(
        f"bundle, gzipped: {gzipped(entry):.0f} KiB to begin with, {gzipped(files):.0f} KiB in all (budget 300)"
    )


if __name__ == "__main__":
    main()
