"""Every figure that can be shown: those of the house and those of the chapters."""

from fbviz.chapters import rooms
from fbviz.figures import FIGURES

rooms.enter(web=True)

__all__ = ["FIGURES"]
