"""What who teaches needs: the foot of every page, lectures, the presenter's window, worksheets."""
