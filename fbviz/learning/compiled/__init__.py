"""Updates as one compiled function: what PyTorch computes, without its calls. PyTorch is the truth it is held to.

`Compiled` is a way of updating, in update.UPDATES; the kernel is in kernel.py, and numba is imported for it alone.
"""

from fbviz.learning.compiled.update import Compiled

__all__ = ["Compiled"]
