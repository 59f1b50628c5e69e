"""Makes `transactions.csv`: a quarter year of card and transfer payments with a few that are not right.

    python examples/make_transactions.py [--rows 2000] [--seed 7] [--out examples]

Every customer has a home country, a spending level, favourite categories and waking hours; most payments
follow them. About one in a hundred does not, in one of the ways of `ANOMALIES`. Which ones is written to
`transactions_labels.csv` and nowhere else, so that the data can be used as it would come in real life. The
same seed makes the same files.
"""

import argparse
import csv
import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 90
ANOMALY_SHARE = 0.01

# category: typical amount, its spread (of the logarithm), share of all payments, how often it recurs
CATEGORIES = {
    "groceries": (38.0, 0.55, 0.30, 0.00),
    "restaurants": (27.0, 0.50, 0.17, 0.00),
    "transport": (12.0, 0.60, 0.15, 0.05),
    "utilities": (85.0, 0.35, 0.08, 0.80),
    "subscriptions": (13.0, 0.40, 0.08, 0.95),
    "clothing": (62.0, 0.60, 0.07, 0.00),
    "health": (45.0, 0.60, 0.06, 0.00),
    "electronics": (160.0, 0.70, 0.04, 0.00),
    "travel": (240.0, 0.70, 0.03, 0.00),
    "jewellery": (220.0, 0.60, 0.01, 0.00),
    "gift_cards": (40.0, 0.40, 0.01, 0.00),
}
COUNTRIES = {"DE": 0.42, "FR": 0.22, "NL": 0.14, "AT": 0.10, "ES": 0.07, "PL": 0.05}
FAR_COUNTRIES = ("NG", "BR", "VN", "RU", "US")
IN_PERSON = {"groceries", "restaurants", "transport", "clothing", "health", "jewellery"}

HEADER = (
    "transaction_id",
    "customer_id",
    "timestamp",
    "amount",
    "merchant_category",
    "country",
    "channel",
    "is_recurring",
    "device_age_days",
)
Row = dict[str, str | float | bool | int | None]


@dataclass(frozen=True)
class Customer:
    """Whose payments these are.

    Attributes:
        level: how much is spent compared with the average, as a factor.
        waking: hour of the day around which the payments lie.
        device_since: when the customer's phone was first seen, in days before the first payment.
    """

    name: str
    home: str
    level: float
    waking: float
    device_since: int
    favourites: dict[str, float]


def make_customer(number: int, dice: random.Random) -> Customer:
    """A customer with habits of their own."""
    taste = {name: share * math.exp(dice.gauss(0, 0.6)) for name, (_, _, share, _) in CATEGORIES.items()}
    return Customer(
        name=f"C{number:04d}",
        home=pick(COUNTRIES, dice),
        level=math.exp(dice.gauss(0, 0.35)),
        waking=dice.gauss(15, 1.5),
        device_since=int(dice.expovariate(1 / 400)) + 3,
        favourites=taste,
    )


def pick(shares: dict[str, float], dice: random.Random) -> str:
    """One of the keys, as often as its share says."""
    return dice.choices(list(shares), weights=list(shares.values()))[0]


def usual(customer: Customer, dice: random.Random) -> Row:
    """A payment as this customer makes them."""
    category = pick(customer.favourites, dice)
    typical, spread, _, recurs = CATEGORIES[category]
    recurring = dice.random() < recurs
    hour = 3.0 if recurring else min(23.9, max(6.0, dice.gauss(customer.waking, 3.2)))
    day = dice.randrange(DAYS)
    when = START + timedelta(days=day, hours=hour, minutes=dice.randrange(60), seconds=dice.randrange(60))
    online = category not in IN_PERSON or dice.random() < 0.25
    channel = "online" if online else ("card_present" if dice.random() < 0.9 else "cash_withdrawal")
    travelling = category == "travel" or dice.random() < 0.02
    return {
        "customer_id": customer.name,
        "timestamp": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "amount": round(typical * customer.level * math.exp(dice.gauss(0, spread)), 2),
        "merchant_category": category if dice.random() > 0.015 else None,
        "country": pick(COUNTRIES, dice) if travelling else customer.home,
        "channel": channel,
        "is_recurring": recurring,
        # The device is known online only, and not always then.
        "device_age_days": customer.device_since + day
        if channel == "online" and dice.random() > 0.08
        else None,
    }


def at_night(row: Row, dice: random.Random) -> str:
    """The day of `row`, between one and five o'clock."""
    hour, minute, second = dice.randint(1, 4), dice.randrange(60), dice.randrange(60)
    return f"{str(row['timestamp'])[:10]}T{hour:02d}:{minute:02d}:{second:02d}Z"


def huge_amount(row: Row, dice: random.Random) -> None:
    """Twenty to sixty times what such a payment costs."""
    row["amount"] = round(float(row["amount"] or 30) * dice.uniform(20, 60), 2)


def account_takeover(row: Row, dice: random.Random) -> None:
    """A device never seen before, far away, at night, buying what can be sold again."""
    row.update(
        timestamp=at_night(row, dice),
        country=dice.choice(FAR_COUNTRIES),
        channel="online",
        is_recurring=False,
        merchant_category=dice.choice(["electronics", "gift_cards", "jewellery"]),
        device_age_days=0,
        amount=round(dice.uniform(300, 1500), 2),
    )


def card_testing(row: Row, dice: random.Random) -> None:
    """A few cents, to see whether a stolen card works."""
    row.update(
        amount=round(dice.uniform(0.01, 0.6), 2),
        channel="online",
        device_age_days=dice.randint(0, 1),
        merchant_category=dice.choice(["gift_cards", "subscriptions"]),
        is_recurring=False,
        timestamp=at_night(row, dice),
    )


def emptied_account(row: Row, dice: random.Random) -> None:
    """A large sum in cash, far from home."""
    row.update(
        amount=float(dice.randrange(800, 3000, 50)),
        channel="cash_withdrawal",
        country=dice.choice(FAR_COUNTRIES),
        device_age_days=None,
        is_recurring=False,
    )


def wrong_standing_order(row: Row, dice: random.Random) -> None:
    """A recurring payment of an amount and sort that do not recur."""
    row.update(
        is_recurring=True,
        merchant_category=dice.choice(["jewellery", "travel"]),
        channel="card_present",
        amount=round(dice.uniform(900, 2500), 2),
        device_age_days=None,
    )


ANOMALIES = (huge_amount, account_takeover, card_testing, emptied_account, wrong_standing_order)


def make(rows: int, seed: int) -> tuple[list[Row], dict[str, str]]:
    """The payments in the order of their time, and the kind of each anomaly by its transaction id."""
    dice = random.Random(seed)
    customers = [make_customer(number, dice) for number in range(1, max(2, rows // 15) + 1)]
    made = [usual(dice.choice(customers), dice) for _ in range(rows)]
    chosen = dice.sample(range(rows), max(1, round(rows * ANOMALY_SHARE)))
    kinds: dict[int, str] = {}
    for turn, index in enumerate(chosen):
        change = ANOMALIES[turn % len(ANOMALIES)]
        change(made[index], dice)
        kinds[index] = change.__name__
    order = sorted(range(rows), key=lambda index: (str(made[index]["timestamp"]), index))
    labels: dict[str, str] = {}
    payments: list[Row] = []
    for place, index in enumerate(order, start=1):
        name = f"T{place:06d}"
        payments.append({"transaction_id": name, **made[index]})
        labels[name] = kinds.get(index, "")
    return payments, labels


def write(folder: Path, payments: list[Row], labels: dict[str, str]) -> None:
    """Write the data and, beside it, what is wrong with it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "transactions.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, HEADER, lineterminator="\n")
        table.writeheader()
        for row in payments:
            table.writerow({name: as_text(value) for name, value in row.items()})
    with (folder / "transactions_labels.csv").open("w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["transaction_id", "is_anomaly", "kind"])
        lines.writerows([name, int(bool(kind)), kind] for name, kind in labels.items())


def as_text(value: str | float | bool | None) -> str:
    """A cell; what is missing is empty."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.2f}"
    return "" if value is None else str(value)


def main() -> None:
    """Read the arguments and write the files."""
    parser = argparse.ArgumentParser(description="Make payments, a few of which are not right.")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    given = parser.parse_args()
    payments, labels = make(given.rows, given.seed)
    write(given.out, payments, labels)
    wrong = sum(bool(kind) for kind in labels.values())
    print(f"{len(payments)} payments, {wrong} of them not right, in {given.out / 'transactions.csv'}")


if __name__ == "__main__":
    main()
