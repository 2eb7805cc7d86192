"""README.md from nbs/index.ipynb: `make readme`. With --check: only whether it is what the notebook gives."""

import argparse
import re
import sys
from pathlib import Path

import nbformat
from nbconvert import MarkdownExporter

SOURCE, TARGET = Path("nbs/index.ipynb"), Path("README.md")
NOTE = "<!-- Made from nbs/index.ipynb by `make readme`. -->\n"


def readme() -> str:
    "The notebook as Markdown: hidden cells and nbdev's directives left out."
    notebook = nbformat.read(SOURCE, as_version=4)
    notebook.cells = [c for c in notebook.cells if not c.source.lstrip().startswith("#| hide")]
    for cell in notebook.cells:
        cell.source = re.sub(r"^#\|.*\n?", "", cell.source, flags=re.MULTILINE)
    notebook.cells = [c for c in notebook.cells if c.source.strip()]
    notebook.metadata.language_info = {"name": "python"}
    text, _ = MarkdownExporter().from_notebook_node(notebook)
    text = text.replace("](images/", "](nbs/images/")
    text = "\n".join(line.rstrip() for line in text.splitlines())
    return NOTE + re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def main() -> int:
    "Write the README, or compare it."
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when README.md is another")
    check = parser.parse_args().check
    made = readme()
    if not check:
        TARGET.write_text(made)
        sys.stdout.write(f"{TARGET}: {len(made.splitlines())} lines\n")
    elif TARGET.read_text() != made:
        sys.stderr.write(f"{TARGET} is not what {SOURCE} gives; `make readme` mends it\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
