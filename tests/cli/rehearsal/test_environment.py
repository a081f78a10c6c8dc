"""No process of a rehearsal can reach a real AWS account."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tidegate_cli.failures import CliError
from tidegate_cli.rehearsal.clients import LocalAws
from tidegate_cli.rehearsal.environment import RehearsalEnvironment, replace_own, require_loopback

LOCAL = "http://127.0.0.1:4566"
USERS = {
    "AWS_PROFILE": "production",
    "AWS_ACCESS_KEY_ID": "AKIAREAL",
    "AWS_SESSION_TOKEN": "token",
    "AWS_ROLE_ARN": "arn:aws:iam::1:role/x",
    "AWS_ENDPOINT_URL_S3": "https://s3.eu-west-1.amazonaws.com",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
    "aws_profile": "lower",
    "CDK_DEFAULT_ACCOUNT": "111122223333",
    "HTTPS_PROXY": "http://proxy:3128",
    "http_proxy": "http://proxy:3128",
    "PATH": "/usr/bin",
    "HOME": "/home/user",
}


def test_nothing_of_the_users_aws_is_inherited(tmp_path: Path) -> None:
    built = RehearsalEnvironment(work=tmp_path, endpoint_url=LOCAL).build(USERS)
    leaked = {name for name, value in USERS.items() if built.get(name) == value}
    assert leaked == {"HOME"}
    assert "AWS_SESSION_TOKEN" not in built
    assert "AWS_ENDPOINT_URL_S3" not in built


def test_each_child_gets_fake_credentials_an_empty_configuration_and_one_address(tmp_path: Path) -> None:
    built = RehearsalEnvironment(work=tmp_path, endpoint_url=LOCAL).build(USERS)
    assert built["AWS_ENDPOINT_URL"] == LOCAL
    assert built["AWS_ACCESS_KEY_ID"] == "000000000000"
    assert built["AWS_REGION"] == built["AWS_DEFAULT_REGION"] == "us-east-1"
    assert built["AWS_EC2_METADATA_DISABLED"] == "true"
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        assert Path(built[name]).read_text() == ""


def test_boto3_in_a_child_sees_the_local_cloud_only(tmp_path: Path) -> None:
    built = RehearsalEnvironment(work=tmp_path, endpoint_url=LOCAL).build({**os.environ, **USERS})
    code = "import boto3; c = boto3.client('sagemaker'); print(c.meta.endpoint_url, c.meta.region_name)"
    answer = subprocess.run(
        [sys.executable, "-c", code], env=built, capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == [LOCAL, "us-east-1"]


def test_before_the_cloud_listens_a_stray_call_reaches_nobody(tmp_path: Path) -> None:
    built = RehearsalEnvironment(work=tmp_path).build(USERS)
    assert built["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"


def test_this_process_forgets_the_users_aws_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(USERS))
    built = RehearsalEnvironment(work=tmp_path, endpoint_url=LOCAL).build(os.environ)
    replace_own(built, os.environ)
    assert "AWS_PROFILE" not in os.environ
    assert os.environ["AWS_ENDPOINT_URL"] == LOCAL


@pytest.mark.parametrize(
    "url",
    [
        "https://sagemaker.us-east-1.amazonaws.com",
        "http://10.0.0.1:4566",
        "http://0.0.0.0:4566",
        "http://127.0.0.1.example.com:4566",
        "http://localhost.example.com",
        "",
    ],
)
def test_rejects_an_endpoint_that_is_not_loopback(url: str, tmp_path: Path) -> None:
    with pytest.raises(CliError, match="loopback"):
        require_loopback(url)
    with pytest.raises(CliError, match="loopback"):
        RehearsalEnvironment(work=tmp_path, endpoint_url=url)
    with pytest.raises(CliError, match="loopback"):
        LocalAws(endpoint_url=url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "http://127.1.2.3"]
)
def test_accepts_loopback_addresses(url: str) -> None:
    assert require_loopback(url) == url
