"""`psbridge fleet`: how the runs of all workers stand, and the brake for all of them."""
