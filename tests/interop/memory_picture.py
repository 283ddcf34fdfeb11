"""Draws the memory of the programs of a soak over time, as SVG."""

COLOURS = {"one": "#1f6feb", "two": "#bf5700", "redis": "#1a7f37"}
LABELS = {"one": "replica one", "two": "replica two, killed each minute", "redis": "Redis"}


def picture(result):
    """A line for each program, and a mark for each kill and restart."""
    width, height, left, top, bottom = 960, 400, 60, 60, 360
    samples = result["samples"]
    span = max(samples[-1]["at"], 1)
    most = max(sample[name] for sample in samples for name in COLOURS) / 2**20 * 1.1

    def x(at):
        return round(left + (width - left - 40) * at / span, 1)

    def y(mib):
        return round(bottom - (bottom - top) * mib / most, 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{left}" y="20" font-size="14">Memory in MiB over {result["minutes"]:g} minutes, {result["calls"]} calls</text>',
    ]
    for step in range(6):
        mib = most * step / 5
        parts.append(f'<path d="M{left} {y(mib)}H{width - 40}" stroke="#dddddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y(mib) + 4}" text-anchor="end">{mib:.0f}</text>')
        minutes = span / 60 * step / 5
        parts.append(f'<text x="{x(minutes * 60)}" y="{bottom + 18}" text-anchor="middle">{minutes:.1f} min</text>')
    for event in result["events"]:
        colour = "#bbbbbb" if event["what"] == "kill" else COLOURS["redis"]
        mark = f'<path d="M{x(event["at"])} {bottom}v-8" stroke="{colour}" stroke-width="2">'
        parts.append(f"{mark}<title>{event['what']}</title></path>")
    for number, (name, colour) in enumerate(COLOURS.items()):
        points = " ".join(f"{x(sample['at'])},{y(sample[name] / 2**20)}" for sample in samples if sample[name])
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(f'<text x="700" y="{16 + 15 * number}" fill="{colour}">{LABELS[name]}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
