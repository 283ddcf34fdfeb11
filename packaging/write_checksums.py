"""Writes SHA256SUMS over all files of a folder, as sha256sum reads it: write_checksums.py OUT
Needs Python 3.11.
"""

import hashlib

from project import paths_from_arguments

NAME = "SHA256SUMS"


def main():
    (out,) = paths_from_arguments("OUT")
    files = sorted(path for path in out.iterdir() if path.is_file() and path.name != NAME)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (out / NAME).write_text("".join(lines))
    print("".join(lines), end="")


main()
