"""The studio's sweep: its controls, its progress and its words."""
