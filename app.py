"""The launcher: `streamlit run app.py` serves the UI script, its routes and the training workers."""

import os

# Set before NumPy loads. A sweep is many small products: BLAS threads would wait for each other, and for a training.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import streamlit as st

from ui.api.routes import lifespan, middleware, routes
from ui.page.error_page import handle

app = st.App("ui/main.py", routes=routes(), middleware=middleware(), lifespan=lifespan, on_script_error=handle)
