"""The door for notebooks and scripts: `from fbviz.training import train`."""

from fbviz.learning.training import Checkpoint, every, train

__all__ = ["Checkpoint", "every", "train"]
