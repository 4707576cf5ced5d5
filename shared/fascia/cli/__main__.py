"""`python -m fascia.cli`: the same as `fascia`."""

import sys

from fascia.cli import main

sys.exit(main())
