"""The endpoint operations and their refusals.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpointWeightsAndCapacities.html
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from localcloud.clock import CloudClock
from localcloud.errors import NotEmulated
from localcloud.sagemaker.changes import Change, retain, retained
from localcloud.sagemaker.configs import EndpointConfig, EndpointConfigs
from localcloud.sagemaker.endpoint import Endpoint, Pending, Variant, new_variants
from localcloud.sagemaker.guardrails import Guardrails, parse
from localcloud.sagemaker.kinds import check_kind
from localcloud.sagemaker.listing import Listing
from localcloud.sagemaker.names import Params, already_there, arn, invalid, not_found, require_emulated
from localcloud.sagemaker.tags import Tags
from localcloud.sagemaker.variants import require_traffic
from localcloud.sagemaker.work import AlarmStates

if TYPE_CHECKING:
    from localcloud.sagemaker.deployments import Deployments

_CREATE: Final = frozenset({"EndpointName", "EndpointConfigName", "DeploymentConfig", "Tags"})
_UPDATE: Final = frozenset(
    {"EndpointName", "EndpointConfigName", "RetainAllVariantProperties", "ExcludeRetainedVariantProperties"}
    | {"DeploymentConfig", "RetainDeploymentConfig"}
)
_LISTING: Final = Listing(result="Endpoints", name="EndpointName", status="EndpointStatus")

IsScaled = Callable[[str, str], bool]


class Queues(Protocol):
    """The queues of asynchronous endpoints."""

    def follow(self, endpoint_name: str) -> None:
        """Begin to work off the requests of an endpoint."""

    def forget(self, endpoint_name: str) -> None:
        """Drop an endpoint and what is queued for it; one without a queue is passed over."""


class Endpoints:
    """The endpoints of the account. Every method is called under the service's lock.

    Args:
        clock: the cloud clock.
        tags: where tags are kept.
        configs: endpoint configurations.
        is_scaled: whether (endpoint, variant) is a registered scalable target.
        alarm_states: returns the state of each CloudWatch alarm that exists, by name.
        queues: works off the requests of asynchronous endpoints; without it there are none.

    """

    def __init__(
        self,
        *,
        clock: CloudClock,
        tags: Tags,
        configs: EndpointConfigs,
        is_scaled: IsScaled,
        alarm_states: AlarmStates,
        queues: Queues | None,
    ) -> None:
        self._clock = clock
        self._tags = tags
        self._configs = configs
        self._is_scaled = is_scaled
        self._alarm_states = alarm_states
        self._queues = queues
        self._endpoints: dict[str, Endpoint] = {}
        self.deployments: Deployments
        self.components_on: Callable[[str], list[str]] = lambda _endpoint: []

    def get(self, name: str) -> Endpoint:
        """Return an endpoint; case does not matter.

        Raises:
            AwsError: ValidationException, when there is none.

        """
        endpoint = self.find(name)
        if endpoint is None:
            raise not_found("endpoint", arn("endpoint", name))
        return endpoint

    def find(self, name: str) -> Endpoint | None:
        """Return an endpoint, or None."""
        return self._endpoints.get(name.lower())

    def forget(self, endpoint: Endpoint) -> None:
        """Drop an endpoint that has been deleted."""
        self._endpoints.pop(endpoint.name.lower(), None)
        self._tags.forget(endpoint.arn)
        if self._queues is not None:
            self._queues.forget(endpoint.name)

    def op_create_endpoint(self, params: Params) -> dict[str, Any]:
        """Create an endpoint."""
        require_emulated(params, _CREATE, "CreateEndpoint")
        name = params["EndpointName"]
        if self.find(name) is not None:
            raise already_there("endpoint", arn("endpoint", name))
        config, now = self._configs.get(params["EndpointConfigName"]), self._clock.now()
        endpoint = Endpoint(
            name=name,
            arn=arn("endpoint", name),
            created=now,
            modified=now,
            status="Creating",
            config=config,
            variants={variant.name: variant for variant in new_variants(config, now=now)},
            deployment_config=params.get("DeploymentConfig"),
            capture=config.capture,
        )
        parse(params.get("DeploymentConfig", {}))
        if config.asynchronous is not None:
            if self._queues is None:
                raise NotEmulated("SageMaker asynchronous inference without S3")
            self._queues.follow(name)
        self._endpoints[name.lower()] = endpoint
        self._tags.create(endpoint.arn, params.get("Tags"))
        self.deployments.create(endpoint)
        return {"EndpointArn": endpoint.arn}

    def op_describe_endpoint(self, params: Params) -> dict[str, Any]:
        """Describe an endpoint."""
        return self.get(params["EndpointName"]).describe()

    def op_list_endpoints(self, params: Params) -> dict[str, Any]:
        """List endpoints."""
        return _LISTING.page((each.summary() for each in self._endpoints.values()), params)

    def op_update_endpoint(self, params: Params) -> dict[str, Any]:
        """Deploy a configuration to a new fleet; the same one again is a deployment too."""
        require_emulated(params, _UPDATE, "UpdateEndpoint")
        endpoint = self._changeable(params["EndpointName"])
        kept = retained(params)
        config = self._configs.get(params["EndpointConfigName"])
        self._check_scaled(endpoint, config)
        check_kind(endpoint, config)
        variants = new_variants(config, now=self._clock.now())
        for variant in variants:
            retain(variant, endpoint.variants.get(variant.name), kept)
        require_traffic([each.desired_weight for each in variants if not each.settings.shadow])
        rules = self._guardrails(endpoint, variants, params)
        capture = endpoint.capture if "DataCaptureConfig" in kept else config.capture
        pending = Pending(config=config, variants=variants, started=self._clock.now(), capture=capture)
        self.deployments.update(endpoint, pending, rules)
        return {"EndpointArn": endpoint.arn}

    def op_update_endpoint_weights_and_capacities(self, params: Params) -> dict[str, Any]:
        """Change the weights of several variants, and the capacity of one."""
        endpoint = self._changeable(params["EndpointName"])
        self.deployments.change(endpoint, Change.read(endpoint, params))
        return {"EndpointArn": endpoint.arn}

    def op_delete_endpoint(self, params: Params) -> dict[str, Any]:
        """Delete an endpoint that is InService or Failed."""
        endpoint = self.get(params["EndpointName"])
        if endpoint.status not in ("InService", "Failed", "UpdateRollbackFailed"):
            raise _in_progress(endpoint)
        components = self.components_on(endpoint.name)
        if components:
            raise invalid(
                f'Cannot delete endpoint "{endpoint.arn}": delete its inference components first: '
                f"{', '.join(components)}"
            )
        self.deployments.delete(endpoint)
        return {}

    def _guardrails(self, endpoint: Endpoint, variants: tuple[Variant, ...], params: Params) -> Guardrails:
        kept = endpoint.deployment_config if params.get("RetainDeploymentConfig") else None
        given = params.get("DeploymentConfig", kept)
        rules = parse(given or {})
        if rules.guarded and {variant.name for variant in variants} != set(endpoint.variants):
            raise invalid("deployment guardrails need the same variant names in both endpoint configurations")
        if given and any(variant.desired_concurrency for variant in variants):
            raise invalid("deployment guardrails apply to real-time and asynchronous endpoints only")
        rules.check({variant.name: variant.desired_count for variant in variants})
        missing = set(rules.alarms) - set(self._alarm_states(rules.alarms))
        if missing:
            raise invalid(f"Could not find CloudWatch alarm(s) {', '.join(sorted(missing))}.")
        endpoint.deployment_config = given or endpoint.deployment_config
        return rules

    def _changeable(self, name: str) -> Endpoint:
        endpoint = self.get(name)
        if endpoint.status == "Failed":
            raise invalid(f'Cannot update failed endpoint "{endpoint.arn}": it can only be deleted.')
        if endpoint.status != "InService":
            raise _in_progress(endpoint)
        return endpoint

    def _check_scaled(self, endpoint: Endpoint, config: EndpointConfig) -> None:
        """Refuse what AWS refuses while a variant is a scalable target.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
        """
        wanted = {settings.name: settings.instance_type for settings in config.variants}
        for name, variant in endpoint.variants.items():
            had, becomes = variant.settings.instance_type, wanted.get(name)
            if becomes == had or not self._is_scaled(endpoint.name, name):
                continue
            what = "is removed" if becomes is None else f"changes its instance type from {had} to {becomes}"
            raise invalid(
                f'Cannot update endpoint "{endpoint.arn}": variant {name} {what} and is registered as a '
                "scalable target with Application Auto Scaling. Deregister it first."
            )


def _in_progress(endpoint: Endpoint) -> Exception:
    return invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
