"""What every answer to an attack must be, and many attackers at once."""

import collections
import concurrent.futures


def expect(what, is_so):
    if not is_so:
        raise RuntimeError(what)


def is_clear(what, answer, *statuses):
    expect(f"{what}: no answer", answer is not None)
    expect(f"{what}: {answer}", not statuses or answer.status in statuses)
    expect(f"{what}: {answer.why_unclear()}", not answer.why_unclear())


def at_once(count, attack):
    """What so many attackers see, each of whom is given its number."""
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(attack, range(count)))


def counted(answers):
    """How many answers had which status."""
    counts = collections.Counter(answer.status if answer else "closed" for answer in answers)
    return ", ".join(f"{count} × {status}" for status, count in sorted(counts.items(), key=str))
