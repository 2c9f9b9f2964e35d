"""Devices: where the numbers are made."""

from __future__ import annotations

import torch


def found() -> list[str]:
    """The devices this machine has, by the names that links use."""
    return ["cpu", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))]


def device(asked: str) -> torch.device:
    """What `training.device` means here: `auto` is the first GPU, or the CPU; a GPU that is not here is the CPU."""
    names = found()
    if asked == "auto":
        return torch.device(names[1] if len(names) > 1 else "cpu")
    return torch.device(asked if asked in names else "cpu")
