"""A file system of its own below a folder, which can be full: only root may mount one."""

import os
import subprocess
from pathlib import Path

_FILLER = ".filler"
_STEP = 64 << 20


class Disk:
    """Holds what a folder had, and whatever is written there from then on; ``megabytes`` at most."""

    def __init__(self, folder: Path, image: Path, megabytes: int) -> None:
        self._folder = folder
        self._image = image
        self._bytes = megabytes << 20
        self._filler = folder / _FILLER

    def mount(self) -> None:
        """Move what the folder has onto the file system, and put that in its place."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._image.open("wb") as image:
            image.truncate(self._bytes)  # takes no more than is written
        new = self._image.with_suffix(".new")
        new.mkdir()
        _run("mkfs.ext4", "-q", "-m", "0", "-E", "root_owner=0:0", str(self._image))
        _run("mount", "-o", "loop", str(self._image), str(new))
        (new / "lost+found").rmdir()
        _run("cp", "-a", f"{self._folder}/.", str(new))
        _run("umount", str(new))
        new.rmdir()
        _run("mount", "-o", "loop", str(self._image), str(self._folder))

    def fill(self) -> None:
        """Leave no room."""
        descriptor = os.open(self._filler, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            size, step = 0, _STEP
            while step >= 4096:
                try:
                    os.posix_fallocate(descriptor, size, step)
                    size += step
                except OSError:
                    size = max(size, os.fstat(descriptor).st_size)
                    step //= 2
        finally:
            os.close(descriptor)

    def free(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)

    def unmount(self) -> None:
        """Give the folder back, empty; what was in it goes with the image."""
        _run("umount", str(self._folder))
        self._image.unlink()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stderr.strip()}"
