"""Measurements inside a lane while it trains, in the form of a snapshot. NumPy only."""
