"""Asks this container's process whether it lives; ends with 1 where it does not say so."""

import os
import sys
import urllib.request

with urllib.request.urlopen(
    f"http://127.0.0.1:{os.environ['DIBAO_MONITOR_PORT']}/livez", timeout=4
) as answer:
    sys.exit(answer.status != 200)
