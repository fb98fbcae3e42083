"""The frame around every page: menu, check of the URL, projector view, footer, and a calm word when a page fails."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # Streamlit puts only this script's own folder on the path
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from ui import query, shield, view  # noqa: E402
from ui.lessons import INSTRUMENTS, LESSONS, PAGES  # noqa: E402
from ui.server import version  # noqa: E402
from ui.words import read  # noqa: E402

NAME = "Batch Norm Lab"
MARK = ROOT / "assets" / "images" / "mark.svg"

lessons = {lesson.slug: lesson for lesson in (*LESSONS, *INSTRUMENTS)}
page = st.navigation(
    [
        st.Page(PAGES / "00_start.py", title="Start", default=True),
        *(st.Page(x.page, title=f"{int(x.number)} {x.label}", url_path=x.slug) for x in LESSONS),
        *(st.Page(x.page, title=x.label, url_path=x.slug) for x in INSTRUMENTS),
    ],
    position="hidden" if st.context.is_embedded else "top",
)
lesson = lessons.get(page.url_path)
st.set_page_config(page_title=f"{lesson.question} · {NAME}" if lesson else NAME, page_icon=MARK, layout="wide")
if not st.context.is_embedded:
    st.logo(MARK, size="large")

body, foot = st.container(), st.container(horizontal=True, vertical_alignment="center")
with foot:
    st.caption(read("common").say("footer", name=NAME, version=version()))
    view.switch()
with body:
    try:
        if not lesson or query.sanitise(lesson.slug, lesson.settings):
            page.run()
    except Exception as error:
        shield.say(error)
        raise
