"""Post a review as a comment on a pull request: CodeCommit, GitHub, GitLab or Bitbucket.

Sources: https://docs.aws.amazon.com/codecommit/latest/APIReference/API_PostCommentForPullRequest.html,
https://docs.github.com/en/rest/issues/comments, https://docs.gitlab.com/api/notes/ and
https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pullrequests/
"""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from tidegate_cli.failures import CliError, ExitCode

_PLACE: Final = re.compile(r"(?P<forge>[a-z]+):(?P<repository>[^#\s]+)#(?P<number>\d+)")
_TIMEOUT_SECONDS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A pull request: which forge, which repository, which number."""

    forge: str
    repository: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forge:
    """How a forge with an HTTP API takes a comment.

    Attributes:
        address: Variable of the environment with another address of its API.
        default: The address otherwise.
        token: Variable of the environment with the token.
        path: Path of the comments of a pull request.
        headers: Headers by a token.
        body: Document by the comment's text.
        longest: Characters of a comment.

    """

    address: str
    default: str
    token: str
    path: Callable[[Place], str]
    headers: Callable[[str], Mapping[str, str]]
    body: Callable[[str], Mapping[str, Any]]
    longest: int


_BEARER: Callable[[str], Mapping[str, str]] = lambda token: {"Authorization": f"Bearer {token}"}  # noqa: E731


def _whole(repository: str) -> str:
    return quote(repository, safe="")


FORGES: Final[Mapping[str, Forge]] = {
    "github": Forge(
        address="GITHUB_API_URL",
        default="https://api.github.com",
        token="GITHUB_TOKEN",  # noqa: S106  (the name of a variable)
        path=lambda place: f"/repos/{place.repository}/issues/{place.number}/comments",
        headers=lambda token: {**_BEARER(token), "Accept": "application/vnd.github+json"},
        body=lambda text: {"body": text},
        longest=65_536,
    ),
    "gitlab": Forge(
        address="CI_API_V4_URL",
        default="https://gitlab.com/api/v4",
        token="GITLAB_TOKEN",  # noqa: S106  (the name of a variable)
        path=lambda place: (
            f"/projects/{quote(place.repository, safe='')}/merge_requests/{place.number}/notes"
        ),
        headers=lambda token: {"PRIVATE-TOKEN": token},
        body=lambda text: {"body": text},
        longest=1_000_000,
    ),
    "bitbucket": Forge(
        address="BITBUCKET_API_URL",
        default="https://api.bitbucket.org/2.0",
        token="BITBUCKET_TOKEN",  # noqa: S106  (the name of a variable)
        path=lambda place: f"/repositories/{place.repository}/pullrequests/{place.number}/comments",
        headers=_BEARER,
        body=lambda text: {"content": {"raw": text}},
        longest=32_768,
    ),
}
CODECOMMIT: Final = "codecommit"
LONGEST_IN_CODECOMMIT: Final = 10_240


def parse_place(text: str) -> Place:
    """Return the pull request that `codecommit:repository#7` or `github:owner/name#7` names.

    Raises:
        CliError: USAGE when it names none.

    """
    found = _PLACE.fullmatch(text)
    known = (CODECOMMIT, *FORGES)
    if found is None or found["forge"] not in known:
        allowed = f"must be FORGE:REPOSITORY#NUMBER with FORGE one of {', '.join(known)}"
        raise CliError(f"--post {allowed}, got {text!r}", ExitCode.USAGE)
    return Place(**found.groupdict())


def longest_comment(place: Place) -> int:
    """Return how many characters a comment may have there."""
    return LONGEST_IN_CODECOMMIT if place.forge == CODECOMMIT else FORGES[place.forge].longest


def post(place: Place, text: str, *, environment: Mapping[str, str], codecommit: Callable[[], Any]) -> None:
    """Post a comment.

    Args:
        place: The pull request.
        text: The comment, in Markdown.
        environment: Where tokens are.
        codecommit: Makes a client of CodeCommit.

    Raises:
        CliError: there is no token, or the forge refuses.

    """
    if place.forge == CODECOMMIT:
        _to_codecommit(codecommit(), place, text)
    else:
        _over_http(FORGES[place.forge], place, text, environment)


def _to_codecommit(client: Any, place: Place, text: str) -> None:
    request = client.get_pull_request(pullRequestId=place.number)["pullRequest"]
    target = next(
        (one for one in request["pullRequestTargets"] if one["repositoryName"] == place.repository), None
    )
    if target is None:
        raise CliError(f"pull request {place.number} is not one of repository {place.repository}")
    client.post_comment_for_pull_request(
        pullRequestId=place.number,
        repositoryName=place.repository,
        beforeCommitId=target["destinationCommit"],
        afterCommitId=target["sourceCommit"],
        content=text,
    )


def _over_http(forge: Forge, place: Place, text: str, environment: Mapping[str, str]) -> None:
    token = environment.get(forge.token)
    if not token:
        raise CliError(f"a comment on {place.forge} needs a token in the variable {forge.token}")
    url = f"{environment.get(forge.address) or forge.default}{forge.path(place)}"
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise CliError(f"{forge.address} must begin with https://, got {url!r}")
    headers = {"Content-Type": "application/json", "User-Agent": "tidegate", **forge.headers(token)}
    request = urllib.request.Request(url, json.dumps(forge.body(text)).encode(), headers, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS):  # noqa: S310
            return
    except urllib.error.HTTPError as error:
        said = error.read(300).decode(errors="replace")
        raise CliError(f"{place.forge} refused the comment: {error.code} {' '.join(said.split())}") from error
    except OSError as error:
        raise CliError(f"{place.forge} could not be reached: {error}") from error
