"""For teachers: the foot of every page, lectures, the presenter's window, and worksheets."""
