"""What is measured inside a lane while it trains, in the form in which a snapshot carries it. NumPy only."""
