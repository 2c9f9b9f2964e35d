"""Devices: where the numbers are made."""

from __future__ import annotations

import torch

from fbviz.experiment import Experiment

LARGE = 5_000_000  # multiply-adds a step above which a GPU is worth its calls: an H200 against one core, by PyTorch


def found() -> list[str]:
    """The devices this machine has, by the names that links use."""
    return ["cpu", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))]


def device(experiment: Experiment) -> torch.device:
    """Where it is trained here: `auto` is the CPU, and for much work the first GPU; one that is missing is the CPU."""
    names, asked = found(), experiment.training.device
    if asked == "auto":
        return torch.device(names[1] if len(names) > 1 and experiment.work > LARGE else "cpu")
    return torch.device(asked if asked in names else "cpu")
