"""The command `review`."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from tidegate_cli.command_line import AsJson, EndpointUrl, Profile, Region, told_in_one_line
from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.operator.session import Aws
from tidegate_cli.review.access import Access
from tidegate_cli.review.assembly import read_assembly
from tidegate_cli.review.post import longest_comment, parse_place, post
from tidegate_cli.review.report import markdown, verdict_line
from tidegate_cli.review.review import StackReview
from tidegate_cli.review.review import review as review_stacks


def review(
    *,
    app: Annotated[Path, typer.Option(help="Folder of the cloud assembly that `cdk synth` wrote.")] = Path(
        "cdk.out"
    ),
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Make no change sets: compare templates only.")
    ] = False,
    allow: Annotated[
        list[str] | None, typer.Option(help="A loss that is intended, as STACK/LOGICAL-ID; may be repeated.")
    ] = None,
    markdown_file: Annotated[
        Path | None, typer.Option("--markdown", help="Write the review there, as Markdown.")
    ] = None,
    place: Annotated[
        str | None,
        typer.Option("--post", help="Comment on a pull request: FORGE:REPOSITORY#NUMBER."),
    ] = None,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Compare the synthesized stacks with the deployed ones; refuse the loss of a resource with state."""
    with told_in_one_line():
        where = None if place is None else parse_place(place)
        aws = Aws(profile=profile, region=region, endpoint_url=endpoint_url)
        stacks = review_stacks(
            Access(aws=aws), read_assembly(app), read_only=read_only, allowed=frozenset(allow or ())
        )
        _tell(stacks, as_json=as_json, file=markdown_file)
        if where is not None:
            text = markdown(stacks, longest=longest_comment(where))
            post(where, text, environment=os.environ, codecommit=lambda: aws.codecommit)
        if any(stack.refused for stack in stacks):
            raise CliError(_refused(stacks), ExitCode.REFUSED)


def _tell(stacks: tuple[StackReview, ...], *, as_json: bool, file: Path | None) -> None:
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(markdown(stacks) + "\n")
    if as_json:
        document = {"verdict": verdict_line(stacks), "stacks": [stack.to_json() for stack in stacks]}
        typer.echo(json.dumps(document, indent=2))
    else:
        typer.echo(markdown(stacks))


def _refused(stacks: tuple[StackReview, ...]) -> str:
    said = [refusal.sentence() for stack in stacks for refusal in stack.refusals if not refusal.allowed]
    return "; ".join(said)
