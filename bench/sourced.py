"""The events of `stores.py` in the eventsourcing package, on SQLite. Needs the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bench.stores import data


class Order(Aggregate):
    """What was paid."""

    def __init__(self) -> None:
        self.total = 0

    @event("Paid")
    def pay(self, at: int, amount: int, who: str, note: str) -> None:
        """One payment."""
        self.total += amount


class EventSourced:
    """An application with one order."""

    def __init__(self, path: Path) -> None:
        environment = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)}
        self.application: Any = Application(env=environment)
        self.order = Order()
        self.count = 0
        self.application.save(self.order)

    def write(self, times: int) -> None:
        """Save so many payments, each by itself."""
        for _ in range(times):
            self._pay()
            self.application.save(self.order)

    def write_together(self, times: int) -> None:
        """Save so many payments at once."""
        for _ in range(times):
            self._pay()
        self.application.save(self.order)

    def replay(self) -> int:
        """The total, from the stored events."""
        total: int = self.application.repository.get(self.order.id).total
        return total

    def _pay(self) -> None:
        self.count += 1
        self.order.pay(at=self.count, **data(self.count))

    def close(self) -> None:
        """Let the file go."""
        self.application.close()
