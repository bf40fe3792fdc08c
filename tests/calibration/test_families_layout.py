"""What is free, fixed and shared; expected values follow from the models' definitions."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.errors import CalibrationError
from calibration.families import Layout

RNG = np.random.default_rng(20)


def published_at(layout, **values):
    """Published parameters where the free parameters named have these values and others 0.1."""
    phi = np.array([values.get(name.replace(".", "_"), 0.1) for name in layout.names])
    return layout.published(phi)


def test_each_model_frees_what_its_definition_says():
    layout = Layout.build(
        ["r", "o", "p", "t", "u", "v", "g", "pc", "gp", "n"],
        ["rasch", "1pl", "1pl", "2pl", "3pl", "4pl", "grm", "pcm", "gpcm", "nominal"],
        [2, 2, 2, 2, 2, 2, 3, 3, 3, 3],
    )
    expected = {
        *("r.intercept", "1pl.a", "o.intercept", "p.intercept", "t.a", "t.intercept"),
        *("u.a", "u.intercept", "u.guess", "v.a", "v.intercept", "v.guess", "v.slip"),
        *("g.a", "g.intercept1", "g.log_gap2", "pc.c1", "pc.c2", "gp.a", "gp.c1", "gp.c2"),
        *("n.a1", "n.a2", "n.c1", "n.c2"),
    }
    assert set(layout.names) == expected
    assert layout.n_free == len(expected)
    found = published_at(layout, **{"1pl_a": 1.5, "o_intercept": 3.0})
    assert found[0]["a"] == found[7]["a"] == 1.0
    assert found[1] == {"a": 1.5, "b": -2.0}
    assert found[2]["a"] == 1.5
    assert found[4]["d"] == 1.0


def test_items_of_one_family_and_number_of_categories_share_a_block():
    layout = Layout.build(list("abcd"), ["2pl", "gpcm", "rasch", "gpcm"], [2, 3, 2, 4])
    assert [block.items.tolist() for block in layout.blocks] == [[0, 2], [1], [3]]


def test_rating_scale_items_share_thresholds_that_add_to_zero():
    layout = Layout.build(list("abc"), ["rsm"] * 3, [4, 4, 4])
    assert len(layout.names) == 3 + 2
    found = published_at(layout, a_location=0.5, b_location=-1.0, rsm4_tau1=-1.2, rsm4_tau2=0.3)
    assert found[0] == pytest.approx({"a": 1.0, "b1": -0.7, "b2": 0.8, "b3": 1.4})
    assert found[1] == pytest.approx({"a": 1.0, "b1": -2.2, "b2": -0.7, "b3": -0.1})


def test_rating_scales_of_different_length_have_thresholds_of_their_own():
    layout = Layout.build(list("abc"), ["rsm"] * 3, [3, 4, 2])
    taus = {name for name in layout.names if "tau" in name}
    assert taus == {"rsm3.tau1", "rsm4.tau1", "rsm4.tau2"}


@pytest.mark.parametrize(
    ("model", "n_categories", "values"),
    [
        ("2pl", 2, {"a": 1.3}),
        ("2pl", 2, {"b": -0.6}),
        ("2pl", 2, {"b": 0.0}),
        ("3pl", 2, {"c": 0.25}),
        ("3pl", 2, {"c": 0.0, "b": 1.0}),
        ("4pl", 2, {"c": 0.1, "d": 0.9}),
        ("grm", 4, {"a": -0.8}),
        ("grm", 4, {"a": 1.2, "b1": -1.0, "b2": 0.0, "b3": 0.4}),
        ("gpcm", 4, {"b2": 0.5}),
        ("nominal", 3, {"a2": 0.0, "c1": 1.0}),
        ("pcm", 3, {"b1": 0.5, "b2": -0.5}),
        ("rsm", 3, {"b1": 0.5, "b2": -0.5}),
    ],
)
def test_fixed_parameters_stay_where_they_are_whatever_the_rest(model, n_categories, values):
    free = Layout.build(["i", "j"], [model] * 2, [n_categories] * 2)
    layout = Layout.build(["i", "j"], [model] * 2, [n_categories] * 2, fixed={"i": values})
    assert 0 < layout.n_free <= free.n_free - 1
    for _ in range(3):
        found = layout.published(RNG.normal(0.5, 0.5, size=layout.n_free))[0]
        assert {name: found[name] for name in values} == pytest.approx(values)


@pytest.mark.parametrize(
    ("model", "equal"),
    [
        ("2pl", [("a", "ij")]),
        ("2pl", [("a", "ij"), ("a", "kj")]),
        ("2pl", [("b", "ij"), ("a", "ij")]),
        ("rasch", [("b", "ijk")]),
        ("3pl", [("c", "ijk")]),
        ("grm", [("a", "ij"), ("b1", "ij"), ("b2", "ij")]),
        ("gpcm", [("b2", "ij"), ("a", "ji")]),
        ("nominal", [("a1", "ij"), ("c2", "jk")]),
    ],
)
def test_equal_parameters_are_equal_whatever_the_rest(model, equal):
    n_categories = 3 if model in ("grm", "gpcm", "nominal") else 2
    layout = Layout.build(list("ijk"), [model] * 3, [n_categories] * 3, equal=equal)
    for _ in range(3):
        found = layout.published(RNG.normal(0.5, 0.5, size=layout.n_free))
        for name, items in equal:
            assert len({round(found["ijk".index(item)][name], 12) for item in items}) == 1
    free = Layout.build(list("ijk"), [model] * 3, [n_categories] * 3)
    assert layout.n_free == free.n_free - sum(len(items) - 1 for _, items in equal)


def test_a_fixed_parameter_gives_its_value_to_those_equal_to_it():
    layout = Layout.build(
        list("ijk"), ["2pl"] * 3, [2] * 3, fixed={"k": {"a": 0.7}}, equal=[("a", "ijk")]
    )
    assert [item["a"] for item in layout.published(np.ones(layout.n_free))] == [0.7] * 3


@pytest.mark.parametrize(
    ("model", "n_categories", "fixed", "equal", "named"),
    [
        ("2pl", 2, {"x": {"a": 1.0}}, [], "'x'"),
        ("2pl", 2, {"i": {"c": 0.2}}, [], "fixed[i]: found 'c'"),
        ("3pl", 2, {"i": {"c": 1.2}}, [], "fixed[i][c]: found 1.2"),
        ("grm", 3, {"i": {"b1": 0.2}}, [], "a and all thresholds"),
        ("grm", 3, {"i": {"a": 1.0, "b1": 0.2, "b2": -0.2}}, [], "thresholds that ascend"),
        ("rsm", 3, {"i": {"b1": 0.2}}, [], "all steps of a rating scale item"),
        ("2pl", 2, {}, [("b", "ij")], "a of i and j equal as well"),
        ("grm", 3, {}, [("a", "ij"), ("b2", "ij")], "a, b1 of i and j"),
        ("2pl", 2, {}, [("c", "ij")], "a parameter of i: a, b"),
        ("2pl", 2, {}, [("a", "iz")], "'z'"),
        ("2pl", 2, {"i": {"a": 1.0}, "j": {"a": 2.0}}, [("a", "ij")], "held"),
    ],
)
def test_constraints_that_cannot_be_met_are_named(model, n_categories, fixed, equal, named):
    with pytest.raises(CalibrationError) as refused:
        Layout.build(["i", "j"], [model] * 2, [n_categories] * 2, fixed=fixed, equal=equal)
    assert named in str(refused.value)


def test_models_that_do_not_fit_their_items_are_named_together():
    with pytest.raises(CalibrationError) as refused:
        Layout.build(["i", "j", "k"], ["2pl", "5pl", "grm"], [3, 2, 1])
    assert [problem.where for problem in refused.value.problems] == ["i", "j", "k"]


def mixed():
    return Layout.build(
        list("abcdef"),
        ["1pl", "1pl", "rsm", "rsm", "3pl", "grm"],
        [2, 2, 3, 3, 2, 4],
        fixed={"e": {"b": 0.5}},
    )


def test_the_gradient_in_phi_is_the_slope_along_phi():
    layout = mixed()
    phi = RNG.normal(size=layout.n_free)
    target = layout.split(RNG.normal(size=layout.offset.size))

    def value(at):
        x = layout.working(at)
        both = zip(x, target, strict=True)
        return sum((t * np.where(np.isfinite(y), y, 0.0) ** 2).sum() for y, t in both)

    x = layout.working(phi)
    gradient = layout.pull(
        [2 * t * np.where(np.isfinite(y), y, 0.0) for y, t in zip(x, target, strict=True)]
    )
    for place, step in enumerate(1e-5 * np.eye(layout.n_free)):
        slope = (value(phi + step) - value(phi - step)) / 2e-5
        assert gradient[place] == pytest.approx(slope, rel=1e-7, abs=1e-9)


def test_the_hessian_in_phi_is_that_of_the_items_carried_over():
    layout = mixed()
    hessians = []
    for block in layout.blocks:
        n_items, width = block.shape
        root = RNG.normal(size=(n_items, width, width))
        hessians.append(root @ root.transpose(0, 2, 1))
    M = layout.M.toarray()
    inner = np.zeros((len(M), len(M)))
    first = 0
    for block in hessians:
        for square in block:
            inner[first : first + len(square), first : first + len(square)] = square
            first += len(square)
    found = layout.pull_hessian(hessians).toarray()
    np.testing.assert_allclose(found, M.T @ inner @ M, rtol=1e-12, atol=1e-12)


def test_free_parameters_are_found_again_from_working_ones():
    layout = mixed()
    phi = RNG.normal(size=layout.n_free)
    np.testing.assert_allclose(layout.free_of(layout.working(phi)), phi, rtol=1e-9)


def test_a_shared_parameter_starts_from_the_mean_of_its_items():
    layout = Layout.build(["i", "j"], ["1pl"] * 2, [2, 2])
    phi = layout.free_of([np.array([[1.0, 0.3], [2.0, -0.3]])])
    assert dict(zip(layout.names, phi, strict=True))["1pl.a"] == pytest.approx(1.5)


def test_a_test_without_free_parameters_can_be_laid_out():
    layout = Layout.build(["i"], ["2pl"], [2], fixed={"i": {"a": 1.0, "b": 0.5}})
    assert layout.n_free == 0
    assert layout.published(np.zeros(0)) == [{"a": 1.0, "b": 0.5}]
    assert layout.free_of(layout.working(np.zeros(0))).shape == (0,)
