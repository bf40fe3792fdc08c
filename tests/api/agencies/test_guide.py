"""The guide for agencies' programmers shows what the service really answers."""

from __future__ import annotations

import json
import re
from pathlib import Path

from api.agencies.schemas import ResultPage
from api.problems import ProblemDocument
from tests.api.agencies.conftest import Program

GUIDE = (Path(__file__).parents[3] / "docs" / "agencies.md").read_text()
EXAMPLES = [json.loads(each) for each in re.findall(r"```json\n(.+?)\n```", GUIDE, re.DOTALL)]


def test_the_examples_have_exactly_the_fields_of_the_replies():
    token, page, refusal = EXAMPLES
    assert set(token) == {"access_token", "token_type", "expires_in"}
    assert ResultPage.model_validate(page).model_dump(mode="json") == page
    assert ProblemDocument.model_validate(refusal).model_dump(exclude_unset=True) == refusal


def test_the_guide_explains_every_parameter_and_no_other(program: Program):
    found = program.service.app.openapi()["paths"]["/api/v1/results"]["get"]["parameters"]
    explained = re.findall(r"^\| `(\w+)` \| [A-Z`]", GUIDE, re.MULTILINE)
    assert sorted(explained) == sorted(each["name"] for each in found)


def test_the_guides_refusal_is_what_is_answered(program: Program):
    refusal = EXAMPLES[2]
    assert program.ask(purpose="", limit="0").json() == refusal
