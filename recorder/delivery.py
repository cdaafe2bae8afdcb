"""Bring entries into the storage, or else into the spool: what a call of the recorder promises."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from recorder.aftermath import Aftermath
from recorder.entry import Entry
from recorder.errors import EntryNotKept, RecorderError, StorageFailed
from recorder.patience import SOON, Interrupted, Patience
from recorder.replay import may_be_of_one
from recorder.saying import say
from recorder.signals import held_back, may_strike_elsewhere, one_waits
from recorder.spool import files
from recorder.spool.chain import Spool
from recorder.storage.base import Recorded
from recorder.turns import Turns

OnError = Literal["spool", "raise"]
"""What becomes of an entry that cannot be stored: it is kept in the spool, or goes with the error to the caller."""

_BRIEFLY = 1.0
"""Seconds to wait for a look into the database, when the time to wait for writing is over already."""


@dataclass(eq=False)
class _Charge:
    """One entry on its way.

    Attributes:
        recorded: Where it is stored.
        fault: Why it is not stored.
        file: Its file in the spool.
    """

    entry: Entry
    recorded: Recorded | None = None
    fault: BaseException | None = None
    file: Path | None = None


class Delivery:
    """Take entries to where they are kept.

    Args:
        turns: At the storage.
        spool: Takes what the storage does not.
        timeout: Seconds to wait for other processes.
        on_error: What becomes of an entry that cannot be stored.
    """

    def __init__(self, turns: Turns, spool: Spool, timeout: float, on_error: OnError) -> None:
        self._turns = turns
        self._spool = spool
        self._timeout = timeout
        self._on_error = on_error
        self._aftermath = Aftermath(spool, self._store_at_once)

    def deliver(self, entries: Sequence[Entry]) -> list[Recorded | Path]:
        """Store entries in one transaction, or in parts if one of them may be at fault; spool what is not stored.

        Signals are held back meanwhile: one that comes while we wait ends the waiting, and takes effect when every
        entry is safe. After about a second of waiting the entries are in the spool already.

        Returns:
            For each entry where it is: its Task and id, or the file in the spool.

        Raises:
            EntryNotKept: The spool could not be written either; the error carries the entries.
            RecorderError: Entries were not stored, and errors are to be raised; the error carries the entries.
        """
        charges = [_Charge(entry) for entry in entries]
        with held_back():
            self._deliver(charges)
            if all(charge.recorded for charge in charges):
                self._aftermath.store_some()
        return [place for charge in charges if (place := charge.recorded or charge.file)]

    def _deliver(self, charges: Sequence[_Charge]) -> None:
        try:
            new = [charge for charge in charges if charge.recorded is None and charge.fault is None]
            if new:
                self._store(new, self._patience(new))
            self._settle(charges)
        except Exception:
            raise
        except BaseException as interruption:
            # Another thread was given the signal; Python runs its handler in this one, and it raised.
            for charge in charges:
                charge.fault = charge.fault or interruption
            self._deliver(charges)
            raise

    # Into the storage

    def _patience(self, charges: Sequence[_Charge]) -> Patience:
        def keep_early() -> None:
            for charge in charges:
                try:
                    charge.file = self._spool.keep(charge.entry)
                except Exception as error:  # noqa: BLE001 - it is tried again at the end, and then it counts
                    say.debug("an entry of Task %r is not in the spool yet: %s", charge.entry.task, _words(error))

        def are_taken() -> bool:
            return all(map(_is_taken, charges))

        # Where a signal may end the process in spite of us, no entry waits that is not in the spool.
        soon = 0.0 if may_strike_elsewhere() else SOON
        return Patience(self._timeout, soon=soon, meanwhile=keep_early, needless=are_taken)

    def _store(self, charges: Sequence[_Charge], patience: Patience) -> None:
        try:
            with self._turns.turn(patience) as storage:
                stored = storage.store([charge.entry for charge in charges], patience)
        except (Exception, Interrupted) as error:  # noqa: BLE001 - a fault of ours must not cost the entry either
            if len(charges) > 1 and isinstance(error, Exception) and may_be_of_one(error):
                self._store_in_parts(charges, patience)
            else:
                for charge in charges:
                    charge.fault = error
                self._find([charge for charge in charges if _is_taken(charge)], max(patience.left(), _BRIEFLY))
        else:
            for charge, recorded in zip(charges, stored, strict=True):
                charge.recorded = recorded

    def _store_in_parts(self, charges: Sequence[_Charge], patience: Patience) -> None:
        """Store entries of which the storage does not take one, half by half; after a signal the rest is spooled."""
        middle = len(charges) // 2
        for half in (charges[:middle], charges[middle:]):
            if one_waits():
                for charge in half:
                    charge.fault = Interrupted()
            else:
                self._store(half, patience)

    def _find(self, taken: Sequence[_Charge], seconds: float) -> None:
        """Look where entries are whose files somebody took out of the spool: mostly into the database."""
        patience = Patience(seconds)
        try:
            with self._turns.turn(patience) as storage:
                found = storage.find([charge.entry for charge in taken], patience) if taken else []
        except (Exception, Interrupted) as error:  # noqa: BLE001 - whatever it is, they go to the spool again
            say.debug("not looked for what was taken out of the spool: %s", type(error).__name__)
        else:
            for charge, recorded in zip(taken, found, strict=True):
                charge.recorded = recorded

    def _store_at_once(self, entries: Iterable[Entry]) -> list[Recorded]:
        patience = Patience(0.0)
        with self._turns.turn(patience) as storage:
            return storage.store(entries, patience)

    # Into the spool, or out of it

    def _settle(self, charges: Sequence[_Charge]) -> None:
        """Take out of the spool what is stored, put into it what is not, and say or raise that."""
        failed = [charge for charge in charges if charge.recorded is None]
        returned = [charge for charge in failed if self._on_error == "raise" and isinstance(charge.fault, Exception)]
        lost = {}
        for charge in charges:
            if charge not in failed or charge in returned:
                _take_out(charge)
                continue
            try:
                self._put_in(charge)
            except Exception as error:  # noqa: BLE001 - not of the file system only: the entry must go with the error
                lost[charge] = error
        spooled = [charge for charge in failed if charge.file is not None]
        if spooled:
            _say(spooled)
        if lost:
            first, in_spool = next(iter(lost.items()))
            raise EntryNotKept(
                f"{_named(list(lost))} has no place: {_words(first.fault)}; and in the spool: {_words(in_spool)}. "
                "The error's `entry.to_json()` is what is to be kept",
                *(charge.entry for charge in lost),
            ) from first.fault
        if returned:
            _raise(returned)

    def _put_in(self, charge: _Charge) -> None:
        if charge.file is None or _is_taken(charge):
            charge.file = None
            charge.file = self._spool.keep(charge.entry)


def _is_taken(charge: _Charge) -> bool:
    """Tell whether an entry's file is gone from the spool: another process stored it, or moved it aside."""
    return charge.file is not None and not charge.file.exists()


def _take_out(charge: _Charge) -> None:
    file, charge.file = charge.file, None
    if file is not None:
        try:
            files.remove(file)
        except OSError as error:  # the next replay finds its key stored, and removes it
            say.warning("%s: not needed any more, but cannot be removed: %s", file, error.strerror)


def _say(spooled: Sequence[_Charge]) -> None:
    kept = [charge.file for charge in spooled if charge.file is not None]
    say.error(
        "%s not stored: %s. Waiting in %s until the next entry is stored or `recorder replay` is run",
        _named(spooled),
        _words(spooled[0].fault),
        ", ".join(dict.fromkeys(str(file if len(spooled) == 1 else file.parent) for file in kept)),
    )


def _raise(returned: Sequence[_Charge]) -> NoReturn:
    fault = returned[0].fault
    if not isinstance(fault, RecorderError):
        fault = StorageFailed(f"{_named(returned)} not stored: {_words(fault)}")
        fault.__cause__ = returned[0].fault
    fault.entries = tuple(charge.entry for charge in returned)
    raise fault


def _named(charges: Sequence[_Charge]) -> str:
    tasks = ", ".join(dict.fromkeys(repr(charge.entry.task) for charge in charges))
    return f"entry of Task {tasks}" if len(charges) == 1 else f"{len(charges)} entries of Task {tasks}"


def _words(fault: BaseException | None) -> str:
    """Say what went wrong; of errors that are not ours without their message: values may stand in it."""
    if isinstance(fault, RecorderError):
        return str(fault)
    if isinstance(fault, Interrupted):
        return "a signal came meanwhile"
    if fault is None or not isinstance(fault, Exception):
        return f"interrupted by {type(fault).__name__}"
    *_, last = traceback.extract_tb(fault.__traceback__)
    return f"unexpected {type(fault).__name__} in {Path(last.filename).name}, line {last.lineno}; please report it"
