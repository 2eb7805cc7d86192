"""What stays of a cell's output, whatever is printed in whatever pieces."""

import re

from hypothesis import given
from hypothesis import strategies as st

from aiinfra.step.printed import Printed, fitting, overwritten, rich_size, shortened, size

PIECES = st.lists(st.text(alphabet="ab\nü\r", max_size=6), max_size=30)


def as_nbclient_shows(text):
    "What nbclient makes of a whole text."
    return re.sub(r".*\r(?=[^\n])", "", text)


def printed_in(pieces, limit=10**6):
    account, shown = Printed(limit), ""
    for piece in pieces:
        shown = account.after(shown, piece)
    return shown, account


@given(st.text(), st.integers(0, 50))
def test_the_beginning_that_fits_is_as_long_as_it_can_be(text, room):
    start = fitting(text, room)
    assert text.startswith(start)
    assert size(start) <= room
    assert len(start) == len(text) or size(text[: len(start) + 1]) > room


@given(PIECES)
def test_it_does_not_matter_in_which_pieces_text_is_printed(pieces):
    shown, account = printed_in(pieces)
    whole = "".join(pieces)
    assert shown.rstrip("\r") == overwritten("", whole).rstrip("\r")
    assert account.cut == 0


@given(st.text(alphabet="ab\nü\r", max_size=60))
def test_a_carriage_return_starts_the_line_anew(text):
    expected = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    assert re.sub(r"\r+(?=\n|$)", "", overwritten("", text)) == expected


def test_line_ends_of_windows_overwrite_nothing():
    assert overwritten("", "a\r\nb\r\n") == as_nbclient_shows("a\r\nb\r\n") == "a\r\nb\r\n"


@given(PIECES, st.integers(1, 20))
def test_never_more_is_kept_than_the_limit(pieces, limit):
    shown, account = printed_in(pieces, limit)
    assert size(shown) <= limit
    if "\r" not in "".join(pieces):
        assert "".join(pieces).startswith(shown)
        assert size(shown) + account.cut == size("".join(pieces))


@given(PIECES, st.integers(1, 20))
def test_never_more_is_told_than_the_limit(pieces, limit):
    account = Printed(limit)
    assert sum(size(account.telling(piece)) for piece in pieces) <= limit


def test_telling_a_progress_bar_keeps_its_carriage_return():
    assert Printed(100).telling("\r 10%\r 20%") == "\r 20%"


def test_many_small_pieces_are_no_burden():
    account, shown = Printed(50_000), ""
    for _ in range(100_000):
        shown = account.after(shown, "x")
    assert (len(shown), account.cut) == (50_000, 50_000)


def test_a_long_line_that_is_overwritten_is_no_burden():
    account = Printed(10**7)
    shown = account.after("", "x" * 2_000_000)
    assert account.after(shown, "\rdone" + "y" * 2_000_000) == "done" + "y" * 2_000_000


def test_clearing_makes_room():
    account = Printed(10)
    assert account.after("", "x" * 30) == "x" * 10
    account.cleared()
    assert account.after("", "y" * 10) == "y" * 10
    assert account.cut == 0


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.lists(st.integers()))))
def test_rich_output_has_a_size_whatever_it_holds(data):
    assert rich_size(data) >= 0


def test_an_error_is_shortened_from_its_end():
    error = {"ename": "E", "evalue": "v" * 100, "traceback": ["first", "second" * 100]}
    assert shortened(error, 10) == {"ename": "E", "evalue": "v" * 10, "traceback": ["first", "secon"]}
