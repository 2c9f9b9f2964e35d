"""Updates as one compiled function: what PyTorch computes, without its calls. PyTorch is the truth it is held to.

update.py has the way of updating; kernel.py the function itself, for which alone numba is imported.
"""
