"""A checkpoint as bytes, so that another process can go on from it. Nothing is unpickled that is no number."""

from __future__ import annotations

import io
from dataclasses import fields

import torch

from fbviz.learning.run import Checkpoint


def packed(checkpoint: Checkpoint) -> bytes:
    """The bytes of a checkpoint."""
    file = io.BytesIO()
    torch.save({field.name: getattr(checkpoint, field.name) for field in fields(checkpoint)}, file)
    return file.getvalue()


def unpacked(data: bytes) -> Checkpoint:
    """The checkpoint in `data`, bit for bit as it was packed."""
    return Checkpoint(**torch.load(io.BytesIO(data), weights_only=True))
