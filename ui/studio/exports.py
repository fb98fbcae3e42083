"""What the reader can take home of a run: code, notebook, curves, networks."""

from __future__ import annotations

import functools
from collections.abc import Callable

import streamlit as st

from lessons.content import Content, read
from training.export import model_file, own_table
from training.export import script as export
from training.server.run import Job
from training.spec import plan as plans
from training.spec import tables
from training.spec.settings import Settings
from training.spec.versions import versions
from ui.page.lesson import TEXT_WIDTH
from ui.state.repair import escaped
from ui.studio import narration
from ui.studio.session import RunSession

FILE = "studio_run"
HEIGHT = 420


def take_home(studio_words: Content, state: Settings, session: RunSession) -> None:
    """Draw the downloads for the run on screen, or else for a run of `state`. The curves and networks are only for
    readers who have seen the run's end. studio_words: the studio's words, for the lanes' names.
    """
    job = session.job
    run, words = job.settings if job else state, read("studio/home")
    names = tuple(narration.named(studio_words, run, number) for number in range(len(run.lanes)))
    st.markdown(words["lead"], width=TEXT_WIDTH)
    _code(words, run, names, job)
    if job and job.points and session.ended:
        _numbers(words, run, names, job)
    else:
        st.caption(words["models.hidden" if job else "models.none"])


def _code(words: Content, run: Settings, names: tuple[str, ...], job: Job | None) -> None:
    try:
        script, column = written(run, names)
    except tables.TableError:
        st.info(words["own gone"])
        return
    parts = [words["of run" if job else "of settings"]]
    if run.data == "own":
        parts.append(words.say("own", file=own_table.FILE, column=escaped(column)))
    parts.append(words.say("needs", file=f"{FILE}.py", **versions()))
    st.markdown(" ".join(parts), width=TEXT_WIDTH)
    with st.container(horizontal=True):
        _button(words["script"], script, f"{FILE}.py", "text/x-python")
        _button(words["notebook"], export.notebook(script), f"{FILE}.ipynb", "application/x-ipynb+json")
    st.code(script, language=None, height=HEIGHT)


@functools.lru_cache(64)
def written(run: Settings, names: tuple[str, ...]) -> tuple[str, str]:
    """The run's script, and the index of its own table's column of classes. Raises TableError where that is gone."""
    return export.script(plans.make(run), names), tables.load(run.own, run.columns).label if run.data == "own" else ""


def _numbers(words: Content, run: Settings, names: tuple[str, ...], job: Job) -> None:
    recorded = model_file.recorded(job)
    if recorded:
        st.markdown(" ".join(_of_models(words, run, recorded.step)), width=TEXT_WIDTH)
    with st.container(horizontal=True):
        _button(words["history"], lambda: export.history(job.points, names), f"{FILE}.csv", "text/csv")
        for lane in _born(run, recorded.step) if recorded else []:
            label, file = words.say("model", lane=names[lane]), f"{FILE}_lane_{lane + 1}.keras"
            _button(label, functools.partial(model_file.written, job, lane), file, "application/zip")


def _of_models(words: Content, run: Settings, step: int) -> list[str]:
    parts = [words.say("models", step=step)]
    parts += [words["models.normalized"]] if run.inputs == "normalized" else []
    return parts + ([words["models.noisy"]] if any(lane.kind == "noisy" for lane in run.lanes) else [])


def _born(run: Settings, step: int) -> list[int]:
    """The lanes that are training after `step` steps."""
    return [number for number, lane in enumerate(run.lanes) if lane.fork_of is None or lane.fork_at < max(step, 1)]


def _button(label: str, data: str | Callable[[], str | bytes], file: str, kind: str) -> None:
    st.download_button(label, data, file_name=file, mime=kind, on_click="ignore", key=f"home.{file}")
