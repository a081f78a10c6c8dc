"""The controller's own code for the operator's command: what judged a rollout can judge it again."""

import sys
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Final

from tidegate_cli.failures import CliError

_NAME: Final = "tidegate_runtime"


def make_runtime_importable() -> None:
    """Make `tidegate_runtime` importable where it is not: from the wheel's handlers, or the checkout's.

    Only this package: the handlers beside it have names as common as `judge` and `end`, which must not get
    onto the import path.

    Raises:
        CliError: this installation of tidegate has no handlers.

    """
    if _NAME in sys.modules or find_spec(_NAME) is not None:
        return
    folder = _lambdas_root() / _NAME
    spec = spec_from_file_location(_NAME, folder / "__init__.py", submodule_search_locations=[str(folder)])
    if spec is None or spec.loader is None or not folder.is_dir():
        raise CliError(f"this installation has no {folder}: install tidegate[cli] again")
    module = module_from_spec(spec)
    sys.modules[_NAME] = module
    spec.loader.exec_module(module)


def _lambdas_root() -> Path:
    # Found, not imported: importing the library needs what reads a ledger does not.
    library = find_spec("tidegate")
    if library is None or library.origin is None:
        raise CliError("this installation has no tidegate: install tidegate[cli] again")
    home = Path(library.origin).resolve().parent
    packaged = home / "_lambdas"
    return packaged if packaged.is_dir() else home.parents[1] / "lambdas"
