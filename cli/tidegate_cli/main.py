"""The commands of `tidegate`, put together; `status`, `abort` and the rehearsals are written here."""

import json
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from tidegate_cli.advise import advise
from tidegate_cli.check_model.command import check_model
from tidegate_cli.command_line import (
    AsJson,
    EndpointUrl,
    Environment,
    Profile,
    Region,
    Service,
    make_console,
    told_in_one_line,
)
from tidegate_cli.failures import ExitCode
from tidegate_cli.lineage.command import lineage
from tidegate_cli.operator.abort import start_rollback, wait_for_weight_zero
from tidegate_cli.operator.commands import explain, history
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.session import Aws
from tidegate_cli.operator.status import read_status
from tidegate_cli.operator.status_view import status_table
from tidegate_cli.operator.steering_commands import hold, promote, resume
from tidegate_cli.operator.watch import display, watch
from tidegate_cli.plan import plan
from tidegate_cli.review.command import review
from tidegate_cli.smoke import smoke

app = typer.Typer(
    help="Roll out machine-learning models on Amazon SageMaker step by step, and back.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(advise)
app.command()(check_model)
app.command()(plan)
app.command()(history)
app.command()(explain)
app.command()(lineage)
app.command()(review)
app.command()(hold)
app.command()(resume)
app.command()(promote)
app.command()(smoke)


@app.command()
def status(
    service: Service,
    environment: Environment,
    *,
    watching: Annotated[bool, typer.Option("--watch", help="Show it until the rollout ends.")] = False,
    interval: Annotated[float, typer.Option(help="Seconds between two looks of --watch.", min=1)] = 5,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Show a service's live version and its newest rollout: step, share, evidence, what is next."""
    with told_in_one_line():
        aws = Aws(profile=profile, region=region, endpoint_url=endpoint_url)
        controller = Controller.find(aws, service=service, environment=environment)
        if watching:
            with display(make_console(), as_json=as_json) as show:
                raise typer.Exit(int(watch(aws, controller, show=show, interval_seconds=interval)))
        found = read_status(aws, controller)
        if as_json:
            typer.echo(json.dumps(found.to_json(), indent=2))
        else:
            make_console().print(status_table(found))


@app.command()
def abort(
    service: Service,
    environment: Environment,
    *,
    reason: Annotated[str, typer.Option(help="Why; goes into the ledger.")] = "aborted by an operator",
    wait: Annotated[bool, typer.Option(help="Wait until weight 0 is seen.")] = True,
    timeout: Annotated[float, typer.Option(help="Seconds to wait.", min=1)] = 900,
    profile: Profile = None,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Roll back the rollout in flight."""
    with told_in_one_line():
        aws = Aws(profile=profile, region=region, endpoint_url=endpoint_url)
        controller = Controller.find(aws, service=service, environment=environment)
        started = start_rollback(aws, controller, reason=reason)
        was = "was started before" if started.already else "started"
        typer.echo(f"rollback of {started.rollout_id} {was}")
        _show_what_goes_back(aws, controller, started.rollout_id)
        if started.promoted:
            typer.echo("the version was being promoted: the way back is a stack update and takes minutes")
        if wait and not started.promoted:
            seconds = wait_for_weight_zero(aws, controller, timeout_seconds=timeout, report=typer.echo)
            typer.echo(f"weight 0 seen after {seconds:.0f} s")


def _show_what_goes_back(aws: Aws, controller: Controller, rollout_id: str) -> None:
    """Print the status; the rollback that has been started needs none of what is read for it."""
    try:
        make_console().print(status_table(read_status(aws, controller, rollout_id=rollout_id)))
    except (BotoCoreError, ClientError) as error:
        typer.echo(f"its status cannot be read: {error}")


@app.command()
def rehearse(
    *,
    keep: Annotated[Path | None, typer.Option(help="Work in this folder, and keep it.")] = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 picks a free one.", min=0, max=65535)] = 0,
    service: Annotated[Path, typer.Option(help="Service file.")] = Path("services/digits.yaml"),
    report: Annotated[Path, typer.Option(help="Where to write the report.")] = Path("out/rehearsal.html"),
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result there too.")] = None,
    rate: Annotated[float, typer.Option(help="Requests a second.", min=1, max=2000)] = 200,
    time_scale: Annotated[float, typer.Option(help="Cloud seconds in a second.", min=1, max=600)] = 60,
) -> None:
    """Rehearse a rollout end to end on this machine; no AWS account is touched."""
    from tidegate_cli.rehearsal.command import Options, run_rehearsal

    options = Options(
        keep=keep,
        port=port,
        service_file=service,
        report=report,
        json_file=json_file,
        rate=rate,
        time_scale=time_scale,
    )
    code = run_rehearsal(options, console=make_console())
    if code:
        raise typer.Exit(code)


@app.command("rehearse-pipeline")
def rehearse_pipeline(
    *,
    keep: Annotated[Path | None, typer.Option(help="Work in this folder, and keep it.")] = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 picks a free one.", min=0, max=65535)] = 0,
    report: Annotated[Path, typer.Option(help="Where to write the report.")] = Path(
        "out/rehearsal-pipeline.html"
    ),
    time_scale: Annotated[float, typer.Option(help="Cloud seconds in a second.", min=1, max=600)] = 60,
) -> None:
    """Rehearse a delivery pipeline end to end on this machine; no AWS account is touched."""
    from tidegate_cli.rehearsal_pipeline.command import Options, run_pipeline_rehearsal

    options = Options(keep=keep, port=port, report=report, time_scale=time_scale)
    code = run_pipeline_rehearsal(options, console=make_console())
    if code:
        raise typer.Exit(code)


__all__ = ["ExitCode", "app"]
