"""The door for notebooks and scripts: `from fbviz.training import train`."""

from fbviz.learning.run import Checkpoint
from fbviz.learning.training import every, train

__all__ = ["Checkpoint", "every", "train"]
