"""Files of a log as views of Spark: those of this machine, and those that only Spark can reach."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import assert_never

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StringType, StructField, StructType

from hitl.decisions.part import Cell, Part, Shape, csv_parts, lines_parts
from hitl.decisions.place import Form, Place
from hitl.decisions.shown import first_line
from hitl.decisions.sql.packed import check_packed, unpack
from hitl.errors import DocumentError, Mistake

_CSV = {"header": "true", "quote": '"', "escape": '"', "multiLine": "true", "mode": "FAILFAST"}
_NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double")
_NESTED = ("struct", "array", "map", "variant")
_PATTERN = re.compile(r"[\\*?{}\[\]]")
_CAUSE = re.compile(r"Caused by: [\w.$]+: (.+)")
_RECORD = re.compile(r"([Mm]alformed (?:CSV )?records?[^:]*):.*")


def spark_parts(
    session: SparkSession, places: Sequence[Place], names: Sequence[str], scratch: Path
) -> tuple[Part, ...]:
    """Return the parts of a log in files, each with a view of its own.

    Args:
        session: where they are read.
        places: the files.
        names: keys that are read of JSON lines.
        scratch: folder for what has to be unpacked.

    Raises:
        DocumentError: every file that cannot be read.
    """
    mistakes: list[Mistake] = []
    parts: list[Part] = []
    for form in Form:
        chosen = [place for place in places if place.form is form]
        try:
            for part, frame in _read(session, form, chosen, names, scratch):
                view = f"hitl_part_{len(parts)}"
                frame.createOrReplaceTempView(view)
                parts.append(Part(form, part.files, part.names, part.cells, view))
        except DocumentError as error:
            mistakes += error.mistakes
        except (PySparkException, Py4JError) as error:
            problem = (
                f"cannot be read: {cause(error)}; look whether a file is still being written, "
                "and for an address, whether Spark has the library for it"
            )
            mistakes.append(Mistake(str(chosen[0]), 0, "", problem))
    if mistakes:
        raise DocumentError(mistakes)
    return tuple(parts)


def cause(error: BaseException) -> str:
    """Return what Spark says went wrong, in the words of the first cause that it names, without the rows that it quotes."""
    found = _CAUSE.search(str(error))
    return (
        first_line(ValueError(_RECORD.sub(r"\1", found.group(1)))) if found else first_line(error)
    )


def _read(
    session: SparkSession, form: Form, places: Sequence[Place], names: Sequence[str], scratch: Path
) -> Iterator[tuple[Part, DataFrame]]:
    here = [(place.path, str(place)) for place in places if not place.address]
    far = [place.address for place in places if place.address]
    if not places:
        return
    match form:
        case Form.PARQUET:
            yield _read_parquet(session, here, far, scratch)
        case Form.CSV:
            yield from _read_csv(session, here, far)
        case Form.LINES:
            yield from _read_lines(session, here, far, names)
        case Form.DUCKDB | Form.SQLITE | Form.POSTGRES:
            problem = "a table is not read by Spark; leave out --engine spark"
            raise DocumentError([Mistake(str(place), 0, "", problem) for place in places])
        case _:
            assert_never(form)


def _read_parquet(
    session: SparkSession, here: Sequence[tuple[Path, str]], far: Sequence[str], scratch: Path
) -> tuple[Part, DataFrame]:
    files = [_whole(path, scratch / f"{number}") for number, (path, _) in enumerate(here)]
    frame = session.read.option("mergeSchema", "true").parquet(*map(_literal, files), *far)
    told = (*(name for _, name in here), *far)
    return Part(Form.PARQUET, (), told, _described(frame)), frame


def _read_csv(
    session: SparkSession, here: Sequence[tuple[Path, str]], far: Sequence[str]
) -> Iterator[tuple[Part, DataFrame]]:
    for part in csv_parts(_sound(here)):
        columns = [cell.sql for cell in part.cells.values()]
        reader = session.read.options(**_CSV).schema(_all_text(columns))
        yield part, reader.csv([*map(_literal, part.files)])
    for address in far:
        frame = session.read.options(**_CSV).csv(address)
        yield Part(Form.CSV, (), (address,), _described(frame)), frame


def _read_lines(
    session: SparkSession,
    here: Sequence[tuple[Path, str]],
    far: Sequence[str],
    names: Sequence[str],
) -> Iterator[tuple[Part, DataFrame]]:
    cells = {name: Cell(_quoted(name), Shape.TEXT) for name in dict.fromkeys(names)}
    parts = lines_parts(_sound(here), names)
    if far:
        parts.append(Part(Form.LINES, (), tuple(far), cells))
    for part in parts:
        paths = [*map(_literal, part.files)] or list(far)
        reader = session.read.schema(_all_text(list(cells))).option("mode", "FAILFAST")
        yield Part(Form.LINES, part.files, part.names, cells), reader.json(paths)


def _sound(here: Sequence[tuple[Path, str]]) -> Sequence[tuple[Path, str]]:
    for path, _ in here:
        if path.suffix == ".gz":
            check_packed(path)
    return here


def _whole(path: Path, target: Path) -> Path:
    if path.suffix != ".gz":
        return path
    unpack(path, target)
    return target


def _all_text(names: Sequence[str]) -> StructType:
    return StructType([StructField(name, StringType()) for name in names])


def _described(frame: DataFrame) -> dict[str, Cell]:
    return {name: _cell(_quoted(name), kind) for name, kind in frame.dtypes}


def _cell(sql: str, kind: str) -> Cell:
    if kind == "timestamp":
        return Cell(sql, Shape.ZONED)
    if kind in ("timestamp_ntz", "date"):
        return Cell(sql, Shape.NAIVE)
    if kind.startswith(_NESTED):
        return Cell(sql, Shape.NESTED)
    if kind in _NUMBERS or kind.startswith("decimal"):
        return Cell(sql, Shape.NUMBER)
    return Cell(sql, Shape.FLAG if kind == "boolean" else Shape.TEXT)


def _quoted(name: str) -> str:
    """Spark knows no doubled quote within a quoted name, but a doubled backtick."""
    return "`" + name.replace("`", "``") + "`"


def _literal(path: Path) -> str:
    """A path that no pattern character of it spreads."""
    return "file://" + _PATTERN.sub(lambda found: f"\\{found.group()}", str(path.absolute()))
