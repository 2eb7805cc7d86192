import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def season():
    """Makes flights of a season: warm or cold, with the rain gauge broken for a share of them."""

    def make(rows=600, temp=38.0, broken=0.0, late=0.2, seed=0):
        rng = np.random.default_rng(seed)
        return pd.DataFrame(
            {
                "temp": rng.normal(temp, 10, rows),
                "precip": np.where(rng.random(rows) < broken, np.nan, rng.exponential(0.05, rows)),
                "carrier": rng.choice(["UA", "B6", "DL"], rows, p=[0.5, 0.3, 0.2]),
                "late": rng.random(rows) < late,
            }
        )

    return make


@pytest.fixture
def winter(season):
    return season(seed=1)
