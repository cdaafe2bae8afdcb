"""Understand the moment of recording, however an Executor says it."""

from __future__ import annotations

import datetime
import decimal
import numbers
from typing import Any

from recorder.layout.fields import qualified_name
from recorder.saying import say

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def utc(moment: Any) -> datetime.datetime:
    """Return a moment in UTC; now, if it is None, and with a warning if it cannot be understood.

    Args:
        moment: A datetime (a naive one is UTC), a date (its midnight), text in ISO 8601, seconds since 1970 in UTC,
            or a moment of numpy or pandas.
    """
    if moment is None:
        return datetime.datetime.now(datetime.timezone.utc)
    try:
        return _understood(moment)
    except Exception as error:  # noqa: BLE001 - a stranger's value may raise anything; the entry must not be lost for it
        say.warning(
            "A timestamp of type %s is not understood (%s): recorded as of now. It is to be a datetime, a date, text "
            "in ISO 8601, or seconds since 1970",
            *(qualified_name(type(moment)), type(error).__name__),
        )
        return datetime.datetime.now(datetime.timezone.utc)


def _understood(moment: Any) -> datetime.datetime:
    if isinstance(moment, str):
        text = moment.strip()
        # As of Python 3.11 a final Z is understood.
        moment = datetime.datetime.fromisoformat(text[:-1] + "+00:00" if text[-1:] in ("Z", "z") else text)
    elif isinstance(moment, (numbers.Real, decimal.Decimal)) and not isinstance(moment, bool):
        return _EPOCH + datetime.timedelta(seconds=float(moment))
    elif not isinstance(moment, datetime.date) and hasattr(moment, "astype"):
        moment = moment.astype("datetime64[us]").item()  # numpy's: its other units are numbers to Python
    if not isinstance(moment, datetime.datetime):
        moment = datetime.datetime(moment.year, moment.month, moment.day)
    zone = moment.tzinfo or datetime.timezone.utc
    day = moment.year, moment.month, moment.day
    time = moment.hour, moment.minute, moment.second, moment.microsecond
    # Made anew, since a subclass, such as pandas' with its nanoseconds, is written in other ways.
    return datetime.datetime(*day, *time, zone, fold=moment.fold).astimezone(datetime.timezone.utc)
