"""The studio: settings → a run in a worker → everything that it tells, to be watched, paused, scrubbed and forked."""

import streamlit as st

from training import plan as plans
from training.settings import Settings
from training.tables import TableError
from ui import lesson, studio, studio_run, studio_settings, view
from ui.said import studio as said
from ui.studio_figures import figures
from ui.studio_home import take_home
from ui.studio_look import VIEWS
from ui.studio_notes import notes
from ui.studio_presets import presets
from ui.studio_sweep import sweep
from ui.words import read


@st.cache_resource(show_spinner=False, max_entries=32)
def planned(run: Settings) -> plans.Plan:
    return plans.make(run)


words = read("05_studio")
lesson.opening(words, lead=not view.teaching())
presets(words)
row = st.container(horizontal=True, gap="small")
pressed = row.button(words["train"], type="primary", width=130)
state = studio_run.defined(studio_settings.draw(words, row))
studio_run.refused()
starts, origin = studio_run.wanted(pressed)
if starts:
    studio_run.train(state, words, origin)
job = studio_run.shown_job()
try:
    plan = planned(job.settings if job else state)
except TableError:  # of the run that is shown: that of the settings has just been looked for
    st.info(words["run gone"])
    job, plan = None, planned(state)
notes(words, state, job, planned(state))
running = bool(job and job.open)  # before its outcome: where it ends in between, the browser asks again
run = plan.settings
lanes = said.lanes(words, run)
views = [name for name in VIEWS if {"border": plan.grid is not None, "mistakes": run.data == "digits"}.get(name, True)]
studio.studio(
    figures(words, run, plan, lanes),
    said.packed(lanes, run),
    job,
    words,
    plan=plan,
    views=views,
    running=running,
    told=said.told(words, job, lanes),
)
address = studio_run.address(state)
if studio.open_view(views) == "sweep":
    sweep(words, state)
elif studio.open_view(views) == "home":
    lesson.linked(words, address)
    take_home(words, state, job)
with st.expander(words["glossary.title"]):
    st.markdown(words["glossary"], width=lesson.TEXT_WIDTH)
with st.expander(words["instructor.title"], key="studio.instructor", on_change="rerun") as instructor:
    st.markdown(words["instructor"], width=lesson.TEXT_WIDTH)
    if instructor.open:  # each step has its own QR code, and a browser would fetch those that are gone already
        lesson.share(words, address)
