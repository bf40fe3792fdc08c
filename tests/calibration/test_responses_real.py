"""Published data sets, from their files: what is read is what is known of them."""

from pathlib import Path

import numpy as np
import pytest

from calibration.responses import parse_key, read_responses

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"published data sets are not read: there is no {DATA}"
)


def read(name, **options):
    return read_responses(DATA / "responses" / name, **options)


@pytest.mark.parametrize(
    ("name", "options", "shape", "persons"),
    [
        ("lsat6.csv", {"weight": "Freq"}, (30, 5), 1000),
        ("lsat7.csv", {"weight": "freq"}, (32, 5), 1000),
        ("deayala.csv", {"weight": "Frequency"}, (32, 5), 19601),
        ("science.csv", {}, (392, 4), 392),
        (
            "spisa.csv",
            {"group": "gender", "ignore": ["age", "semester", "elite", "spon"]},
            (1075, 45),
            1075,
        ),
        ("fims_aus_jpn_scored.csv", {"group": "country", "ignore": ["SEX"]}, (6371, 14), 6371),
        ("../testdesign/resp_fatigue_95.csv", {}, (100, 95), 100),
    ],
)
def test_shapes(name, options, shape, persons):
    found = read(name, **options)
    assert found.answers.shape == shape
    assert found.n_persons == persons


def test_counts_by_sex_and_race():
    # The four groups of Mislevy (1985); de Ayala (2009) has 19,601 persons above.
    columns = ["White_Male", "White_Female", "Black_Male", "Black_Female"]
    found = read("asvab.csv", weight=columns)
    assert found.groups == tuple(columns)
    by_group = [found.weight[found.group == place].sum() for place in range(4)]
    assert sum(by_group) == 776


def test_science_counts_its_categories_from_one():
    assert read("science.csv").n_categories.tolist() == [4, 4, 4, 4]
    assert read("science.csv").answers.min() == 0


def test_mixed_categories_and_countries():
    found = read("timssaustwn_scored.csv", group="IDCNTRY", ignore=["ITSEX", "IDBOOK"])
    assert found.groups == ("36", "158")  # Australia and Taiwan, ISO 3166
    assert set(found.n_categories.tolist()) == {2, 3}


@pytest.mark.parametrize(("raw", "scored"), [("numeracy_raw.csv", "numeracy_scored.csv")])
def test_raw_options_with_their_key_are_the_scored_file(raw, scored):
    expected = read(scored).answers
    options = read(raw, lowest=0).answers
    key = []
    for item in range(expected.shape[1]):
        (right,) = np.unique(options[expected[:, item] == 1, item])
        key.append(str(right))
    found = read(raw, key=key)
    np.testing.assert_array_equal(found.answers, expected)
    assert found.key == tuple(key)


def test_sat12():
    key = "1 4 5 2 3 1 2 1 3 1 2 4 2 1 5 3 4 4 1 4 3 3 4 1 3 5 1 3 1 5 4 5"
    found = read("sat12.csv", key=parse_key(key), omit_codes=[8])
    assert found.answers.shape == (600, 32)
    assert set(found.options) == {("1", "2", "3", "4", "5")}
    omitted = (found.answers == -2).sum()
    assert omitted == sum(line.split(",").count("8") for line in lines("sat12.csv"))


def lines(name):
    return (DATA / "responses" / name).read_text().splitlines()
