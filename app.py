"""The launcher: `streamlit run app.py` serves the UI script, its routes and the training workers."""

import os

# Before NumPy loads. A sweep is many small products: BLAS threads wait for each other, all the more beside a training.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import streamlit as st

from ui.security import headers
from ui.server import lifespan, routes
from ui.shield import handle

app = st.App("ui/frame.py", routes=routes(), middleware=headers(), lifespan=lifespan, on_script_error=handle)
