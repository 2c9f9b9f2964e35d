"""What this chapter's programs and figures both go by."""

SIDE, LOW, HIGH = 61, -2.0, 3.0  # of the plane of weights over which the loss is drawn, both ways
