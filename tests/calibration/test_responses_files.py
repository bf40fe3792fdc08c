"""Files of answers as spreadsheets, programs and people write them."""

import numpy as np
import polars as pl
import pytest

from calibration.errors import ResponsesError
from calibration.responses import InPieces, csv_tables, parse_key, read_key, read_responses


@pytest.fixture
def write(tmp_path):
    def file(*lines, name="answers.csv", end="\n"):
        path = tmp_path / name
        content = lines[0] if isinstance(lines[0], bytes) else end.join([*lines, ""]).encode()
        path.write_bytes(content)
        return path

    return file


def problems(path, **options):
    with pytest.raises(ResponsesError) as refused:
        read_responses(path, **options)
    return {problem.where: problem for problem in refused.value.problems}


PLAIN = ("person,x,y", "p1,1,0", "p2,,2", "p3,NA,1")
EXPECTED = [[1, 0], [-1, 2], [-1, 1]]


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(PLAIN).encode(),
        b"\xef\xbb\xbf" + "\r\n".join([*PLAIN, "", ""]).encode(),
        "\r".join(PLAIN).encode(),
        "\n".join(PLAIN).replace(",", ";").encode(),
        "\n".join(PLAIN).replace(",", "\t").encode(),
        "\n".join(["sep=;", *PLAIN]).replace(",", ";").encode(),
        b'"person","x","y"\n"p1","1","0"\n"p2","","2"\n"p3","NA","1"\n',
        b"person,x,y\n\np1,1,0\n\np2,,2\r\np3,NA,1\n\n",
        b"person,x,y,,\np1,1,0,,\np2,,2,,\np3,NA,1,,\n,,,,\n",
        b"person, x ,y\np1, 1,0.0\np2\t,  ,2\np3,NA,+1,\n",
        "person,x,y\np1,๑,๐\np2,,๒\np3,NA,๑\n".encode(),
        b"person;x;y\np1;1,0;0\np2;;2,0\np3;NA;1\n",
        b"person,x,y\np1,1,0\np2,,2\np3,NA,1\n,,\n",
    ],
)
def test_what_is_plainly_meant_is_read(write, content):
    read = read_responses(write(content))
    assert read.items == ("x", "y")
    assert read.persons == ("p1", "p2", "p3")
    assert read.answers.tolist() == EXPECTED


def test_names_may_hold_separators_quotes_and_line_ends(write):
    path = write('person,"a,b",c', '"O""Neil, J.",1,0', '"two\nlines",0,1')
    read = read_responses(path)
    assert read.items == ("a,b", "c")
    assert read.persons == ('O"Neil, J.', "two\nlines")
    assert read.answers.tolist() == [[1, 0], [0, 1]]


def test_a_stray_carriage_return_in_the_header_is_named(write):
    found = problems(write(b"person,x\r,y\np1,1,0\np2,0,1\n"))
    assert set(found) == {"row 1"}
    assert "carriage return" in found["row 1"].expected


def test_blocks_of_a_file_are_one_file(write, monkeypatch):
    # Blocks of 64 bytes: rows, quotes, blank lines and groups cross their ends.
    rng = np.random.default_rng(5)
    answers = rng.integers(-1, 3, (200, 7))
    lines = [
        f'"p{row}, {"x" * (row % 5)}",' + ",".join("" if a < 0 else str(a) for a in line)
        for row, line in enumerate(answers)
    ]
    path = write("person," + ",".join("abcdefg"), *lines[:50], "", *lines[50:])
    whole = read_responses(path)
    monkeypatch.setattr(csv_tables, "BLOCK", 64)
    pieces = read_responses(path)
    np.testing.assert_array_equal(whole.answers, answers)
    np.testing.assert_array_equal(pieces.answers, answers)
    assert pieces.persons == whole.persons
    path.write_text(
        path.read_text().replace("p120, ,", "p3, xxx,").replace('"p120, "', '"p3, xxx"')
    )
    assert problems(path)["row 123, column person"].expected.endswith("row 5")


def test_a_file_of_answers_alone_has_no_header(write):
    path = write("0,1,0,1,1", "1,1,0,0,1", "2,1,1,1,0")
    assert read_responses(path).answers.shape == (3, 5)
    assert read_responses(path).items == ("item1", "item2", "item3", "item4", "item5")
    assert read_responses(write("1,2", "0,1"), header=False).answers.tolist() == [[1, 2], [0, 1]]
    assert read_responses(write("1,2", "0,1")).items == ("1", "2")


def test_categories_from_one_are_shifted_only_where_all_are(write):
    assert read_responses(write("x,y", "1,2", "4,1")).answers.tolist() == [[0, 1], [3, 0]]
    assert read_responses(write("x,y", "1,2", "4,0")).answers.tolist() == [[1, 2], [4, 0]]
    assert read_responses(write("x,y", "1,1", "1,1")).answers.tolist() == [[1, 1], [1, 1]]
    assert read_responses(write("x,y", "1,2", "4,1"), lowest=0).n_categories.tolist() == [5, 3]


def test_a_category_below_the_lowest_is_refused_and_not_taken_for_missing(write):
    wide = write("x,y", "1,2", "0,1", "4,3")
    found = problems(wide, lowest=1)
    assert set(found) == {"row 3, column x"}
    assert found["row 3, column x"].expected.startswith("a category from 1 to 126;")
    with pytest.raises(ResponsesError) as refused:
        list(InPieces(path=wide, size=1, options={"lowest": 1}))
    assert [each.where for each in refused.value.problems] == ["row 3, column x"]
    long = write("person,item,response", "p,x,1", "p,y,0")
    assert set(problems(long, lowest=1)) == {"row 3, column response"}
    # Items with a key are scored 1 and 0, whatever the others are counted from.
    keyed = read_responses(write("x,y", "A,2", "B,1"), key={"x": "A"}, lowest=1)
    assert keyed.answers.tolist() == [[1, 1], [0, 0]]
    keyed = read_responses(
        write("person,item,response", "p,x,B", "p,y,2"), key={"x": "A"}, lowest=1
    )
    assert keyed.answers.tolist() == [[0, 1]]


def test_limits_begin_at_the_lowest_category(write):
    known = {"items": ["x", "y"], "n_categories": [2, 4]}
    path = write("x,y", "1,4", "2,1")
    assert read_responses(path, **known, lowest=1).answers.tolist() == [[0, 3], [1, 0]]
    assert set(problems(path, **known)) == {"row 2, column y", "row 3, column x"}
    # Without a 0, but of known items, the file is not asked where it counts from.
    assert read_responses(write("x,y", "1,3", "1,1"), **known).answers.tolist() == [[1, 3], [1, 1]]
    found = problems(write("x,y", "3,5", "1,1"), **known, lowest=1)
    assert found["row 2, column x"].expected.startswith("a category from 1 to 2;")
    assert found["row 2, column y"].expected.startswith("a category from 1 to 4;")


def test_missing_omitted_and_not_reached_are_told_apart(write):
    path = write("a,b,c,d", "1,9,0,9", "9,9,9,9", "1,,9,", "8,0,7,1")
    read = read_responses(path, omit_codes=[9], not_reached_codes=["7"], missing_codes=["", "8"])
    assert read.answers.tolist() == [[1, -2, 0, -2], [-2] * 4, [1, -1, -2, -1], [-1, 0, -3, 1]]
    read = read_responses(path, omit_codes=[9], missing_codes=["", 8, 7], trailing_not_reached=True)
    assert read.answers.tolist() == [[1, -2, 0, -3], [-3] * 4, [1, -1, -3, -1], [-1, 0, -1, 1]]
    blanks = read_responses(write("a,b,c", "1,,", "0,NA,1"), omit_codes=[""])
    assert blanks.answers.tolist() == [[1, -2, -2], [0, -1, 1]]


def test_negative_codes_are_codes_only_when_named(write):
    path = write("a,b", "1,-9", "0,1")
    assert problems(path)["row 2, column b"].value == -9
    assert read_responses(path, missing_codes=[-9]).answers.tolist() == [[1, -1], [0, 1]]


def test_every_fault_is_named_at_once(write):
    path = write(
        *("person,x,y,z,group,n", "p1,1,yes,0,a,2", ",-1,1,nan,b,1", "p1,1.5,0,127,,few"),
        *("p4,1e9,0,1,a,-1", "p5,1,1_0,1,b,inf"),
    )
    found = problems(path, group="group", weight="n")
    assert set(found) == {
        "row 2, column y",
        "row 3, column person",
        "row 3, column x",
        "row 3, column z",
        "row 4, column person",
        "row 4, column x",
        "row 4, column z",
        "row 4, column group",
        "row 4, column n",
        "row 5, column x",
        "row 5, column n",
        "row 6, column y",
        "row 6, column n",
    }
    rows = [int(where.split()[1].strip(",")) for where in found]
    assert rows == sorted(rows)


def test_a_long_list_of_faults_is_cut_and_counted(write):
    columns = [f"i{place}" for place in range(30)]
    lines = [
        ",".join(["x" if (row + place) % 5 == 0 else "1" for place in range(30)])
        for row in range(90)
    ]
    found = problems(write(",".join(columns), *lines))
    listed = list(found.values())
    assert len(listed) == 101
    assert listed[-1].where == "further on"
    assert "more" in listed[-1].value


def test_a_column_that_holds_no_answers_is_named_once(write):
    path = write("x,gender,city", "1,f,1200", "0,m,10", "1,f,1700")
    found = problems(path)
    assert set(found) == {"row 1, column gender", "row 2, column city", "row 4, column city"}
    assert "ignore" in found["row 1, column gender"].expected
    read = read_responses(path, group="gender", ignore=["city"])
    assert (read.groups, read.group.tolist()) == (("f", "m"), [0, 1, 0])


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", "row 1"),
        (b"\n\n", "row 1"),
        (b"x,y\n", "row 2"),
        (b"person,x\n", "row 2"),
        (b"person\np1\n", "row 1"),
        (b"x,x\n1,1\n", "row 1"),
        (b"x,,y\n1,0,1\n", "row 1"),
        (b"x,y\n1,0,1\n", "row 2"),
        (b"x,y\n1,0\n1,\xa1\n", "row 3"),
        (b"\xff\xfex\x00,\x00y\x00", "file"),
        (b"PK\x03\x04....", "file"),
        (b"PAR1 and no more", "file"),
        (b'x,y\n"1,0\n1,1\n', "file"),
        (b"person,item,response\n", "row 2"),
    ],
)
def test_files_that_hold_no_answers_say_why(write, content, where):
    found = problems(write(content))
    assert where in found, found


def test_a_missing_file_is_named(tmp_path):
    assert "none.csv" in problems(tmp_path / "none.csv")["file"].value


def test_one_person_and_one_item_are_answers_too(write):
    assert read_responses(write("x", "1")).answers.tolist() == [[1]]
    assert read_responses(write("x,y", "1,0", "0,0", ",1")).answers.tolist() == [
        [1, 0],
        [0, 0],
        [-1, 1],
    ]


def test_a_person_who_comes_again_is_refused_unless_told_otherwise(write):
    path = write("person,x", "p,0", "q,1", "p,1", "p,0")
    found = problems(path)
    assert set(found) == {"row 4, column person", "row 5, column person"}
    assert found["row 5, column person"].value == "p"
    assert "row 2" in found["row 5, column person"].expected
    first = read_responses(path, repeated="first")
    assert (first.persons, first.answers.tolist()) == (("p", "q"), [[0], [1]])
    last = read_responses(path, repeated="last")
    assert (last.persons, last.answers.tolist()) == (("q", "p"), [[1], [0]])
    assert read_responses(path, repeated="keep").n_rows == 4


def test_patterns_carry_counts(write):
    read = read_responses(write("x,y,n", "0,0,12", "1,0,๓", "1,1,0"), weight="n")
    assert read.items == ("x", "y")
    assert read.weight.tolist() == [12, 3, 0]
    assert read.n_answers.tolist() == [15, 15]


def test_several_columns_of_counts_are_groups(write):
    read = read_responses(write("x,men,women", "0,5,2", "1,7,8"), weight=["men", "women"])
    assert read.groups == ("men", "women")
    assert read.group.tolist() == [0, 0, 1, 1]
    assert read.answers.tolist() == [[0], [1], [0], [1]]
    assert read.weight.tolist() == [5, 7, 2, 8]


def test_options_that_make_no_sense_are_refused_together(write):
    found = problems(
        write("x", "1"),
        weight="n",
        ignore=["n"],
        repeated="merge",
        lowest=-1,
        omit_codes=[9],
        not_reached_codes=["9"],
    )
    assert set(found) == {"ignore", "repeated", "lowest", "omit_codes"}
    found = problems(write("x", "1"), group="g", weight="n", ignore=["z"])
    assert set(found) == {"group", "weight", "ignore"}


LONG = ("person,item,response,sex", "p,x,0,f", "p,y,9,f", "q,x,,m", "q,z,2,m")


def test_long_files(write):
    read = read_responses(write(*LONG), omit_codes=[9], group="sex")
    assert read.items == ("x", "y", "z")
    assert read.persons == ("p", "q")
    assert read.answers.tolist() == [[0, -2, -1], [-1, -1, 2]]
    assert (read.groups, read.group.tolist()) == (("f", "m"), [0, 1])


def test_faults_of_long_files(write):
    path = write(*LONG, "p,x,0,f", "q,y,-2,f", ",y,1,f", "r,,1,m", "r,y,up,m", "r,z,300,m")
    found = problems(path, omit_codes=[9], group="sex")
    assert set(found) == {
        "row 6, column item",
        "row 7, column response",
        "row 7, column sex",
        "row 8, column person",
        "row 9, column item",
        "row 10, column response",
        "row 11, column response",
    }
    path = write("person,item,response", "p,x,1", "p,x,0")
    assert read_responses(path, repeated="first").answers.tolist() == [[1]]
    assert read_responses(path, repeated="last").answers.tolist() == [[0]]


def test_a_key_scores_options(write):
    path = write("person,q1,q2,q3", "p,A,3,1", "q,b,9,0", "r,C,๒,1", "s,,2.0,1")
    read = read_responses(path, key={"q1": "a|c", "q2": "2"}, omit_codes=["9"])
    assert read.answers.tolist() == [[1, 0, 1], [0, -2, 0], [1, 1, 1], [-1, 1, 1]]
    assert read.options == (("A", "B", "C"), ("2", "3"), ())
    assert read.raw.tolist() == [[0, 1, -1], [1, -1, -1], [2, 0, -1], [-1, 0, -1]]
    assert read.key == ("A|C", "2", "")


def test_a_long_file_with_a_key_says_the_same(write):
    rows = [
        "p,q1,A",
        "p,q2,3",
        "p,q3,1",
        "q,q1,b",
        "q,q2,9",
        "q,q3,0",
        "r,q1,C",
        "r,q2,๒",
        "r,q3,1",
    ]
    long = write("person,item,response", *rows, "s,q2,2.0", "s,q3,1", name="long.csv")
    wide = write("person,q1,q2,q3", "p,A,3,1", "q,b,9,0", "r,C,๒,1", "s,,2.0,1")
    options = {"key": {"q1": "a|c", "q2": "2"}, "omit_codes": ["9"]}
    one, other = read_responses(long, **options), read_responses(wide, **options)
    assert one.answers.tolist() == other.answers.tolist()
    assert one.raw.tolist() == other.raw.tolist()
    assert (one.options, one.key, one.persons) == (other.options, other.key, other.persons)


def test_keys_in_files_and_lines(write):
    assert read_key(write("item,key", "q1,a|c", "q2,2", name="key.csv")) == {"q1": "a|c", "q2": "2"}
    assert read_key(write("1 4 5 2", name="key.txt")) == ("1", "4", "5", "2")
    assert parse_key("a, c|d ;b") == ("a", "c|d", "b")
    path = write("q1,q2", "a,b", "c,d")
    assert read_responses(path, key=parse_key("AD")).answers.tolist() == [[1, 0], [0, 1]]
    with pytest.raises(ResponsesError) as refused:
        read_key(write("item,key", "q1,", ",b", "q1,c", name="bad.csv"))
    assert [each.where for each in refused.value.problems] == [
        "row 2, column key",
        "row 3, column item",
        "row 4, column item",
    ]


@pytest.mark.parametrize("key", [("a",), ("a", "b", "c"), {"q9": "a"}])
def test_a_key_that_does_not_fit_is_refused(write, key):
    assert set(problems(write("q1,q2", "a,b", "c,d"), key=key)) == {"key"}


def test_parquet_of_any_kind_of_column(tmp_path):
    frame = pl.DataFrame(
        {
            "person": [11, 12, 13],
            "a": pl.Series([1, None, 0], dtype=pl.Int64),
            "b": [1.0, float("nan"), 2.0],
            "c": [True, False, None],
            "d": pl.Series(["0", "NA", "1"], dtype=pl.Categorical),
            "w": [1.5, 2.0, 1.0],
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    read = read_responses(tmp_path / "a.parquet", weight="w")
    assert read.persons == ("11", "12", "13")
    assert read.answers.tolist() == [[1, 1, 1, 0], [-1, -1, 0, -1], [0, 2, -1, 1]]
    assert read.weight.tolist() == [1.5, 2.0, 1.0]
    frame.with_columns(b=pl.Series([1.0, 0.5, 1e300])).write_parquet(tmp_path / "b.parquet")
    found = problems(tmp_path / "b.parquet", weight="w")
    assert set(found) == {"row 2, column b", "row 3, column b"}
