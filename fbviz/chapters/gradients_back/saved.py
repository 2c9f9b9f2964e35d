"""How many bytes a forward pass keeps for the backward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from fbviz.learning.networks import Network

R = TypeVar("R")


def saved(forward: Callable[[], R], network: nn.Module) -> tuple[R, int]:
    """What `forward` returns, and the bytes of all tensors autograd saved in it, each memory once.

    The network's own weights are there anyway and do not count.
    """
    own = {parameter.untyped_storage().data_ptr() for parameter in network.parameters()}
    kept: dict[int, Tensor] = {}  # holds what it counts, so that no memory is used twice

    def pack(tensor: Tensor) -> Tensor:
        where = tensor.untyped_storage().data_ptr()
        if where not in own:
            kept[where] = tensor.detach()
        return tensor

    with saved_tensors_hooks(pack, same):
        result = forward()
    return result, sum(tensor.untyped_storage().nbytes() for tensor in kept.values())


def matrices(network: Network, x: Tensor) -> int:
    """The bytes of I − Jᵀ of each example, which an implicit gradient keeps besides. x: (..., N, n)."""
    return x.shape[-2] * network.state_size**2 * x.element_size()


def same(tensor: Any) -> Any:
    return tensor
