"""Figure of the race: every net's loss, and below it how far one layer's inputs shift in each step."""

import numpy as np

from figures import theme
from figures.blank import Blank, Tracks, still
from lessons.covariate_shift.measure import LAYER, STEPS
from lessons.covariate_shift.race import RaceResult
from lessons.covariate_shift.world import NETS

LANES = (("no batch norm", theme.BEFORE), ("batch norm", theme.AFTER), ("noisy batch norm", theme.FOURTH))
MOST = (1.0, 0.82)
"""Where the axes of loss and shift end."""
TITLES = ("Loss of each net", f"Layer {LAYER + 1}'s input shift, in std")


def blank() -> Blank:
    """Two plots over the steps; all nets of a lane are one trace, with gaps between them."""
    figure = theme.base_figure(300)
    figure.update_layout(margin={"l": 44, "r": 12, "t": 30, "b": 46})
    figure.update_xaxes(range=[0, STEPS], nticks=5)
    figure.update_yaxes(nticks=4)
    figure.update_layout(yaxis={"range": [0, MOST[0]], "domain": [0.58, 1]}, xaxis={"showticklabels": False})
    below = {**figure.layout.yaxis.to_plotly_json(), "range": [0, MOST[1]], "domain": [0, 0.46], "anchor": "x2"}
    across = {**figure.layout.xaxis.to_plotly_json(), "anchor": "y2", "showticklabels": True, "title": "step"}
    figure.update_layout(yaxis2=below, xaxis2=across, xaxis_anchor="y")
    for number in range(2):
        axes = {"xaxis": ("x", "x2")[number], "yaxis": ("y", "y2")[number]}
        for name, color in LANES:
            steps = np.tile([*range(number, STEPS), np.nan], NETS)
            look = {"line": {"color": color, "width": 1.5}, "opacity": 0.8, "name": name, "hoverinfo": "skip"}
            figure.add_scatter(x=steps, mode="lines", **look, **axes)
        over = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "yanchor": "bottom", "showarrow": False}
        figure.add_annotation(text=TITLES[number], y=(1, 0.46)[number], font={"size": 15}, **over)
    for row, (name, color) in enumerate(LANES[::-1]):
        place = {"xref": "paper", "x": 0.98, "xanchor": "right", "yref": "y2", "y": 0.76 - 0.105 * row}
        figure.add_annotation(text=f"<b>{name}</b>", font={"color": color, "size": 14}, showarrow=False, **place)
    numbers = {f"loss, {name}": f"data[{lane}].y" for lane, (name, _) in enumerate(LANES)}
    return Blank(figure, numbers=numbers, place=(0.66, 0, 0.34, 1), teach=(0.66, 0, 0.34, 1))


def tracks(run: RaceResult) -> Tracks:
    """The tracks of the figure, which do not depend on the fur's color."""
    lines = [*run.loss, *run.shift]
    gaps = (np.pad(each.T, ((0, 0), (0, 1)), constant_values=np.nan).ravel() for each in lines)
    return {f"data[{number}].y": still(line) for number, line in enumerate(gaps)}
