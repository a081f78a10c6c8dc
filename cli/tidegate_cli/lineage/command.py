"""The command `lineage`."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from tidegate_cli.command_line import AsJson, EndpointUrl, Profile, Region, make_console, told_in_one_line
from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.session import Aws
from tidegate_cli.runtime import make_runtime_importable

if TYPE_CHECKING:
    from tidegate_cli.lineage.links import Link

EndpointName = Annotated[
    str | None, typer.Argument(help="Name of the endpoint, for example digits-production.")
]
OptionalService = Annotated[str | None, typer.Option(help="Name of the service, in place of the endpoint's.")]
OptionalEnvironment = Annotated[str | None, typer.Option(help="Name of the environment, with --service.")]


def lineage(
    endpoint: EndpointName = None,
    *,
    service: OptionalService = None,
    environment: OptionalEnvironment = None,
    pipeline: Annotated[
        list[str] | None,
        typer.Option(help="Name of a delivery pipeline; every one that is there by default."),
    ] = None,
    pipeline_profile: Annotated[
        str | None, typer.Option(help="AWS profile of the pipelines' account; --profile otherwise.")
    ] = None,
    pipeline_region: Annotated[
        str | None, typer.Option(help="AWS region of the pipelines; --region otherwise.")
    ] = None,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Walk back from a live endpoint to its data, code, build, checks and approvals."""
    with told_in_one_line():
        make_runtime_importable()
        from tidegate_cli.lineage.deployment import Pipelines
        from tidegate_cli.lineage.endpoint import Walk, read_lineage

        name = _name(endpoint, service, environment)
        aws = Aws(profile=profile, region=region, endpoint_url=endpoint_url)
        elsewhere = Aws(
            profile=pipeline_profile if pipeline_profile is not None else profile,
            region=pipeline_region if pipeline_region is not None else region,
            endpoint_url=endpoint_url,
        )
        pipelines = Pipelines(aws=elsewhere, names=tuple(pipeline or ()))
        controller = Controller.of_endpoint(aws, name)
        walk = Walk(aws=aws, endpoint=name, controller=controller, pipelines=pipelines)
        _tell(read_lineage(walk), as_json=as_json)


def _tell(found: "Link", *, as_json: bool) -> None:
    from tidegate_cli.lineage.links import missing_links
    from tidegate_cli.lineage.view import lineage_parts

    if as_json:
        typer.echo(json.dumps({**found.to_json(), "missing_links": list(missing_links(found))}, indent=2))
        return
    console = make_console()
    for part in lineage_parts(found):
        console.print(part)


def _name(endpoint: str | None, service: str | None, environment: str | None) -> str:
    both = service is not None and environment is not None
    if (endpoint is None) == both and (service is None) == (environment is None):
        return f"{service}-{environment}" if both else str(endpoint)
    raise CliError("name the endpoint, or give --service and --environment", ExitCode.USAGE)
