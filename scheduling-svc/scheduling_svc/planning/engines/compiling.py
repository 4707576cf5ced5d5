"""Compilation of the search's inner loops to machine code, at first use; kept on disk beside the module afterwards.

It takes about a minute, once for each installation: `python -m scheduling_svc.planning.engines.warm_up` does it
beforehand. Where nothing may be written ($NUMBA_CACHE_DIR names another folder) every process compiles anew.
The same functions run as plain Python with NUMBA_DISABLE_JIT=1, a few hundred times slower and with the same result.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile without the interpreter lock, so that regions may be planned by threads as well as by processes."""
    try:
        return cast(Function, njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no folder that can be written
        return cast(Function, njit(nogil=True)(function))


def at_hand(function: Callable[..., Any]) -> bool:
    """Whether a compiled function can be called without compiling: by this process before, or found on disk."""
    if not hasattr(function, "signatures") or function.signatures:
        return True
    folder = getattr(function._cache, "cache_path", None)  # type: ignore[attr-defined]
    return folder is not None and any(Path(folder).glob(f"*.{function.__name__}-*.nbi"))
