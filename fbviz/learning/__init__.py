"""The only torch: networks, their gradients, and what is measured on them."""
