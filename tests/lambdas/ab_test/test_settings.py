import json

import pytest

from ab_test.settings import Settings
from tidegate_runtime.errors import PlanInvalid

TEST = {
    "champion": "a",
    "instance_types": {"a": "ml.m5.large", "b": "ml.m5.large"},
    "deadline": 1_800_000_000,
    "idle_after_seconds": 3_600,
}


def test_the_settings_are_read_from_the_environment() -> None:
    environment = {"ENDPOINT_NAME": "ranking", "AB_TEST": json.dumps(TEST)}
    found = Settings.from_env(environment)
    assert (found.endpoint_name, found.champion, found.deadline) == ("ranking", "a", 1_800_000_000)
    assert found.topic_arn == ""
    assert Settings.from_env({**environment, "TOPIC_ARN": "arn:topic"}).topic_arn == "arn:topic"


def test_rejects_an_environment_without_the_test_and_names_what_is_missing() -> None:
    with pytest.raises(PlanInvalid, match="environment variables missing: ENDPOINT_NAME, AB_TEST"):
        Settings.from_env({"TOPIC_ARN": "arn:topic"})


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_rejects_a_test_that_cannot_be_read(text: str) -> None:
    with pytest.raises(PlanInvalid, match="AB_TEST cannot be used"):
        Settings.from_env({"ENDPOINT_NAME": "ranking", "AB_TEST": text})
