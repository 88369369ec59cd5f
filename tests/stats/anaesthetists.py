"""Label the patients of Dawid and Skene (1979) with crowd-kit, an independent program.

    pip install crowd-kit==1.4.2
    python tests/stats/anaesthetists.py

`anaesthetists.csv` holds table 1 of the paper: how five anaesthetists rated 45 patients, 1 to 4, the
first of them three times. The last column is what this script writes; the same program gives the same bytes.
"""

import csv
from pathlib import Path

FILE = Path(__file__).with_name("anaesthetists.csv")
LABEL = "crowdkit_1_4_2"


def table() -> tuple[list[str], list[list[int]]]:
    """Return the columns and the rows of the file."""
    with FILE.open(newline="", encoding="utf-8") as stream:
        columns, *rows = csv.reader(stream)
    return columns, [[int(cell) for cell in row] for row in rows]


def labelled() -> str:
    """Return the file with crowd-kit's labels in its last column."""
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    columns, rows = table()
    votes = [
        (row[0], columns[place].split(".")[0], row[place])
        for row in rows
        for place in range(1, len(columns) - 1)
    ]
    found = DawidSkene(n_iter=100).fit_predict(
        pd.DataFrame(votes, columns=["task", "worker", "label"])
    )
    lines = [columns, *[[*row[:-1], int(found.loc[row[0]])] for row in rows]]
    return "".join(",".join(str(cell) for cell in line) + "\n" for line in lines)


if __name__ == "__main__":
    FILE.write_text(labelled(), encoding="utf-8")
