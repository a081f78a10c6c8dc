"""The build of pull requests: what starts it, and that it may do nothing else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk.assertions import Template

from tidegate import DeliverySource, PullRequestProject

CONNECTION = "arn:aws:codeconnections:us-east-1:000000000000:connection/01234567-89ab-cdef-0123-456789abcdef"
LOOKUP = "arn:aws:iam::111122223333:role/cdk-hnb659fds-lookup-role-111122223333-eu-west-1"
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:comments-AbCdEf"


@pytest.fixture
def built(stack: Stack) -> Callable[..., Template]:
    def build(**changes: Any) -> Template:
        fields: dict[str, Any] = {
            "project_name": "tidegate-pull-requests",
            "source": DeliverySource.connection("owner/name", connection_arn=CONNECTION),
            "commands": ["make unit", "tidegate review --read-only"],
            "lookup_roles": [LOOKUP],
        }
        PullRequestProject(stack, "PullRequests", **{**fields, **changes})
        return Template.from_stack(stack)

    return build


def project(template: Template) -> dict[str, Any]:
    (found,) = template.find_resources("AWS::CodeBuild::Project").values()
    return dict(found["Properties"])


def allowed(template: Template) -> dict[str, Any]:
    (policy,) = template.find_resources("AWS::IAM::ManagedPolicy").values()
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    return {one["Sid"]: (one["Action"], one["Resource"]) for one in statements}


def test_pull_requests_to_the_branch_start_a_build(built: Callable[..., Template]) -> None:
    triggers = project(built())["Triggers"]
    assert triggers["Webhook"] is True
    assert triggers["FilterGroups"] == [
        [
            {
                "Type": "EVENT",
                "Pattern": "PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED, PULL_REQUEST_REOPENED",
            },
            {"Type": "BASE_REF", "Pattern": "^refs/heads/main$"},
        ]
    ]


def test_code_of_strangers_waits_for_a_comment(built: Callable[..., Template]) -> None:
    policy = project(built())["Triggers"]["PullRequestBuildPolicy"]
    assert policy == {"RequiresCommentApproval": "FORK_PULL_REQUESTS"}


@pytest.mark.parametrize(
    ("provider", "kind", "location"),
    [
        ("github", "GITHUB", "https://github.com/owner/name.git"),
        ("gitlab", "GITLAB", "https://gitlab.com/owner/name.git"),
        ("bitbucket", "BITBUCKET", "https://bitbucket.org/owner/name.git"),
    ],
)
def test_the_source_is_read_by_the_connection(
    built: Callable[..., Template], provider: str, kind: str, location: str
) -> None:
    source = DeliverySource.connection("owner/name", connection_arn=CONNECTION, provider=provider)
    found = project(built(source=source))["Source"]
    assert (found["Type"], found["Location"]) == (kind, location)
    assert found["Auth"] == {"Type": "CODECONNECTIONS", "Resource": CONNECTION}
    assert found["ReportBuildStatus"] is True


def test_the_commands_run_in_their_order(built: Callable[..., Template]) -> None:
    spec = json.loads(project(built())["Source"]["BuildSpec"])
    assert spec["phases"]["build"]["commands"] == ["make unit", "tidegate review --read-only"]


def test_it_may_log_read_the_source_and_read_what_is_deployed_and_nothing_else(
    built: Callable[..., Template],
) -> None:
    found = allowed(built())
    assert set(found) == {"WriteLog", "ReadSource", "ReadDeployed"}
    assert found["ReadDeployed"] == ("sts:AssumeRole", LOOKUP)
    assert found["ReadSource"] == (
        [f"codeconnections:{verb}" for verb in ("GetConnection", "GetConnectionToken", "UseConnection")],
        CONNECTION,
    )
    assert not [resource for _, resource in found.values() if resource == "*"]


def test_the_token_for_comments_comes_from_its_secret_only(built: Callable[..., Template]) -> None:
    template = built(token_secret=SECRET)
    (variable,) = project(template)["Environment"]["EnvironmentVariables"]
    assert variable == {"Name": "GITHUB_TOKEN", "Value": SECRET, "Type": "SECRETS_MANAGER"}
    assert allowed(template)["ReadToken"] == ("secretsmanager:GetSecretValue", SECRET)


def test_the_build_is_not_privileged(built: Callable[..., Template]) -> None:
    assert project(built())["Environment"]["PrivilegedMode"] is False


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": DeliverySource.codecommit("digits")}, "source must be a connection: .* got codecommit"),
        ({"commands": []}, "must have at least one command, got none"),
    ],
)
def test_rejects_what_cannot_be_built(
    built: Callable[..., Template], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        built(**changes)
