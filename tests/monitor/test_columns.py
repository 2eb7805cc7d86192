import math
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiinfra.errors import DataError
from aiinfra.monitor.columns import LEAST_ROWS, evened, kind_in_both, kind_of, plain_values, too_few


@pytest.mark.parametrize(
    ("values", "dtype", "kind"),
    [
        ([1, 2], "int8", "number"),
        ([1.5, None], "float32", "number"),
        ([1, None], "Int64", "number"),
        ([1.5, None], "double[pyarrow]", "number"),
        ([True, False], "bool", "category"),
        ([True, None], "boolean", "category"),
        ([True, None], "object", "category"),
        (["a", None], "object", "category"),
        (["a", "b"], "string", "category"),
        (["a", "b"], "string[pyarrow]", "category"),
        ([1, 2], "category", "category"),
        (["2013-07-01", None], "datetime64[ns]", None),
        ([[1], [2]], "object", None),
        ([date(2013, 7, 1)], "object", None),
        ([Decimal(1)], "object", None),
        ([1j], "complex128", None),
    ],
)
def test_a_type_decides_what_values_are(values, dtype, kind):
    assert kind_of(pd.Series(values, dtype=dtype)) == kind


def test_a_column_that_became_empty_keeps_its_kind():
    words, empty = pd.Series(["a", "b"]), pd.Series([np.nan, np.nan])
    assert kind_in_both("carrier", empty, words) == "category"
    assert kind_in_both("carrier", words, empty) == "category"


@pytest.mark.parametrize("other", [["1", "2"], [True, False], pd.to_datetime(["2013-01-01"] * 2)])
def test_another_type_in_each_table_is_refused_with_the_column_named(other):
    with pytest.raises(DataError, match="'hour' has another type in each table") as refused:
        kind_in_both("hour", pd.Series(other), pd.Series([1, 2]))
    assert "astype" in refused.value.remedy


@pytest.mark.parametrize("dtype", ["float64", "Float64", "double[pyarrow]"])
def test_numbers_are_the_same_however_they_are_stored(dtype):
    plain = plain_values(pd.Series([1.5, None, -2.0], dtype=dtype), "number")
    assert plain.dtype == "float64"
    assert plain.isna().tolist() == [False, True, False]
    assert plain.dropna().tolist() == [1.5, -2.0]


@pytest.mark.parametrize("value", [math.inf, -math.inf, 1e200])
def test_what_is_infinite_counts_as_missing(value):
    assert plain_values(pd.Series([1.0, value]), "number").isna().tolist() == [False, True]


@pytest.mark.parametrize("dtype", ["object", "string", "category", "string[pyarrow]"])
def test_categories_are_the_same_however_they_are_stored(dtype):
    plain = plain_values(pd.Series(["a", None, "b"], dtype=dtype), "category")
    assert plain.dtype == object
    assert plain.tolist() == ["a", None, "b"]


@given(
    st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=20),
    st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=20),
    st.integers(-12, 12),
)
def test_evened_columns_keep_their_proportions(current, reference, exponent):
    unit = 10.0**exponent
    now, then, power = evened(pd.Series(current) * unit, pd.Series(reference) * unit)
    top = max(map(abs, [*current, *reference]))
    got = np.array([*now, *then]) / 10.0**power / unit
    assert np.allclose(got, [*current, *reference], rtol=0, atol=max(top, 1e-100) * 1e-11)
    both = pd.concat([now, then])
    assert both.nunique() == 1 or both.std() > 0.001


@given(st.integers(1, 40), st.integers(0, 3000))
def test_a_category_needs_its_share_of_rows(values, rows):
    column = pd.Series([i % values for i in range(rows)])
    different = min(values, rows)
    enough = rows >= LEAST_ROWS * max(different, 1)
    assert (too_few("category", column, column) is None) == enough


def test_numbers_need_no_more_than_the_least():
    column = pd.Series(np.arange(float(LEAST_ROWS)))
    assert too_few("number", column, column) is None
    assert too_few("number", column.iloc[1:], column) == f"only {LEAST_ROWS - 1} values"
