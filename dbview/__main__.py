"""``python -m dbview``."""

import sys

from dbview.cli import main

sys.exit(main())
