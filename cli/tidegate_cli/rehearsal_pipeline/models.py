"""A version that is worse than the live one, and never fails: only a comparison of answers shows it."""

from pathlib import Path
from typing import Final

from tidegate_cli.failures import CliError
from tidegate_cli.rehearsal.models import DataSet, TrainedModel, train_all, train_on_few

ROWS: Final = 30
MUST_LOSE: Final = 0.05


def train(data: DataSet, folder: Path) -> dict[str, TrainedModel]:
    """Train the versions of the story: v1, a better v2, and v3, which is worse than both.

    Raises:
        CliError: v3 is not clearly worse: the rehearsal would tell another story than it claims.

    """
    folder.mkdir(parents=True, exist_ok=True)
    first, second, _ = train_all(data, folder)
    worse = train_on_few(data, folder, version="v3", rows=ROWS)
    if worse.accuracy > second.accuracy - MUST_LOSE or worse.failing_share:
        raise CliError(f"the trained models are not what the rehearsal needs: {second}, {worse}")
    return {model.version: model for model in (first, second, worse)}
