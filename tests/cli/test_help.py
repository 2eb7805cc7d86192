"""What a person sees who doesn't know the program yet."""

import re

import pytest

VERBS = [
    "init",
    "interface",
    "check",
    "run",
    "runs",
    "show",
    "logs",
    "cancel",
    "open",
    "compare",
    "lab",
    "compile",
    "data",
    "completion",
]
ALL = [[verb] for verb in VERBS] + [["data", verb] for verb in ("add", "versions", "take")]


@pytest.fixture(scope="module")
def here(make_cli):
    return make_cli()


def test_without_arguments_the_verbs_are_listed_in_the_order_of_use_each_with_its_purpose(here):
    shown = here().text
    listed = re.findall(r"^  ([a-z]+)  +(\S.*)$", shown.partition("Commands:")[2], re.MULTILINE)
    assert sorted(name for name, _ in listed) == sorted(VERBS)
    assert [name for name, _ in listed][:5] == ["init", "interface", "check", "run", "runs"]
    assert all(purpose.endswith(".") and not purpose.endswith("...") for _, purpose in listed), "cut short"


@pytest.mark.parametrize("verb", ALL, ids=" ".join)
def test_every_verb_has_help(here, verb):
    for flag in ("--help", "-h"):
        shown = here(*verb, flag)
        assert shown.code == 0
        assert shown.out.startswith(f"Usage: aiinfra {' '.join(verb)} ")
    if verb != ["data"]:
        assert "--debug" in shown.out


@pytest.mark.parametrize(
    "verb", [v for v in ALL if v[-1] not in ("open", "lab", "compile", "completion", "data")], ids=" ".join
)
def test_every_verb_that_prints_data_has_json(here, verb):
    assert "--json" in here(*verb, "--help").out


def test_the_exit_codes_are_explained(here):
    shown = here("--help").out
    assert all(code in shown for code in ("0", "1", "2", "3", "143"))


def test_the_version_is_told(here):
    from aiinfra import __version__

    assert __version__ in here("--version").out


@pytest.mark.parametrize(
    ("given", "meant"), [(["rnu"], "run"), (["chekc"], "check"), (["data", "versoins"], "versions")], ids=str
)
def test_a_misspelt_verb_gets_the_nearest(here, given, meant):
    done = here(*given)
    assert done.code == 2
    assert f"did you mean '{meant}'?" in done.err


def test_a_misspelt_option_gets_the_nearest(here):
    done = here("runs", "--staet", "FAILED")
    assert done.code == 2
    assert "--state" in done.err


def test_help_comes_at_once(here):
    loaded = here.shell(
        "python -X importtime -m aiinfra.cli.main 2>&1 >/dev/null | grep -cE 'kfp|mlflow|papermill|yaml'"
    )
    assert loaded.out.strip() == "0"


# -- completion ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_completion_script(here, shell):
    done = here("completion", shell)
    assert done.code == 0
    assert "_AIINFRA_COMPLETE" in done.out
    assert shell in done.out


def complete(cli, line):
    "What bash offers at the end of `line`."
    words = line.split(" ")
    script = f"""
        set -e
        eval "$(aiinfra completion bash)"
        COMP_WORDS=({" ".join(f"'{w}'" for w in words)})
        COMP_CWORD={len(words) - 1}
        COMPREPLY=()
        compopt() {{ echo "compopt $1 $2"; }}
        function_name=$(complete -p aiinfra | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        "$function_name" aiinfra "{words[-1]}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = cli.shell(script)
    assert done.code == 0, done.err
    return done.out.split("\n")[:-1]


def test_bash_completes_verbs_options_states_and_files(here):
    assert complete(here, "aiinfra ru") == ["run", "runs"]
    assert "--state" in complete(here, "aiinfra runs --st")
    assert complete(here, "aiinfra runs --state FA") == ["FAILED"]
    assert "compopt -o default" in complete(here, "aiinfra run trai")
    assert complete(here, "aiinfra data v") == ["versions"]


def test_an_unknown_shell_is_told(here):
    assert here("completion", "tcsh").code == 2
