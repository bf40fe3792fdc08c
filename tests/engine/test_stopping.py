import numpy as np
import pytest

import engine
from engine import Reason

CUTS = engine.DecisionRule((0.0, 1.0), 2 / 3)


def reasons(rule, *, n_given=5, n_left=9, se=0.5, p_above=(0.5, 0.5), classification=CUTS):
    codes = rule.reasons(
        n_given=np.array([n_given]),
        n_left=np.array([n_left]),
        se=np.array([se]),
        p_above=np.array([p_above]),
        classification=classification,
    )
    return Reason(codes[0])


def faults(error):
    return {problem.where for problem in error.value.problems}


def test_length_alone_stops_at_the_most_items():
    rule = engine.StoppingRule(max_items=6)
    assert reasons(rule, n_given=5) is Reason.GOING_ON
    assert reasons(rule, n_given=6) is Reason.LENGTH


@pytest.mark.parametrize(("n_given", "over"), [(2, False), (3, True), (4, True)])
def test_the_fewest_items_are_enough(n_given, over):
    rule = engine.StoppingRule(min_items=3, max_items=30, standard_error=0.3)
    assert (reasons(rule, n_given=n_given, se=0.1) is Reason.PRECISE) == over


def test_precision_stops_at_the_bound_and_not_above_it():
    rule = engine.StoppingRule(min_items=3, max_items=30, standard_error=0.3)
    assert reasons(rule, se=0.3000001) is Reason.GOING_ON
    assert reasons(rule, se=0.3) is Reason.PRECISE
    assert reasons(rule, se=0.1 + 0.2) is Reason.PRECISE  # a last bit above 0.3


@pytest.mark.parametrize(
    ("p_above", "expected"),
    [
        ((0.95, 0.05), Reason.DECIDED),
        ((0.95, 0.91), Reason.DECIDED),
        ((0.05, 0.01), Reason.DECIDED),
        ((0.9, 0.1), Reason.DECIDED),
        ((0.95, 0.5), Reason.GOING_ON),
        ((0.89, 0.05), Reason.GOING_ON),
    ],
)
def test_a_decision_needs_every_cut_settled(p_above, expected):
    rule = engine.StoppingRule(max_items=30, decision=0.9)
    assert reasons(rule, p_above=p_above) is expected


def test_what_is_settled_above_a_cut_also_reaches_p_star():
    # p* = 0.95 asks for more than the confidence of 0.9: at 0.93 no level is shown yet.
    strict = engine.DecisionRule((0.0,), 0.95)
    rule = engine.StoppingRule(max_items=30, decision=0.9)
    assert reasons(rule, p_above=(0.93,), classification=strict) is Reason.GOING_ON
    assert reasons(rule, p_above=(0.95,), classification=strict) is Reason.DECIDED
    assert reasons(rule, p_above=(0.1,), classification=strict) is Reason.DECIDED


def test_any_takes_either_and_all_waits_for_both():
    both = {"max_items": 30, "standard_error": 0.3, "decision": 0.9}
    settled = (0.95, 0.05)
    either = engine.StoppingRule(**both, require="any")
    assert reasons(either, se=0.2) is Reason.PRECISE
    assert reasons(either, p_above=settled) is Reason.DECIDED
    assert reasons(either, se=0.2, p_above=settled) is Reason.PRECISE_AND_DECIDED
    jointly = engine.StoppingRule(**both, require="all")
    assert reasons(jointly, se=0.2) is Reason.GOING_ON
    assert reasons(jointly, p_above=settled) is Reason.GOING_ON
    assert reasons(jointly, se=0.2, p_above=settled) is Reason.PRECISE_AND_DECIDED


def test_all_of_one_criterion_is_that_criterion():
    rule = engine.StoppingRule(max_items=30, standard_error=0.3, require="all")
    assert reasons(rule, se=0.2) is Reason.PRECISE


def test_a_good_result_is_named_before_the_length_and_the_length_before_the_empty_pool():
    rule = engine.StoppingRule(max_items=5, standard_error=0.3)
    assert reasons(rule, n_given=5, n_left=0, se=0.2) is Reason.PRECISE
    assert reasons(rule, n_given=5, n_left=0) is Reason.LENGTH
    assert reasons(rule, n_given=4, n_left=0) is Reason.EXHAUSTED


def test_every_fault_is_named():
    with pytest.raises(engine.DesignError) as error:
        engine.StoppingRule(
            min_items=0, max_items=2.5, standard_error=-1.0, decision=1.0, require="some"
        )
    names = {"min_items", "max_items", "standard_error", "decision", "require"}
    assert faults(error) == names
    with pytest.raises(engine.DesignError, match="min_items = 8"):
        engine.StoppingRule(min_items=8, max_items=7)


def test_the_highest_level_that_reaches_p_star_is_shown():
    rule = engine.DecisionRule((-1.0, 0.0, 1.0), 2 / 3)
    p_above = [[0.6, 0.4, 0.1], [0.9, 0.6, 0.1], [0.9, 0.7, 0.5], [0.99, 0.9, 0.8]]
    assert rule.level(np.array(p_above)).tolist() == [0, 1, 2, 3]


def test_a_probability_equal_to_p_star_on_paper_shows_the_level():
    rule = engine.DecisionRule((0.0,), 0.3)
    assert rule.level(np.array([[0.1 * 3], [0.3 - 1e-12], [0.3 - 1e-8]])).tolist() == [1, 1, 0]


def test_p_star_weighs_the_two_losses():
    # p* = C_fp / (C_fp + C_fn): with a wrong certificate twice as bad, two thirds.
    rule = engine.DecisionRule.from_costs([0.0], false_positive=2, false_negative=1)
    assert rule.p_star == pytest.approx(2 / 3)
    assert rule == engine.DecisionRule((0.0,), rule.p_star)


def test_the_rule_minimises_expected_loss():
    false_positive, false_negative = 3.0, 1.0
    rule = engine.DecisionRule.from_costs(
        [0.0], false_positive=false_positive, false_negative=false_negative
    )
    p = np.linspace(0.01, 0.99, 99)
    certify = rule.level(p[:, None]) == 1
    loss_if_certified, loss_if_refused = (1 - p) * false_positive, p * false_negative
    assert (certify == (np.round(loss_if_certified - loss_if_refused, 12) <= 0)).all()


def test_every_fault_of_a_decision_rule_is_named():
    with pytest.raises(engine.DesignError) as error:
        engine.DecisionRule((0.0, 0.0, np.nan, 1.0, -1.0), 1.0)
    assert faults(error) == {"cuts[1]", "cuts[2]", "cuts[4]", "p_star"}
    with pytest.raises(engine.DesignError) as error:
        engine.DecisionRule((), "high")
    assert faults(error) == {"cuts", "p_star"}
    with pytest.raises(engine.DesignError) as error:
        engine.DecisionRule.from_costs([0.0], false_positive=0, false_negative=-1)
    assert faults(error) == {"false_positive", "false_negative"}
