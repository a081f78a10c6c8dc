"""Inference components: models that share the instances of an endpoint, each with copies of its own.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateInferenceComponent.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-deploy-models.html
"""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final

from localcloud.hosting import Host, launch_hosts
from localcloud.sagemaker.component import Component, ComponentStatus, component_container
from localcloud.sagemaker.component_rollout import Rollout, rolling_rules
from localcloud.sagemaker.endpoints import Endpoints
from localcloud.sagemaker.guardrails import Guardrails
from localcloud.sagemaker.listing import Listing
from localcloud.sagemaker.models import Models
from localcloud.sagemaker.names import Params, already_there, arn, invalid, not_found, require_emulated
from localcloud.sagemaker.routing import Route
from localcloud.sagemaker.tags import Tags
from localcloud.sagemaker.work import EndpointWork

_CREATE: Final = frozenset(
    {"InferenceComponentName", "EndpointName", "VariantName", "Specification", "RuntimeConfig", "Tags"}
)
_UPDATE: Final = frozenset({"InferenceComponentName", "Specification", "RuntimeConfig", "DeploymentConfig"})
_LISTING: Final = Listing(
    result="InferenceComponents", name="InferenceComponentName", status="InferenceComponentStatus"
)


class Components:
    """The inference components of the account. Every method is called under the service's lock.

    Args:
        work: what changes need.
        tags: where tags are kept.
        models: models by name.
        endpoints: the endpoints.

    """

    def __init__(self, work: EndpointWork, tags: Tags, models: Models, endpoints: Endpoints) -> None:
        self._work = work
        self._tags = tags
        self._models = models
        self._endpoints = endpoints
        self._components: dict[str, Component] = {}

    def find(self, name: str) -> Component | None:
        """Return a component, or None."""
        return self._components.get(name.lower())

    def on(self, endpoint_name: str) -> list[str]:
        """Return the names of an endpoint's components."""
        return [each.name for each in self._components.values() if each.endpoint == endpoint_name]

    def op_create_inference_component(self, params: Params) -> dict[str, Any]:
        """Create a component on a variant without a model, with at least one copy."""
        require_emulated(params, _CREATE, "CreateInferenceComponent")
        name = params["InferenceComponentName"]
        if self.find(name) is not None:
            raise already_there("inference component", arn("inference-component", name))
        for member in ("VariantName", "Specification", "RuntimeConfig"):
            if member not in params:
                raise invalid(f"{member} is required for the inference component {name}")
        count = params["RuntimeConfig"]["CopyCount"]
        if count < 1:
            raise invalid(f"CopyCount must be at least 1 when an inference component is created, got {count}")
        now = self._work.clock.now()
        component = Component(
            name=name,
            endpoint=self._endpoints.get(params["EndpointName"]).name,
            variant=self._variant(params),
            specification=params["Specification"],
            container=component_container(params["Specification"], self._models),
            desired=count,
            created=now,
            modified=now,
        )
        self._components[name.lower()] = component
        self._tags.create(component.arn, params.get("Tags"))
        self._change(component, "Creating", lambda failed: self._settle(component, failed, "Failed"))
        return {"InferenceComponentArn": component.arn}

    def op_describe_inference_component(self, params: Params) -> dict[str, Any]:
        """Describe a component."""
        return self._get(params).describe()

    def op_list_inference_components(self, params: Params) -> dict[str, Any]:
        """List components, of an endpoint or a variant if asked for."""
        endpoint, variant = params.get("EndpointNameEquals"), params.get("VariantNameEquals")
        found = [
            each.summary()
            for each in self._components.values()
            if endpoint in (None, each.endpoint) and variant in (None, each.variant)
        ]
        return _LISTING.page(found, params)

    def op_update_inference_component(self, params: Params) -> dict[str, Any]:
        """Replace all copies, at once or batch by batch, by those of another specification."""
        require_emulated(params, _UPDATE, "UpdateInferenceComponent")
        component = self._changeable(params)
        rules = self._rules(component, params)
        before = (component.specification, component.container, component.desired)
        component.desired = params.get("RuntimeConfig", {}).get("CopyCount", component.desired)
        fresh = "Specification" in params
        if fresh:
            component.specification = params["Specification"]
            component.container = component_container(params["Specification"], self._models)

        def settle(failed: BaseException | None) -> None:
            if failed is not None:
                component.specification, component.container, component.desired = before
            self._settle(component, failed, "InService")

        if rules is not None and fresh:
            component.deployment_config = params["DeploymentConfig"]
            self._enter(component, "Updating")
            Rollout(
                self._work,
                component,
                old=before[1],
                rules=rules,
                publish=lambda: self._publish(component),
                settle=settle,
            ).begin()
        else:
            self._change(component, "Updating", settle, fresh=fresh)
        return {"InferenceComponentArn": component.arn}

    def op_update_inference_component_runtime_config(self, params: Params) -> dict[str, Any]:
        """Change the number of copies, also to none."""
        component = self._changeable(params)
        before, component.desired = component.desired, params["DesiredRuntimeConfig"]["CopyCount"]

        def settle(failed: BaseException | None) -> None:
            if failed is not None:
                component.desired = before
            self._settle(component, failed, "InService")

        self._change(component, "Updating", settle)
        return {"InferenceComponentArn": component.arn}

    def op_delete_inference_component(self, params: Params) -> dict[str, Any]:
        """Delete a component; its copies end after the requests in hand."""
        component = self._get(params)
        if component.status not in ("InService", "Failed"):
            raise _in_progress(component)
        self._enter(component, "Deleting")
        self._work.routes.drop_component(component.endpoint, component.name)
        self._work.engine.retire(component.copies)

        def gone() -> None:
            with self._work.lock:
                self._components.pop(component.name.lower(), None)
                self._tags.forget(component.arn)

        self._work.clock.after(self._work.durations.delete, gone)
        return {}

    def _get(self, params: Params) -> Component:
        component = self.find(params["InferenceComponentName"])
        if component is None:
            missing = arn("inference-component", params["InferenceComponentName"])
            raise not_found("inference component", missing)
        return component

    def _changeable(self, params: Params) -> Component:
        component = self._get(params)
        if component.status != "InService":
            raise _in_progress(component)
        return component

    def _rules(self, component: Component, params: Params) -> Guardrails | None:
        if "DeploymentConfig" not in params:
            return None
        rules = rolling_rules(params["DeploymentConfig"])
        copies = params.get("RuntimeConfig", {}).get("CopyCount", component.desired)
        if copies > 1:
            rules.check({component.name: copies})
        missing = set(rules.alarms) - set(self._work.alarm_states(rules.alarms))
        if missing:
            raise invalid(f"Could not find CloudWatch alarm(s) {', '.join(sorted(missing))}.")
        return rules

    def _variant(self, params: Params) -> str:
        endpoint, name = self._endpoints.get(params["EndpointName"]), str(params["VariantName"])
        if endpoint.status != "InService":
            raise invalid(
                f'Cannot create an inference component: endpoint "{endpoint.arn}" is not InService.'
            )
        variant = endpoint.variants.get(name)
        if variant is None or variant.settings.mode != "Components":
            raise invalid(
                f"Variant {name} of endpoint {endpoint.name} hosts no inference components: it must exist "
                "and have no model of its own."
            )
        return name

    def _change(
        self,
        component: Component,
        status: ComponentStatus,
        settle: Callable[[BaseException | None], None],
        *,
        fresh: bool = False,
    ) -> None:
        """Start the copies that are missing, or all; until they answer, requests go to the old ones."""
        self._enter(component, status)
        missing = component.desired - (0 if fresh else len(component.copies))
        launched = launch_hosts(self._work.engine, component.container, count=max(0, missing))

        def finish(future: Future[list[Host]]) -> None:
            with self._work.lock:
                old = component.copies if fresh and future.exception() is None else ()
                if future.exception() is None:
                    component.copies = (*(() if fresh else component.copies), *future.result())
                settle(future.exception())
                self._work.engine.retire(old)

        self._work.clock.after(self._work.durations.component, lambda: launched.add_done_callback(finish))

    def _settle(self, component: Component, failed: BaseException | None, otherwise: ComponentStatus) -> None:
        component.failure = str(failed) if failed is not None else None
        self._enter(component, "InService" if failed is None else otherwise)
        surplus = component.copies[component.desired :]
        component.copies = component.copies[: component.desired]
        if component.status == "InService":
            self._publish(component)
        self._work.engine.retire(surplus)

    def _publish(self, component: Component) -> None:
        config = self._endpoints.get(component.endpoint).config
        route = Route(
            variant=component.variant,
            config=config.name,
            instances=component.copies,
            capacity=len(component.copies),
            metrics_seconds=config.metrics_seconds,
            component=component.name,
        )
        self._work.routes.publish_component(component.endpoint, route)

    def _enter(self, component: Component, status: ComponentStatus) -> None:
        component.status, component.modified = status, self._work.clock.now()


def _in_progress(component: Component) -> Exception:
    return invalid(f'Cannot update in-progress inference component "{component.arn}".')
