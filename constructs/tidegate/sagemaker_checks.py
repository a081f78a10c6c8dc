"""Security Hub's controls of SageMaker, checked while an app synthesizes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsii
from aws_cdk import (
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
)

from tidegate._sagemaker_rules import RULES, Rule


@jsii.implements(IPolicyValidationPlugin)
class SageMakerChecks:
    """Checks every template of an app against Security Hub's controls of SageMaker resources.

    Production variants start with more than one instance (SageMaker.4), models and monitoring jobs are
    isolated from the network (.5, .11, .12, .14), and monitoring jobs encrypt the traffic between their
    containers (.9, .10, .13, .15). A finding fails the synthesis, unless the construct acknowledges it with a
    reason: the id is `SageMakerChecks::SageMaker.5`.

    Example:
        Validations.of(app).add_plugins(SageMakerChecks())
        Validations.of(model).acknowledge(
            Acknowledgment(id="SageMakerChecks::SageMaker.5", reason="the container reads a feature store")
        )

    Source:
        https://docs.aws.amazon.com/securityhub/latest/userguide/sagemaker-controls.html

    """

    NAME: Final = "SageMakerChecks"
    """What an acknowledgement's id begins with."""

    @property
    def name(self) -> str:
        """Name of the plugin in the validation report."""
        return self.NAME

    @property
    def version(self) -> str | None:
        """Version of the plugin: none of its own."""
        return None

    @property
    def rule_ids(self) -> list[str] | None:
        """The controls that are checked."""
        return [rule.name for rule in RULES]

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Check the templates of the app; called by the CDK at the end of the synthesis."""
        violations = [
            PolicyViolation(
                rule_name=rule.name,
                description=rule.description,
                fix=rule.fix,
                severity="error",
                violating_resources=[resource],
            )
            for path in context.template_paths
            for rule, resource in _violations(Path(path))
        ]
        return PolicyValidationPluginReport(success=not violations, violations=violations)


def _violations(path: Path) -> Iterator[tuple[Rule, PolicyViolatingResource]]:
    """Yield each resource of one template under each rule that it breaks."""
    template: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for logical_id, resource in template.get("Resources", {}).items():
        for rule in RULES:
            if rule.kind != resource["Type"]:
                continue
            places = [f"Properties.{place}" for place in rule.faults(resource.get("Properties", {}))]
            if places:
                yield (
                    rule,
                    PolicyViolatingResource(
                        resource_logical_id=logical_id, template_path=str(path), locations=places
                    ),
                )
