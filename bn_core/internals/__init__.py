"""What the steps and the layer are made of: exact sums, checked arguments, weights, renorm and the fast arithmetic."""
