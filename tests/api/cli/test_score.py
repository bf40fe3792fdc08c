"""`samatthana score`."""

import csv

import numpy as np
import pytest

import engine
from tests.tools import shared_file

POOL = engine.ItemPool([1.2, 0.8, 2.0, 1.0], [-1.5, 0.0, 0.3, 1.0], [0.2, 0, 0.2, 0], [1, 1, 1, 1])
PATTERNS = np.array([[1, 0, 1, 0], [1, 1, -1, 1], [-1, -1, -1, -1]])


@pytest.fixture
def answers(write):
    return write("answers.csv", "person,x,y,z,w", "p1,1,0,1,0", "p2,1,1,NA,1", "p3,,,,NA")


def close(scores, expected):
    told = np.array([[each["theta"], each["se"]] for each in scores], dtype=float)
    np.testing.assert_allclose(told, np.stack([expected.theta, expected.se], axis=1), atol=1e-12)


@pytest.mark.parametrize("method", ["eap", "map", "mle", "wle", "huber", "tukey"])
def test_scores_are_the_engines(run, items, answers, method):
    result = run("score", answers, "--items", items, "--method", method, "--json")
    assert result.code == 0
    assert list(result.json()) == ["scores"]
    assert [list(each) for each in result.json()["scores"]] == [["person", "theta", "se"]] * 3
    assert [each["person"] for each in result.json()["scores"]] == ["p1", "p2", "p3"]
    close(result.json()["scores"], engine.score(POOL, PATTERNS, method=method))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--prior", "normal:0.5,2"), {"prior": engine.NormalPrior(0.5, 2.0)}),
        (("--prior", "uniform:-3,3"), {"prior": engine.UniformPrior(-3, 3)}),
        (("--prior", "jeffreys"), {"prior": engine.JeffreysPrior()}),
        (("--grid", "-4,4,33"), {"grid": engine.Grid(-4, 4, 33)}),
        (("--method", "mle", "--bounds", "-4,4"), {"method": "mle", "bounds": (-4.0, 4.0)}),
        (("--method", "mle", "--grid=-5,5,41"), {"method": "mle", "grid": engine.Grid(-5, 5, 41)}),
    ],
)
def test_options_reach_the_engine(run, items, answers, options, expected):
    result = run("score", answers, "--items", items, *options, "--json")
    close(result.json()["scores"][:2], engine.score(POOL, PATTERNS[:2], **expected))


def test_catrs_estimate(run, write):
    # catR 3.17, tests/reference/catr.json(): the 4PL bank, item 4 answered right, 33 nodes on -4..4.
    items = write("bank.csv", "item,a,b,c,d", "4,1.0,0.0,0.1,1.0")
    answers = write("one.csv", "4", "1")
    result = run("score", answers, "--items", items, "--grid", "-4,4,33", "--json")
    told = result.json()["scores"][0]
    assert told["person"] == "1"
    assert told["theta"] == pytest.approx(0.3379015219828, abs=1e-11)
    assert told["se"] == pytest.approx(0.9405742882677, abs=1e-11)


def test_the_normal_metric(run, items, answers):
    result = run("score", answers, "--items", items, "--metric", "1.702", "--json")
    steeper = engine.ItemPool.build(a=POOL.a, b=POOL.b, c=POOL.c, metric=1.702)
    close(result.json()["scores"], engine.score(steeper, PATTERNS))


def test_what_is_not_finite_is_null(run, items, answers):
    last = run("score", answers, "--items", items, "--method", "mle", "--json").json()["scores"][2]
    assert last == {"person": "p3", "theta": None, "se": None}
    lines = run("score", answers, "--items", items, "--method", "mle").out.splitlines()
    assert lines[0] == "person,theta,se"
    assert lines[3] == "p3,,"


def test_long_and_wide_files_say_the_same(run, items, answers, write):
    long = write(
        "long.csv",
        "response,item,person",
        *("1,x,p1", "0,y,p1", "1,z,p1", "0,w,p1", "1,x,p2", "1,y,p2", "NA,z,p2", "1,w,p2"),
        ",x,p3",
    )
    wide = run("score", answers, "--items", items, "--json").json()
    assert run("score", long, "--items", items, "--json").json() == wide


def test_columns_may_come_in_any_order_and_some_be_missing(run, items, write):
    turned = write("turned.csv", "w,person,x", "0,a,1", "1,b,NA")
    result = run("score", turned, "--items", items, "--json").json()["scores"]
    assert [each["person"] for each in result] == ["a", "b"]
    close(result, engine.score(POOL, np.array([[1, -1, -1, 0], [-1, -1, -1, 1]])))


def test_without_persons_rows_are_counted_even_empty_ones(run, items, write):
    nameless = write("nameless.csv", "x,y", "1,0", ",", "0,1")
    result = run("score", nameless, "--items", items, "--json").json()["scores"]
    assert [each["person"] for each in result] == ["1", "2", "3"]
    close(result[1:2], engine.score(POOL, PATTERNS[2:]))


def test_items_of_several_models(run, mixed, write):
    answers = write("mixed-answers.csv", "one,two,three,four,five", "1,3,0,1,2", "0,2,2,NA,1")
    result = run("score", answers, "--items", mixed, "--json").json()["scores"]
    pool = engine.ItemPool.of(
        engine.Logistic([1.2, 1.5], [-0.5, 0.6], [0.2, 0.0], [1.0, 1.0]),
        engine.Graded([1.1], [[-1.0, 0.0, 1.2]]),
        engine.PartialCredit([0.9, 1.0], [[-0.4, 0.7], [0.1, 0.4]]),
        places=[[0, 3], [1], [2, 4]],
    )
    close(result, engine.score(pool, np.array([[1, 3, 0, 1, 2], [0, 2, 2, -1, 1]])))


def test_nominal_items(run, write):
    items = write(
        "nominal.csv",
        "item,model,a,b,a1,a2,c1,c2",
        "x,nominal,,,1.0,2.0,0.1,0.2",
        "y,nominal,,,-0.5,,0.3,",
        "z,2pl,1.0,0.5,,,,",
    )
    answers = write("answers.csv", "x,y,z", "2,1,0", "0,0,1")
    pool = engine.ItemPool.of(
        engine.Nominal([[0, 1, 2], [0, -0.5]], [[0, 0.1, 0.2], [0, 0.3]]),
        engine.Logistic([1.0], [0.5], [0.0], [1.0]),
        places=[[0, 1], [2]],
    )
    for metric in (1.0, 1.702):
        result = run("score", answers, "--items", items, "--metric", metric, "--json").json()
        blocks = (
            engine.Nominal(pool.blocks[0].slopes * metric, pool.blocks[0].intercepts),
            engine.Logistic([metric], [0.5], [0.0], [1.0]),
        )
        steeper = engine.ItemPool.of(*blocks, places=[[0, 1], [2]])
        close(result["scores"], engine.score(steeper, np.array([[2, 1, 0], [0, 0, 1]])))


def test_every_fault_of_nominal_items_is_named_by_row_and_column(run, write, answers):
    items = write(
        "nominal.csv",
        "item,model,a,b,a1,a2,c1,c2",
        "x,nominal,,,,2.0,,0.2",
        "y,nominal,,,,,,",
        "z,nominal,,,steep,1,2,3",
        "w,nominal,,,1,1,1,",
    )
    problems = run("score", answers, "--items", items, "--json").problems
    assert set(problems) == {
        "row 2, column a1",
        "row 3, column a1",
        "row 4, column a1",
        "row 5, column c2",
    } | {"row 2, column c1", "row 4, column c1"}
    assert problems["row 4, column a1"]["value"] == "steep"
    assert "a1, a2" in problems["row 3, column a1"]["expected"]
    gap = write("gap.csv", "item,model,a1,a3,c1,c3", "x,nominal,1,2,1,2")
    problems = run("score", answers, "--items", gap, "--json").problems
    assert problems["row 1"]["value"] in ("a3", "c3")


def test_files_as_people_write_them(run, write):
    # A byte order mark, Windows line ends, quotes, spaces, a file of a pandas table, Thai names and
    # Thai digits: what is plainly meant is read.
    items = write(
        "items.csv", '\ufeffitem,a,b,se_a\r\nข้อ ๑, 1.2 ,0.5,0.1\r\n"b, second",๑.๕,-1,\r\n'.encode()
    )
    answers = write("answers.csv", 'person,ข้อ ๑,"b, second"', "สมชาย, 1.0 ,๐", "'x',๑,1")
    result = run("score", answers, "--items", items, "--json").json()["scores"]
    assert [each["person"] for each in result] == ["สมชาย", "'x'"]
    pool = engine.ItemPool.build(a=[1.2, 1.5], b=[0.5, -1.0])
    close(result, engine.score(pool, np.array([[1, 0], [1, 1]])))


@pytest.mark.parametrize("between", [";", "\t"])
def test_items_and_answers_between_semicolons_or_tabs(run, items, answers, write, between):
    expected = run("score", answers, "--items", items, "--json").json()
    for file in (items, answers):
        file.write_text(file.read_text().replace(",", between))
    assert run("score", answers, "--items", items, "--json").json() == expected
    # A comma that stands for a decimal point is named, not cut in two.
    items.write_text("item;a;b\nx;1,2;0\ny;1;0\nz;1;0\nw;1;0\n")
    problems = run("score", answers, "--items", items, "--json").problems
    assert problems["row 2, column a"]["value"] == "1,2"


def test_items_of_too_many_categories_for_a_file_of_answers_are_named(run, write):
    # The rules of selection take them: answers on the command line are no file.
    steps = ",".join(str(step / 100) for step in range(127))
    head = ",".join(f"b{place}" for place in range(1, 128))
    items = write(
        "items.csv", f"item,model,a,{head}", f"long,grm,1,{steps}", f"x,grm,1,{steps[:-5]}"
    )
    answers = write("answers.csv", "x", "126")
    problems = run("score", answers, "--items", items, "--json").problems
    assert set(problems) == {"item long"}
    assert problems["item long"]["value"] == "128 categories"
    assert "127" in problems["item long"]["expected"]
    told = run("next-item", "--items", items, "--answered", "long:127", "--json").json()
    assert told["next"] == "x"
    items.write_text(items.read_text().splitlines()[0] + f"\nx,grm,1,{steps[:-5]}\n")
    assert run("score", answers, "--items", items).code == 0


def test_the_data_folder_of_other_commands_is_no_fault(run, items, answers, tmp_path):
    expected = run("score", answers, "--items", items, "--json")
    assert run("score", answers, "--items", items, "--json", "--data", tmp_path) == expected
    assert run("next-item", "--items", items, "--data", tmp_path / "none").code == 0


def test_every_fault_of_a_file_of_answers_is_named_by_row_and_column(run, items, write):
    answers = write(
        "bad.csv", "person,x,y,sex", "p1,1,2,f", "p1,yes,0,m", ",-1,1.5,f", "p4,nan,1_0,m,9"
    )
    first = run("score", answers, "--items", items, "--json").problems
    assert set(first) == {"row 5"}
    answers.write_text(answers.read_text().replace(",9", ""))
    problems = run("score", answers, "--items", items, "--json").problems
    assert set(problems) == {
        "row 1",
        "row 2, column y",
        "row 3, column person",
        "row 3, column x",
        "row 4, column person",
        "row 4, column x",
        "row 4, column y",
        "row 5, column x",
        "row 5, column y",
    }
    assert problems["row 1"]["value"] == "sex"
    assert problems["row 2, column y"]["value"] == 2
    assert problems["row 3, column x"]["value"] == "yes"
    assert "0 to 1" in problems["row 2, column y"]["expected"]
    assert list(problems) == sorted(problems, key=lambda where: int(where.split(",")[0][4:]))


def test_columns_that_hold_no_answers_are_passed_over_when_named(run, items, write):
    answers = write("more.csv", "person,sex,x,note", "p1,f,1,hello")
    assert run("score", answers, "--items", items).code == 3
    result = run("score", answers, "--items", items, "--ignore", "sex,note", "--json")
    close(result.json()["scores"], engine.score(POOL, np.array([[1, -1, -1, -1]])))
    assert run("score", answers, "--items", items, "--ignore", "age,sex,note").code == 3


def test_missing_answers_may_be_written_otherwise(run, items, write):
    answers = write("na.csv", "person,x,y", "p1,1,N/A", "p2,N/A,N/A", "p3,0,N/A")
    problems = run("score", answers, "--items", items, "--json").problems
    assert set(problems) == {"row 1, column y", "row 3, column x"}
    # Advice is only what this command has an option for.
    told = problems["row 1, column y"]["expected"]
    assert "a category from 0 to 1; empty or NA where not administered" in told
    assert "codes" in told
    for word in ("key", "group", "weight"):
        assert word not in told
    result = run("score", answers, "--items", items, "--missing-codes", "N/A, -", "--json").json()
    close(
        result["scores"], engine.score(POOL, np.array([[1, -1, -1, -1], [-1] * 4, [0, -1, -1, -1]]))
    )


@pytest.mark.parametrize("long", [False, True])
def test_answers_counted_from_one(run, mixed, write, long):
    rows = ["2,4,1,2,3", "1,3,3,NA,2"]
    names = ["one", "two", "three", "four", "five"]
    answers = write("from-one.csv", ",".join(names), *rows)
    if long:
        cells = [
            (f"{k}", n, c)
            for k, row in enumerate(rows, 1)
            for n, c in zip(names, row.split(","), strict=True)
        ]
        answers = write("long.csv", "person,item,response", *map(",".join, cells))
    refused = run("score", answers, "--items", mixed, "--json").problems
    assert refused["--lowest"]["expected"].startswith("1, by which every answer")
    found = run("score", answers, "--items", mixed, "--lowest", 1, "--json").json()
    plain = write("plain.csv", ",".join(names), "1,3,0,1,2", "0,2,2,NA,1")
    assert found == run("score", plain, "--items", mixed, "--json").json()
    # A 0 is then no category, and no missing answer either.
    answers.write_text(
        answers.read_text().replace(rows[1], "0,3,3,NA,2").replace("2,one,1", "2,one,0")
    )
    problems = run("score", answers, "--items", mixed, "--lowest", 1, "--json").problems
    where = "row 7, column response" if long else "row 3, column one"
    assert set(problems) == {where}
    assert problems[where]["value"] == 0
    assert "a category from 1 to 2" in problems[where]["expected"]
    assert "--lowest" not in run("score", answers, "--items", mixed, "--json").problems


def test_a_published_scale_counted_from_one_is_scored_with_what_calibrate_found(run, tmp_path):
    # science.csv of mirt (1 to 4 throughout); calibrate tells the lowest category by itself.
    science = shared_file("data", "responses", "science.csv")
    out = tmp_path / "out"
    assert (
        run("calibrate", science, "--model", "grm", "--standard-errors", "none", "--out", out).code
        == 0
    )
    items = out / "items.csv"
    assert set(run("score", science, "--items", items, "--json").problems) >= {"--lowest"}
    scores = run("score", science, "--items", items, "--lowest", 1, "--json").json()["scores"]
    with (out / "abilities.csv").open(encoding="utf-8") as file:
        found = [float(row["theta"]) for row in csv.DictReader(file)]
    assert [each["theta"] for each in scores] == pytest.approx(found, abs=1e-4)


def test_every_fault_of_a_long_file_is_named(run, items, write):
    answers = write(
        "long.csv", "person,item,response", "p,x,1", "p,q,0", "p,x,0", "p,y,7", ",z,1", "p,w,up"
    )
    problems = run("score", answers, "--items", items, "--json").problems
    assert set(problems) == {
        "row 3, column item",
        "row 4, column item",
        "row 5, column response",
        "row 6, column person",
        "row 7, column response",
    }


def test_every_fault_of_a_file_of_items_is_named_by_row_and_column(run, write, answers):
    items = write(
        "items.csv",
        "item,model,a,b,c,d,b1,b2",
        "x,3pl,1.2,0,1.5,,,",
        "x,2pl,steep,0,0.2,,,",
        ",grm,1,,,,2,1",
        "v,5pl,1,0,,,,",
        "u,gpcm,1,,,,,0.5",
        "t,3pl,,inf,,,,",
        "s,4pl,1,1e400,,0.5x,,",
        "r,grm,1,,,,,",
    )
    problems = run("score", answers, "--items", items, "--json").problems
    assert set(problems) == {
        "row 2, column c",
        "row 3, column item",
        "row 3, column a",
        "row 3, column c",
        "row 4, column item",
        "row 4, column b2",
        "row 5, column model",
        "row 6, column b1",
        "row 7, column a",
        "row 7, column b",
        "row 8, column b",
        "row 8, column d",
        "row 9, column b1",
    }
    assert problems["row 3, column a"]["value"] == "steep"
    assert "row 2" in problems["row 3, column item"]["expected"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"item,a,b\n",
        b"name,a,b\nx,1,0\n",
        b"item,a\nx,1\n",
        b"item,a,b1,b2\nx,1,0,1\n",
        b"item,b\nx,0\n",
        b"item,a,b,a\nx,1,0,1\n",
        b"item,a,b,\nx,1,0,5\n",
        b"item,model,a,b2,b3\nx,grm,1,0,1\n",
        b"item,a,b\nx,1,0,7\n",
        "item,a,b\nข้อ,1,0\n".encode("cp874"),
        b'item,a,b\n"x,1,0\n',
        b"item,a,b\nx,1,0\x00\n",
    ],
)
def test_files_that_are_no_files_of_items_are_refused(run, write, answers, content):
    result = run("score", answers, "--items", write("items.csv", content), "--json")
    assert result.code == 3
    assert result.json()["error"]["problems"]


def test_a_missing_file_is_bad_input(run, items, tmp_path):
    result = run("score", tmp_path / "none.csv", "--items", items, "--json")
    assert result.code == 3
    result = run("score", tmp_path / "none.csv", "--items", items)
    assert result.out == ""
    assert "none.csv" in result.err


@pytest.mark.parametrize(
    "options",
    [
        ("--method", "best"),
        ("--prior", "cauchy:0,1"),
        ("--prior", "normal:0"),
        ("--prior", "normal:0,-1"),
        ("--prior", "uniform:2,1"),
        ("--grid", "-6,6"),
        ("--grid", "6,-6,10"),
        ("--grid", "-6,6,10.5"),
        ("--bounds", "4,-4"),
        ("--bounds", "low,high"),
        ("--unknown", "1"),
    ],
)
def test_impossible_options_are_a_fault_of_usage(run, items, answers, options):
    result = run("score", answers, "--items", items, *options, "--json")
    assert result.code == 2
    assert result.out == ""
