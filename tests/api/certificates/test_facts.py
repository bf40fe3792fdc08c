"""Records: complete, checked as a whole, and the same after storage."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from api.certificates.facts import (
    LONGEST_NAME,
    MOST_UNITS,
    CertificateFacts,
    FactsError,
    ResultFacts,
    ScoreFacts,
    SignatoryFacts,
    to_the_second,
)
from itembank.text import Text


def places(error: pytest.ExceptionInfo[FactsError]) -> set[str]:
    return {problem.where for problem in error.value.problems}


def test_a_certificate_comes_back_from_storage_as_it_was(
    certificate: CertificateFacts, specimen: CertificateFacts
) -> None:
    for facts in (certificate, specimen):
        stored = facts.to_json()
        assert CertificateFacts.from_json(stored) == facts
        assert CertificateFacts.from_json(stored).to_json() == stored


def test_a_statement_comes_back_from_storage_as_it_was(result: ResultFacts) -> None:
    stored = result.to_json()
    assert ResultFacts.from_json(stored) == result
    assert ResultFacts.from_json(stored.encode()).to_json() == stored


def test_a_record_of_another_kind_or_time_is_refused(
    specimen: CertificateFacts, result: ResultFacts
) -> None:
    with pytest.raises(FactsError):
        CertificateFacts.from_json(result.to_json())
    with pytest.raises(FactsError) as error:
        CertificateFacts.from_json(specimen.to_json().replace("certificate/1", "certificate/2"))
    assert places(error) == {"record"}


@pytest.mark.parametrize("text", ["", "{}", "[]", "no json", b"\xff\xfe", '{"number": 3}'])
def test_what_is_no_record_is_a_readable_error(text: str | bytes) -> None:
    with pytest.raises(FactsError, match="Certificate record"):
        CertificateFacts.from_json(text)


def test_a_stored_record_is_checked_again(specimen: CertificateFacts) -> None:
    with pytest.raises(FactsError) as error:
        CertificateFacts.from_json(specimen.to_json().replace("7265-30", "7265-31"))
    assert "number" in places(error)


def test_all_faults_are_named_at_once(specimen: CertificateFacts) -> None:
    with pytest.raises(FactsError) as error:
        replace(
            specimen,
            number="SP-2569-4831-7265-31",
            level=4,
            units=(),
            holder=replace(specimen.holder, name_th=" ", subject="1234567890121"),
            verify_url="javascript:alert(1)",
            status_list_index=131_072,
        )
    assert places(error) == {
        "number",
        "level",
        "units",
        "holder.name_th",
        "holder.subject",
        "verify_url",
        "status_list_index",
    }


def test_moments_are_utc_to_the_second_and_in_order(specimen: CertificateFacts) -> None:
    bangkok = timezone(timedelta(hours=7))
    for wrong in (
        datetime(2026, 11, 22, 4, 5),
        datetime(2026, 11, 22, 11, 5, tzinfo=bangkok),
        datetime(2026, 11, 22, 4, 5, 0, 1, tzinfo=UTC),
    ):
        with pytest.raises(FactsError) as error:
            replace(specimen, issued_at=wrong)
        assert "issued_at" in places(error)
    with pytest.raises(FactsError) as error:
        replace(specimen, valid_until=specimen.assessed_at)
    assert places(error) == {"assessed_at <= issued_at <= valid_until"}


def test_a_clock_reading_becomes_a_moment_of_a_record(specimen: CertificateFacts) -> None:
    reading = datetime(2026, 11, 22, 11, 5, 0, 999, tzinfo=timezone(timedelta(hours=7)))
    assert replace(specimen, issued_at=to_the_second(reading)) == specimen


@pytest.mark.parametrize("hidden", ["\n", "\x00", "\u202e", "\u200b", "漢", "😀", "\ud800"])
def test_a_name_has_only_characters_that_print(specimen: CertificateFacts, hidden: str) -> None:
    with pytest.raises(FactsError) as error:
        replace(specimen, holder=replace(specimen.holder, name_th=f"สมชาย{hidden}ใจดี"))
    assert places(error) == {"holder.name_th"}


def test_texts_of_the_scheme_are_checked_too(specimen: CertificateFacts) -> None:
    with pytest.raises(FactsError) as error:
        replace(specimen, method=Text(th="ทดสอบ\u202e", en="test"))
    assert places(error) == {"method.th"}


def test_what_could_not_fit_a_page_is_refused(specimen: CertificateFacts) -> None:
    with pytest.raises(FactsError):
        replace(specimen, units=specimen.units[:1] * (MOST_UNITS + 1))
    with pytest.raises(FactsError):
        replace(specimen, holder=replace(specimen.holder, name_th="ก" * (LONGEST_NAME + 1)))


def test_nobody_signs_a_specimen(specimen: CertificateFacts, certificate: CertificateFacts) -> None:
    signatory = SignatoryFacts(
        name=Text(th="นางสมศรี ตัวอย่างสกุล", en="Mrs. Somsri Tuayangsakul"),
        title=Text(th="ผู้อำนวยการ", en="Director"),
    )
    assert replace(certificate, signatory=signatory).signatory == signatory
    with pytest.raises(FactsError) as error:
        replace(specimen, signatory=signatory)
    assert places(error) == {"signatory"}


def test_a_provisional_result_has_no_score(result: ResultFacts) -> None:
    scored = (replace(result.rows[0], score=ScoreFacts(scaled=540, standard_error=31)),)
    assert replace(result, specimen=False, rows=scored).rows == scored
    with pytest.raises(FactsError) as error:
        replace(result, rows=scored)
    assert places(error) == {"rows[0].score"}


def test_a_level_stands_exactly_where_one_was_shown(result: ResultFacts) -> None:
    passed, not_yet, _ = result.rows
    with pytest.raises(FactsError) as error:
        replace(result, rows=(replace(passed, level=None), replace(not_yet, level=1)))
    assert places(error) == {"rows[0].level", "rows[1].level"}


def test_the_descriptor_is_that_of_the_level(specimen: CertificateFacts) -> None:
    assert specimen.descriptor == specimen.levels[1].descriptor
