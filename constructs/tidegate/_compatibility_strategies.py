"""The rows of the compatibility table about variants, strategies of change, and scaling."""

from collections.abc import Mapping
from typing import Final

from tidegate import _compatibility_terms as at
from tidegate._compatibility_terms import Feature, Mode, Row, if_, no, quiet, row, yes

RT, MM, DI, _, IC, SL, AS, BT = Mode

_ONE_VARIANT: Final = no("a serverless endpoint has exactly one variant", at.SERVERLESS)
_ONE_MODEL_JOB: Final = no("a transform job runs one model and has no variants", at.TRANSFORM_API)
_ASYNC_VARIANTS: Final = if_(
    "the API takes them, AWS's feature matrix lists no several variants for this kind: try it first"
)
_NOTHING_TO_COUNT: Final = no(
    "asynchronous endpoints publish no Invocations by variant: a judge has nothing to count",
    f"{at.GUIDE}/async-inference-monitor.html",
)
_MANY_VARIANTS: Final = yes("variants of many models each share the traffic by weight", at.MULTI_MODEL)
_MANY_METRICS: Final = if_(
    "a variant's metrics add up all of its models: one bad model hides", at.MULTI_MODEL
)
_NOT_ROUTED: Final = quiet(
    "a request names its inference component, so variant weights route nothing", at.INVOKE
)
_NO_ENDPOINT: Final = no("a transform job has no endpoint to update", at.TRANSFORM_API)
_NO_BAKE: Final = quiet(
    "a serverless endpoint is updated all at once, without bake and without these alarms", at.MATRIX
)
_OWN_UPDATES: Final = no(
    "an inference component is updated by its own rolling policy, not by the endpoint's", at.COMPONENT_UPDATE
)
_UNDOCUMENTED: Final = "AWS does not say that it works with inference components: try it first"


def _guardrail(reason: str) -> Row:
    return row(
        yes(reason, f"{at.GUIDE}/deployment-guardrails.html"),
        ((IC,), _OWN_UPDATES),
        ((SL,), _NO_BAKE),
        ((BT,), _NO_ENDPOINT),
    )


STRATEGIES: Final[Mapping[Feature, Row]] = {
    Feature.SEVERAL_VARIANTS: row(
        yes("1 to 10 production variants share the traffic by weight", at.CONFIG_API),
        ((MM,), _MANY_VARIANTS),
        ((IC,), if_("each component names the one variant that it runs on", at.COMPONENT_API)),
        ((SL,), _ONE_VARIANT),
        ((AS,), _ASYNC_VARIANTS),
        ((BT,), _ONE_MODEL_JOB),
    ),
    Feature.AB_TEST: row(
        yes("TargetVariant pins a user to a variant, weights share the rest", at.INVOKE),
        ((MM,), _MANY_VARIANTS),
        ((IC,), _NOT_ROUTED),
        ((SL,), _ONE_VARIANT),
        ((AS,), no("an asynchronous request cannot name a variant", at.INVOKE_ASYNC)),
        ((BT,), _ONE_MODEL_JOB),
    ),
    Feature.SHADOW: row(
        no("is among the exclusions of shadow tests", at.SHADOWS),
        ((RT,), if_("exactly one production variant and one shadow variant", at.CONFIG_API)),
        ((IC,), if_(_UNDOCUMENTED, at.SHADOWS)),
        ((BT,), _ONE_MODEL_JOB),
    ),
    Feature.CANARY_BY_WEIGHTS: row(
        yes("a rollout needs two variants, their weights and their own metrics", at.CONFIG_API),
        ((MM,), _MANY_METRICS),
        ((DI,), if_("a variant's metrics add up all of its containers: one bad container hides", at.DIRECT)),
        ((IC,), _NOT_ROUTED),
        ((SL,), _ONE_VARIANT),
        ((AS,), _NOTHING_TO_COUNT),
        ((BT,), _ONE_MODEL_JOB),
    ),
    Feature.GUARDRAIL_ALL_AT_ONCE: _guardrail("the new fleet takes all traffic, then bakes"),
    Feature.GUARDRAIL_CANARY: _guardrail("two steps; the canary is at most half of the fleet"),
    Feature.GUARDRAIL_LINEAR: _guardrail("equal steps of 10 to 50 percent"),
    Feature.GUARDRAIL_ROLLING: {
        **_guardrail("batches of 5 to 50 percent"),
        IC: yes("the component's own rolling policy, in batches of copies", at.COMPONENT_UPDATE),
        SL: quiet("rolling deployments exclude serverless endpoints", at.GUARDRAILS),
    },
    Feature.AUTOSCALING: row(
        yes("Application Auto Scaling changes the variant's instance count"),
        (
            (MM,),
            if_("the metric adds up all models: they should cost about the same a request", at.MULTI_MODEL),
        ),
        (
            (DI,),
            if_(
                "the metric adds up all containers: they should cost about the same a request",
                f"{at.GUIDE}/multi-container-auto-scaling.html",
            ),
        ),
        ((IC,), yes("the component's copies scale, by sagemaker:inference-component:DesiredCopyCount")),
        (
            (SL,),
            if_(
                "only provisioned concurrency is scaled by policies; the rest scales by itself",
                f"{at.GUIDE}/serverless-endpoints-autoscale.html",
            ),
        ),
        (
            (AS,),
            if_("by backlog metrics, which carry EndpointName only; there is no Invocations", at.SCALE_ASYNC),
        ),
        ((BT,), no("a job keeps its InstanceCount from start to end", at.TRANSFORM_API)),
    ),
    Feature.SCALE_TO_ZERO: row(
        no("min_capacity 0 is for asynchronous endpoints and inference components only", at.SCALE_ASYNC),
        (
            (IC,),
            if_(
                "needs managed instance scaling from 0 and a step policy on NoCapacityInvocationFailures",
                at.TO_ZERO,
            ),
        ),
        ((SL,), yes("nothing runs and nothing is billed between requests", at.SERVERLESS)),
        ((AS,), if_("needs a step policy on HasBacklogWithoutCapacity to wake up", at.SCALE_ASYNC)),
        ((BT,), yes("nothing runs between jobs", at.TRANSFORM_API)),
    ),
    Feature.MANAGED_INSTANCE_SCALING: row(
        no("ManagedInstanceScaling is only supported for inference component endpoints", at.COMPONENTS_ONLY),
        ((IC,), if_("needs Status ENABLED", f"{at.API}/API_ProductionVariantManagedInstanceScaling.html")),
    ),
    Feature.PROVISIONED_CONCURRENCY: row(
        no("provisioned concurrency is a property of a serverless variant", at.SERVERLESS),
        ((SL,), if_("must not exceed the maximum concurrency", at.SERVERLESS)),
    ),
}
