"""One question a file. Those that need the least come first."""

from typing import Any, Final

from scripts.live.experiments import (
    buffered_prelude,
    edge_timeout,
    header_arrays,
    macro_account,
    macro_alias,
    macro_id,
    macro_timeout,
    malformed,
    message_length,
    midstream_error,
    prelude_size,
    python_bz2,
    stack_set,
)
from scripts.live.lab import Experiment

_MODULES: Final = (
    stack_set,
    macro_id,
    macro_account,
    macro_alias,
    message_length,
    python_bz2,
    malformed,
    buffered_prelude,
    header_arrays,
    prelude_size,
    midstream_error,
    edge_timeout,
    macro_timeout,
)
EXPERIMENTS: Final[dict[str, Experiment[Any]]] = {module.EXPERIMENT.id: module.EXPERIMENT for module in _MODULES}
