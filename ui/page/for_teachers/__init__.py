"""For teachers: the tools of every page, lectures, the presenter's window, and worksheets."""
