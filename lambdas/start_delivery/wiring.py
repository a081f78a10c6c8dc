"""The adapters behind the start of a delivery, made once."""

from collections.abc import Mapping

from start_delivery.logic import StartDelivery
from start_delivery.places import Place, Settings
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.adapters.model_versions import ModelVersions
from tidegate_runtime.adapters.pipelines import CodePipelines
from tidegate_runtime.adapters.role_clients import RoleClients
from tidegate_runtime.delivery_ports import Versions


def start_delivery(environ: Mapping[str, str]) -> StartDelivery:
    """Make the clients and what uses them."""
    sts = deferred("sts")

    def versions_of(place: Place) -> Versions:
        there = RoleClients(
            sts, role_arn=place.role, session_name=f"reject-{place.group}"[:64], region=place.region
        )
        return ModelVersions(lambda region: there("sagemaker", region=region))

    return StartDelivery(
        settings=Settings.from_env(environ),
        pipelines=CodePipelines(client("codepipeline")),
        versions_of=versions_of,
    )
