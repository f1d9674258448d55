"""Sets one document, as a process of its own: what it takes of memory ends with it, and it can be ended.

Run with the folder in which ``main.typ`` and its ``data.json`` are, and the folder of the fonts; it knows
nothing of dibao.
"""

import sys
from pathlib import Path

import typst


def main(folder: Path, fonts: Path) -> None:
    """Set ``main.typ`` of the folder as ``out.pdf``."""
    typst.compile(
        str(folder / "main.typ"),
        output=str(folder / "out.pdf"),
        root=str(folder),
        font_paths=[str(fonts)],
        ignore_system_fonts=True,
        # For ten times the size: nothing that an office does with a table on paper asks for them.
        pdf_tags=False,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
