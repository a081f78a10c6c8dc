"""What an action may ask."""

import json
from typing import Any

import pytest

from deliver.request import At, Request
from tidegate_runtime.errors import RequestInvalid

AT = {
    "environment": "staging",
    "role": "arn:aws:iam::111111111111:role/digits-staging-delivery",
    "region": "eu-west-1",
    "name": "digits-staging",
    "pointer": "/tidegate/staging/digits/live-model-package",
}


def request(**parameters: Any) -> Request:
    configuration = {"UserParameters": json.dumps(parameters)}
    job = {"id": "j", "data": {"actionConfiguration": {"configuration": configuration}}}
    return Request.of(job, token={})


def test_a_request_says_what_to_do_where_and_with_what() -> None:
    asked = request(do="approve", at=AT, package="arn", execution="e1")
    assert (asked.do, asked.text("package"), asked.execution) == ("approve", "arn", "e1")
    assert asked.place == At(**AT)
    assert asked.place.foundation == "digits-staging-foundation"
    assert asked.optional("from") == ""


def test_rejects_a_place_without_its_parts_and_names_them() -> None:
    with pytest.raises(RequestInvalid, match=r"without \['role', 'pointer'\]"):
        request(do="approve", at={**AT, "role": "", "pointer": None})


def test_rejects_a_job_without_a_place_that_needs_one() -> None:
    with pytest.raises(RequestInvalid, match=r"the job approve needs UserParameters\.at, got none"):
        _ = request(do="approve").place


@pytest.mark.parametrize("value", [None, "", 7, ["arn"]])
def test_rejects_a_missing_parameter_and_names_it(value: Any) -> None:
    with pytest.raises(RequestInvalid, match="the job approve needs the parameter 'package' as text"):
        request(do="approve", package=value).text("package")


def test_rejects_a_pipeline_that_was_started_for_no_version_and_says_how_to() -> None:
    with pytest.raises(RequestInvalid, match="got 'none': start the pipeline with the variable ModelPackage"):
        _ = request(do="follow", at=AT, package="none").package


@pytest.mark.parametrize("text", ["", "[1]", '"do"', "{}", '{"do": 3}'])
def test_rejects_parameters_that_name_no_job(text: str) -> None:
    job = {"id": "j", "data": {"actionConfiguration": {"configuration": {"UserParameters": text}}}}
    with pytest.raises(RequestInvalid, match=r"UserParameters(.do)? must"):
        Request.of(job, token={})
