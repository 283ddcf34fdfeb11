"""Draws docs/conversation.svg from what `saki-mcp demo` prints.

    python3 docs/render_conversation.py target/release/saki-mcp
"""

import html
import pathlib
import subprocess
import sys
import textwrap

WIDTH, MARGIN, LINE, CHARACTER = 760, 24, 19, 7.25
SHOWN = ("upload_media", "create_post", "get_queue")
STYLE = """
  svg { color-scheme: light dark; }
  text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: #1f2430; }
  .call { font: 11.5px ui-monospace, monospace; fill: #6a7183; }
  .page { fill: #ffffff; stroke: #d9dde6; } .asked { fill: #dce8ff; } .answered { fill: #f1f3f7; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8eaf0; } .call { fill: #949cb0; }
    .page { fill: #16181d; stroke: #333845; } .asked { fill: #24406e; } .answered { fill: #262a33; }
  }
"""


def turns(transcript):
    """The intent, the call and the answer of each step of the demo."""
    steps, intent, call, answer = [], "", "", []
    for line in transcript.splitlines() + [""]:
        if line.startswith("> "):
            call = line[2:]
        elif line.startswith("  ") and call:
            answer.append(line.strip())
        else:
            if call:
                steps.append((intent, call, answer))
            intent, call, answer = line or intent, "", []
    return steps


def bubble(lines, y, is_question):
    """A rounded box with lines of text, on the right for the person and on the left for the assistant."""
    width = min(max(len(line) for line in lines) * CHARACTER + 28, WIDTH - 2 * MARGIN)
    x = WIDTH - MARGIN - width if is_question else MARGIN
    height = len(lines) * LINE + 14
    kind = "asked" if is_question else "answered"
    parts = [f'<rect class="{kind}" x="{x:.0f}" y="{y}" width="{width:.0f}" height="{height}" rx="12"/>']
    for number, line in enumerate(lines):
        parts.append(f'<text x="{x + 14:.0f}" y="{y + 20 + number * LINE}">{html.escape(line)}</text>')
    return parts, y + height


def main(binary):
    run = subprocess.run([binary, "demo"], capture_output=True, text=True, check=True)
    y, parts = MARGIN, []
    chosen = [step for step in turns(run.stdout) if step[1].split()[0] in SHOWN]
    for intent, call, answer in chosen:
        drawn, y = bubble(textwrap.wrap(intent, 62), y, True)
        parts += drawn
        y += 20
        parts.append(f'<text class="call" x="{MARGIN + 4}" y="{y}">{html.escape(textwrap.shorten(call, 96, placeholder=" …"))}</text>')
        wrapped = [piece for line in answer for piece in textwrap.wrap(line, 84)]
        drawn, y = bubble(wrapped, y + 8, False)
        parts += drawn
        y += 18
    height = y + 6
    picture = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
        f"<style>{STYLE}</style>",
        f'<rect class="page" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="14"/>',
        *parts,
        "</svg>",
    ]
    path = pathlib.Path(__file__).with_name("conversation.svg")
    path.write_text("\n".join(picture) + "\n", encoding="utf-8")
    print(f"{path}: {len(chosen)} turns")


if __name__ == "__main__":
    main(sys.argv[1])
