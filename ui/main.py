"""The frame around every page: menu, check of the URL, tools, footer, and a calm message if a page fails."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # Streamlit puts only this script's own folder on the path
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from lessons.content import read  # noqa: E402
from ui.components import static  # noqa: E402
from ui.components.versions import app_version  # noqa: E402
from ui.page import error_page, view  # noqa: E402
from ui.page.for_teachers import tools as teachers  # noqa: E402
from ui.page.menu import INSTRUMENTS, LESSONS, START  # noqa: E402
from ui.state.repair import repair_address  # noqa: E402
from ui.state.url_state import arrive  # noqa: E402

NAME = "Batch Norm Lab"

pages = view.offered([*LESSONS, *INSTRUMENTS])
lessons = {lesson.slug: lesson for lesson in pages}
menu = {"": [st.Page(START, title="Start", default=True)]}
for x in pages:
    menu.setdefault(x.chapter, []).append(st.Page(x.file, title=x.entry, url_path=x.slug))
page = st.navigation(menu, position="hidden" if st.context.is_embedded else "top")
lesson = lessons.get(page.url_path)
st.set_page_config(page_title=f"{lesson.question} · {NAME}" if lesson else NAME, page_icon=static.mark(), layout="wide")
if not st.context.is_embedded:
    st.logo(static.mark(), size="large")

body, foot = st.container(), st.container(horizontal=True, vertical_alignment="center")
with foot:
    st.caption(read("common").say("footer", name=NAME, version=app_version()))
    with view.toolbar():
        view.switch()
        teachers.tools(page.url_path, bool(lesson and lesson.checked))
with body:
    try:
        if lesson and lesson.checked:
            repair_address(lesson.slug, lesson.settings)
        arrive(page.url_path)
        page.run()
    except Exception as error:
        error_page.say(error)
        raise
