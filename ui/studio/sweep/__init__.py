"""The studio's sweep: how it is asked for, followed and put into words."""
