"""What the reader takes home of a run: code, notebook, curves, networks."""

from __future__ import annotations

import functools
from collections.abc import Callable

import streamlit as st

from training import export, modelfile, tables
from training import plan as plans
from training.job import Job
from training.settings import Settings
from training.versions import versions
from ui.lesson import TEXT_WIDTH
from ui.query import escaped
from ui.said import studio as said
from ui.words import Words, read

FILE = "studio_run"
HEIGHT = 420


def take_home(words: Words, state: Settings, job: Job | None) -> None:
    """Draw it for `job`, or for the run that `state` would be. words: the studio's own, for the lanes' names."""
    run, own = job.settings if job else state, read("05_studio_home")
    names = tuple(said.named(words, run, number) for number in range(len(run.lanes)))
    st.markdown(own["lead"], width=TEXT_WIDTH)
    _code(own, run, names, job)
    if job and job.told:
        _numbers(own, run, names, job)
    else:
        st.caption(own["models.none"])


def _code(own: Words, run: Settings, names: tuple[str, ...], job: Job | None) -> None:
    try:
        script, column = written(run, names)
    except tables.TableError:
        st.info(own["own gone"])
        return
    told = [own["of run" if job else "of settings"]]
    if run.data == "own":
        told.append(own.say("own", file=export.TABLE, column=escaped(column)))
    told.append(own.say("needs", file=f"{FILE}.py", **versions()))
    st.markdown(" ".join(told), width=TEXT_WIDTH)
    with st.container(horizontal=True):
        _button(own["script"], script, f"{FILE}.py", "text/x-python")
        _button(own["notebook"], export.notebook(script), f"{FILE}.ipynb", "application/x-ipynb+json")
    st.code(script, language="python", height=HEIGHT)


@functools.lru_cache(64)
def written(run: Settings, names: tuple[str, ...]) -> tuple[str, str]:
    """The run's script, and which column of its own table holds the classes. Raises TableError where that is gone."""
    return export.script(plans.make(run), names), tables.load(run.own).label if run.data == "own" else ""


def _numbers(own: Words, run: Settings, names: tuple[str, ...], job: Job) -> None:
    recorded = modelfile.recorded(job)
    if recorded:
        st.markdown(" ".join(_of_models(own, run, recorded.step)), width=TEXT_WIDTH)
    with st.container(horizontal=True):
        _button(own["history"], lambda: export.history(job.told, names), f"{FILE}.csv", "text/csv")
        for lane in _born(run, recorded.step) if recorded else []:
            label, file = own.say("model", lane=names[lane]), f"{FILE}_lane_{lane + 1}.keras"
            _button(label, functools.partial(modelfile.written, job, lane), file, "application/zip")


def _of_models(own: Words, run: Settings, step: int) -> list[str]:
    told = [own.say("models", step=step)]
    told += [own["models.normalized"]] if run.inputs == "normalized" else []
    return told + ([own["models.noisy"]] if any(lane.kind == "noisy" for lane in run.lanes) else [])


def _born(run: Settings, step: int) -> list[int]:
    """The lanes that train already after so many steps."""
    return [number for number, lane in enumerate(run.lanes) if lane.fork_of is None or lane.fork_at < max(step, 1)]


def _button(label: str, data: str | Callable[[], str | bytes], file: str, kind: str) -> None:
    st.download_button(label, data, file_name=file, mime=kind, on_click="ignore", key=f"home.{file}")
