"""The fault tests share modules that lie beside them; their names are used nowhere else in the tree."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
