"""What this chapter's programs and figures both go by."""

SIDE = 60  # cells of the stability map, each way
GAIN, WEIGHT_SCALE = 4.0, 8.0  # its ends; it begins at 0
BASINS = 6  # fixed points whose basin has a colour of its own
