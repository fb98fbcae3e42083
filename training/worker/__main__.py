"""`python -m training.worker` starts a worker process (service.py)."""

from training.worker.service import main

main()
