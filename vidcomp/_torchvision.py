"""Makes a CUDA build of torchvision importable on a machine without CUDA.

The wheel on PyPI for torch 2.13 needs CUDA's libraries for its compiled operators; without them its import fails on
two operators that have no schema. Declaring the schemas is enough for everything that does not call them: resizing,
the video processors of transformers, torchcodec's transforms.
"""

from __future__ import annotations

import importlib
import importlib.util

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_declared: list[object] = []  # a torch.library.Library takes its declarations with it when it is collected


def make_importable() -> bool:
    """True when torchvision can be imported, declaring what it misses if need be; False when it is not installed."""
    if importlib.util.find_spec("torchvision") is None:
        return False
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        from torch.library import Library

        library = Library("torchvision", "DEF")
        library.define(f"nms{_SCHEMA}")
        library.define(f"qnms{_SCHEMA}")
        _declared.append(library)
        importlib.import_module("torchvision")
    return True
