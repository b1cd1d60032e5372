"""How long the model and the crowd may take, and with which round they begin.

GUESTLIST_TEST_SECONDS is the model's time, GUESTLIST_TEST_ROUND the number of the first round: a
round that failed can so be played again.
"""

import os

IN_CI = os.environ.get("CI") == "true"
SECONDS = float(os.environ.get("GUESTLIST_TEST_SECONDS") or (300 if IN_CI else 30))
# The crowd's, which has no story to tell shorter.
CROWD_SECONDS = max(10.0, SECONDS / 5)
FIRST_ROUND = int(os.environ.get("GUESTLIST_TEST_ROUND") or 1)
