"""Known items come back: no bias, and intervals of 95 per cent that hold the truth as often.

Short runs of `benchmarks.recovery`, whose long ones are its command. Seeds are fixed; the bounds are
3.5 standard errors of what so few replications can tell, so that a correct program passes with
nearly every other seed too, and one with errors off by a quarter fails with nearly every one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.recovery import STUDIES, misspecified, recover

REPLICATIONS = 15
PERSONS = 600
N_ITEMS = 8


@pytest.fixture(scope="module", params=[name for name in STUDIES if name != "4pl"])
def recovery(request):
    study = replace(STUDIES[request.param], n_items=N_ITEMS)
    return recover(study, persons=PERSONS, replications=REPLICATIONS, seed=2)


def test_intervals_hold_the_truth_as_often_as_they_say(recovery):
    for kind, found in recovery.items():
        assert abs(found.coverage - 0.95) < 3.5 * found.coverage_error + 0.01, kind


def test_estimates_have_no_bias_that_their_errors_could_not_hide(recovery):
    for kind, found in recovery.items():
        each = (found.error / found.se).mean(axis=1)
        noise = each.std(ddof=1) / np.sqrt(each.size)
        # A fifth of a standard error is the second-order bias that 600 persons leave to asymptotes.
        assert abs(found.bias_in_errors) < 3.5 * noise + 0.2, kind


def test_standard_errors_are_the_size_of_the_errors(recovery):
    for kind, found in recovery.items():
        # Errors of one replication share the persons' mean: a mean of independent groups.
        noise = np.sqrt(1.0 / (2 * REPLICATIONS * max(1, found.error.shape[1] / 4)))
        assert abs(np.log(found.ratio)) < 3.5 * noise + 0.1, kind


def test_robust_errors_are_right_where_the_model_is_wrong():
    """Abilities in two clusters, taken for normal: only the sandwich knows how slopes scatter."""
    found = misspecified(persons=500, replications=100, seed=4)
    noise = 1.0 / np.sqrt(2 * 100)
    assert found["observed a"].ratio > 1.0 + 2.0 * noise
    assert abs(found["robust a"].ratio - 1.0) < 3.0 * noise
    assert found["observed a"].ratio > 1.12 * found["robust a"].ratio
