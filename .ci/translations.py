"""Are all texts of the JupyterLab extension there in German? Prints those that aren't, ready to be filled in.

    translations.py            list what is missing and what nobody asks for any more; exit code 1 if there is any
    translations.py --write    put what is missing into the file, with null for the translation, and take out the rest

The texts are the arguments of `trans.__`, `_n`, `_p` and `_np` in the TypeScript sources. JupyterLab finds the file by
the entry point `jupyterlab.locale` in pyproject.toml; its format is that of Jed.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "extensions/jupyterlab-aiinfra/src"
GERMAN = ROOT / "aiinfra/lab/locale/de_DE/LC_MESSAGES/aiinfra.json"
HEAD = {
    "domain": "aiinfra",
    "language": "de-DE",  # JupyterLab finds nothing with the underscore of the folder
    "plural_forms": "nplurals=2; plural=(n != 1);",
    "version": "0.1.0",
}
# The number of texts that a call begins with, by name: context, singular, plural.
CALLS = {"__": (0, 1), "_n": (0, 2), "_p": (1, 1), "_np": (1, 2)}
CALL = re.compile(r"\btrans\s*\.\s*(__|_np|_n|_p)\(\s*")
TEXT = re.compile(r"""\s*(?P<quote>['"`])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)\s*""", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t"}


def literal(source: str, at: int) -> tuple[str, int] | None:
    "The text that begins at `at`, perhaps in parts joined by +, and where it ends; None when it isn't a plain one."
    parts = []
    while match := TEXT.match(source, at):
        if match["quote"] == "`" and "${" in match["text"]:
            return None
        parts.append(re.sub(r"\\(u[0-9a-fA-F]{4}|\n|.)", unescaped, match["text"]))
        at = match.end()
        if at >= len(source) or source[at] != "+":
            return "".join(parts), at
        at += 1
    return None


def unescaped(match: re.Match[str]) -> str:
    "What a backslash and what follows it stand for."
    code = match[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return "" if code == "\n" else ESCAPES.get(code, code)


def texts(source: str) -> Iterator[tuple[str, int, int]]:
    "The key of each text, how many forms it has, and the position of its call. Zero forms: the text isn't a plain one."
    for call in CALL.finditer(source):
        contexts, forms = CALLS[call[1]]
        found, at = [], call.end()
        for _ in range(contexts + forms):
            if (text := literal(source, at)) is None:
                break
            found.append(text[0])
            at = text[1] + 1
        if len(found) < contexts + forms:
            yield "", 0, call.start()
        else:
            yield "\u0004".join(found[: contexts + 1]), forms, call.start()


def wanted() -> tuple[dict[str, int], list[str]]:
    "The forms of every text by its key; and what can't be translated, by file and line."
    keys, bad = {}, []
    for file in sorted([*SOURCES.rglob("*.ts"), *SOURCES.rglob("*.tsx")]):
        if ".spec." in file.name or "__tests__" in file.parts:
            continue
        source = file.read_text(encoding="utf-8")
        for key, forms, at in texts(source):
            if forms:
                keys[key] = max(forms, keys.get(key, 0))
            else:
                line = source.count("\n", 0, at) + 1
                bad.append(
                    f"{file.relative_to(ROOT)}:{line}: the text must be written out, with %1 for what varies"
                )
    return keys, bad


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\d", text))


def faults(key: str, forms: int, translated: object) -> str | None:
    "What is wrong with a translation."
    if not isinstance(translated, list) or not all(isinstance(t, str) and t for t in translated):
        return "is missing"
    if len(translated) != forms:
        return f"needs {forms} forms"
    if not placeholders(translated[-1]) >= placeholders(key.rpartition("\u0004")[2]):
        return "has lost a placeholder"
    return None


def main() -> None:
    keys, bad = wanted()
    german = json.loads(GERMAN.read_text(encoding="utf-8")) if GERMAN.exists() else {}
    told = [
        f"{key!r} {fault}"
        for key, forms in sorted(keys.items())
        if (fault := faults(key, forms, german.get(key)))
    ]
    gone = [f"{key!r} is asked for nowhere" for key in german if key and key not in keys]
    if "--write" in sys.argv[1:]:
        kept = {key: german.get(key) or [None] * forms for key, forms in sorted(keys.items())}
        GERMAN.parent.mkdir(parents=True, exist_ok=True)
        GERMAN.write_text(
            json.dumps({"": HEAD, **kept}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    where = GERMAN.relative_to(ROOT)
    lines = [*bad, *(f"{where}: {line}" for line in [*told, *gone])]
    if told or gone:
        lines.append(
            f"`python .ci/translations.py --write` makes the places for them; fill them in in {where}"
        )
    sys.stdout.write("\n".join(lines or [f"{len(keys)} texts, all in German"]) + "\n")
    raise SystemExit(bool(bad or told or gone))


if __name__ == "__main__":
    main()
