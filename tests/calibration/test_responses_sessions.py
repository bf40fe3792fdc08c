"""The export of an exam's sessions, written and read back."""

import io

from calibration.responses import (
    GivenItem,
    pseudonym,
    read_responses,
    read_sessions,
    write_sessions,
)


def given(session, sequence, item, response, option=None, **more):
    names = {"session": session, "person": f"person of {session[0]}", "version": 1}
    return GivenItem(
        **{
            **names,
            "item": item,
            "sequence": sequence,
            "response": response,
            "option": option,
            **more,
        }
    )


GIVEN = (
    given("s1", 1, "q1", 1, "b", seconds=31.25),
    given("s1", 2, "q2", "omitted"),
    given("s1", 3, "q3", "not_reached"),
    given("t1", 1, "q1", 0, "c"),
    given("t1", 2, "q2", 1, "a"),
    given("s2", 1, "q1", 0, "a", version=2),
    given("s2", 2, "q2", 0, "d"),
)


def test_sessions_are_read_as_they_were_written(tmp_path):
    file = io.StringIO(newline="")
    assert write_sessions(file, GIVEN) == 7
    path = tmp_path / "sessions.csv"
    path.write_text(file.getvalue())
    read = read_sessions(path)
    assert read.persons == ("s1", "t1", "s2")
    assert read.items == ("q1/1", "q2/1", "q3/1", "q1/2")
    assert read.answers.tolist() == [[1, -2, -3, -1], [0, 1, -1, -1], [-1, 0, -1, 0]]
    assert read.options == (("B", "C"), ("A", "D"), (), ("A",))
    assert read.key == ("B", "A", "", "")
    assert read.raw.tolist() == [[0, -1, -1, -1], [1, 0, -1, -1], [-1, 1, -1, 0]]
    assert read_responses(path).answers.tolist() == read.answers.tolist()
    by_person = read_sessions(path, by="person", repeated="first")
    assert by_person.persons == ("person of s", "person of t")
    assert by_person.answers.tolist() == [[1, -2, -3, 0], [0, 1, -1, -1]]


def test_pseudonyms_need_the_secret():
    # RFC 4231, test case 2: HMAC-SHA-256 of a text under the key "Jefe".
    assert pseudonym(b"Jefe", "what do ya want for nothing?") == "5bdcc146bf60754e6a042426089575c7"
    assert pseudonym(b"other", "what do ya want for nothing?") != pseudonym(b"Jefe", "x")
