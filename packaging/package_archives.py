"""Packs one archive per target, which people and cargo binstall download: package_archives.py BINARIES OUT
Needs Python 3.11. The same files always give the same bytes.
"""

import gzip
import io
import os
import tarfile
import zipfile

from project import ROOT, asset, paths_from_arguments, require_binaries

DOCUMENTS = ["README.md", "LICENSE"]
# The earliest time that a zip file can hold.
YEAR, TIMESTAMP = (1980, 1, 1, 0, 0, 0), 315532800


def files(target, binary):
    folder = asset(target, "").rstrip(".")
    yield f"{folder}/{target.program}", binary.read_bytes(), 0o755
    for name in DOCUMENTS:
        yield f"{folder}/{name}", (ROOT / name).read_bytes(), 0o644


def tar_gz(path, entries):
    # gzip writes the file's name and time otherwise.
    with path.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content, mode in entries:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), mode, TIMESTAMP
            tar.addfile(entry, io.BytesIO(content))


def zip_file(path, entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content, mode in entries:
            entry = zipfile.ZipInfo(name, YEAR)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, (0o100000 | mode) << 16
            archive.writestr(entry, content)


def main():
    binaries, out = paths_from_arguments("BINARIES OUT")
    os.makedirs(out, exist_ok=True)
    for target, binary in require_binaries(binaries):
        write, ending = (zip_file, "zip") if target.os == "win32" else (tar_gz, "tar.gz")
        path = out / asset(target, ending)
        write(path, files(target, binary))
        print(path.name)


main()
