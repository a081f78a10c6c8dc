"""A review is posted where the pull request is."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tidegate_cli.failures import CliError
from tidegate_cli.review.post import longest_comment, parse_place, post


class Forge(HTTPServer):
    """A forge that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told: list[tuple[str, dict[str, str], Any]] = []
        self.status = 201

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Forge

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b"no such\npull request")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def forge() -> Iterator[Forge]:
    server = Forge()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _unused() -> Any:
    raise AssertionError


@pytest.mark.parametrize(
    ("place", "variables", "path", "header", "body"),
    [
        (
            "github:owner/name#7",
            ("GITHUB_API_URL", "GITHUB_TOKEN"),
            "/repos/owner/name/issues/7/comments",
            ("Authorization", "Bearer secret"),
            {"body": "text"},
        ),
        (
            "gitlab:group/sub/name#7",
            ("CI_API_V4_URL", "GITLAB_TOKEN"),
            "/projects/group%2Fsub%2Fname/merge_requests/7/notes",
            ("Private-Token", "secret"),
            {"body": "text"},
        ),
        (
            "bitbucket:space/name#7",
            ("BITBUCKET_API_URL", "BITBUCKET_TOKEN"),
            "/repositories/space/name/pullrequests/7/comments",
            ("Authorization", "Bearer secret"),
            {"content": {"raw": "text"}},
        ),
    ],
)
def test_a_comment_goes_to_the_api_of_the_forge(
    forge: Forge,
    place: str,
    variables: tuple[str, str],
    path: str,
    header: tuple[str, str],
    body: dict[str, Any],
) -> None:
    environment = dict(zip(variables, (forge.address, "secret"), strict=True))
    post(parse_place(place), "text", environment=environment, codecommit=_unused)
    ((asked, headers, document),) = forge.told
    assert (asked, document) == (path, body)
    assert {name.title(): value for name, value in headers.items()}[header[0]] == header[1]


def test_a_refusal_of_the_forge_is_told(forge: Forge) -> None:
    forge.status = 404
    environment = {"GITHUB_API_URL": forge.address, "GITHUB_TOKEN": "secret"}
    with pytest.raises(CliError, match="github refused the comment: 404 no such pull request"):
        post(parse_place("github:o/n#7"), "text", environment=environment, codecommit=_unused)


def test_rejects_a_comment_without_a_token() -> None:
    with pytest.raises(CliError, match="needs a token in the variable GITLAB_TOKEN"):
        post(parse_place("gitlab:o/n#7"), "text", environment={}, codecommit=_unused)


def test_rejects_an_address_that_would_send_the_token_in_the_clear() -> None:
    environment = {"GITHUB_API_URL": "http://forge.example", "GITHUB_TOKEN": "secret"}
    with pytest.raises(CliError, match="GITHUB_API_URL must begin with https://"):
        post(parse_place("github:o/n#7"), "text", environment=environment, codecommit=_unused)


@pytest.mark.parametrize("text", ["github:owner/name", "svn:owner/name#7", "owner/name#7", "github:#7"])
def test_rejects_a_place_that_names_no_pull_request(text: str) -> None:
    with pytest.raises(CliError, match="must be FORGE:REPOSITORY#NUMBER"):
        parse_place(text)


def test_codecommit_is_told_between_which_commits_the_comment_is() -> None:
    client: Any = boto3.client(
        "codecommit", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    target = {"repositoryName": "tidegate", "destinationCommit": "d" * 40, "sourceCommit": "s" * 40}
    with Stubber(client) as stubber:
        stubber.add_response("get_pull_request", {"pullRequest": {"pullRequestTargets": [target]}})
        expected = {
            "pullRequestId": "7",
            "repositoryName": "tidegate",
            "beforeCommitId": "d" * 40,
            "afterCommitId": "s" * 40,
            "content": "text",
        }
        stubber.add_response("post_comment_for_pull_request", {}, expected)
        post(parse_place("codecommit:tidegate#7"), "text", environment={}, codecommit=lambda: client)
        stubber.assert_no_pending_responses()
    assert longest_comment(parse_place("codecommit:tidegate#7")) == 10_240
