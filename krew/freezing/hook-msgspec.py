"""For PyInstaller: what msgspec's C part imports by name, which no look at Python sources finds.

`_core.c` msgspec_init; and `numbers`, which the C part of decimal imports (`_decimal.c`).
"""

hiddenimports = [
    *("collections", "copy", "datetime", "decimal", "enum", "numbers", "re", "types", "typing"),
    *("uuid", "msgspec._utils"),
]
