"""The number formats of cell styles; nothing else of the styles matters (ECMA-376 part 1, 18.8)."""

from __future__ import annotations

from typing import IO

from smmeplus.common.spreadsheets.formats import GENERAL
from smmeplus.common.spreadsheets.rows import Limits
from smmeplus.common.spreadsheets.xml import Attributes, Parser

LONGEST_FORMAT = 255  # characters, as in spreadsheets
MOST_STYLES = 2**16

A_DATE, A_CURRENCY = "yyyy-mm-dd", '"$"#,##0.00'
#: By their numbers (18.8.30); those that vary with the language are dates in every one.
BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    **dict.fromkeys(range(5, 9), A_CURRENCY),
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    **dict.fromkeys((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)), A_DATE),
    37: "#,##0;(#,##0)",
    38: "#,##0;(#,##0)",
    39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;(#,##0.00)",
    41: "#,##0;(#,##0)",
    42: A_CURRENCY,
    43: "#,##0.00;(#,##0.00)",
    44: A_CURRENCY,
    48: "##0.0E+0",
}


def read_styles(source: IO[bytes], limits: Limits) -> dict[str, str]:
    """The number formats by the numbers of the styles, as cells name them; without those of *General*."""
    parser = _StylesParser(limits)
    parser.parse(source)
    codes = BUILT_IN | parser.codes
    formats = [(str(style), codes.get(number, GENERAL)) for style, number in enumerate(parser.of_styles)]
    return {style: code for style, code in formats if code != GENERAL}


class _StylesParser(Parser):
    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.codes: dict[int, str] = {}
        self.of_styles: list[int] = []
        self.in_cells = False
        self.starts = self.named({"numFmt": self.add_code, "cellXfs": self.start_cells, "xf": self.add_style})
        self.ends = self.named({"cellXfs": self.end_cells})

    def add_code(self, attributes: Attributes) -> None:
        self.codes[int(attributes["numFmtId"])] = attributes["formatCode"][:LONGEST_FORMAT]

    def start_cells(self, _attributes: Attributes) -> None:
        self.in_cells = True

    def end_cells(self) -> None:
        self.in_cells = False

    def add_style(self, attributes: Attributes) -> None:
        if self.in_cells and len(self.of_styles) < MOST_STYLES:
            self.of_styles.append(int(attributes.get("numFmtId", "0")))
