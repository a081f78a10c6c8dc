"""The rules about numbers, names and words: the one place of every refusal that is no cell of the table."""

from collections.abc import Mapping
from typing import Final

from tidegate._rulebook import Rule
from tidegate._rulebook_guardrails import GUARDRAILS
from tidegate._rulebook_hosting import HOSTING
from tidegate._rulebook_models import MODELS
from tidegate._rulebook_scaling import ALARMS, JOBS, SCALING

AREAS: Final[Mapping[str, Mapping[str, Rule]]] = {
    "Endpoints": HOSTING,
    "Deployment guardrails": GUARDRAILS,
    "Models": MODELS,
    "Scaling": SCALING,
    "Alarms": ALARMS,
    "Transform jobs": JOBS,
}
"""The rules by area, as the documentation lists them."""

RULES: Final[Mapping[str, Rule]] = {rule: one for area in AREAS.values() for rule, one in area.items()}
"""Every rule by its id."""


def reason(rule: str, text: str) -> str:
    """Return what is wrong, with the rule's own reason behind it.

    Raises:
        LookupError: there is no such rule.

    """
    because = RULES[rule].because
    return f"{text}, because {because}" if because else text


def refusal(rule: str, text: str) -> str:
    """Return the words of one refusal: what is wrong, why, the rule, and the page that says so."""
    return f"{reason(rule, text)} [{rule}: {RULES[rule].source}]"
