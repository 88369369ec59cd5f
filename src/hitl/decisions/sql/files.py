"""Files and tables of a log as parts that the embedded engine reads."""

from collections.abc import Sequence
from pathlib import Path

from hitl.decisions import quote
from hitl.decisions.mapping import LogColumns
from hitl.decisions.part import Cell, Part, Shape, csv_parts, lines_parts
from hitl.decisions.place import Form, Place
from hitl.decisions.query import QueryError
from hitl.decisions.schema import COLUMNS
from hitl.decisions.sql.database import export_sqlite, no_table
from hitl.decisions.sql.duck import Duck
from hitl.decisions.sql.packed import unpack
from hitl.errors import DocumentError, Mistake

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
            "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE")  # fmt: skip
_NESTED = ("STRUCT(", "MAP(", "UNION(")
_EXACT_DIGITS = 15
"""Of a decimal: with more, the engine's cast to floating point may be off in the last digit."""


def file_parts(
    places: Sequence[Place], duck: Duck, scratch: Path, mapping: LogColumns
) -> tuple[Part, ...]:
    """Return the parts of a log in files and in tables of files.

    Raises:
        DocumentError: every file and table that cannot be read.
    """
    files: dict[Form, list[tuple[Path, str]]] = {form: [] for form in Form}
    parts: list[Part] = []
    mistakes: list[Mistake] = []
    names = wanted(mapping)
    for number, place in enumerate(places):
        try:
            if place.form is Form.DUCKDB:
                parts.append(_table_part(duck, place, f"log{number}"))
            else:
                path = _as_file(place, scratch / f"{number}", names)
                form = Form.CSV if place.form is Form.SQLITE else place.form
                files[form].append((path, str(place)))
        except DocumentError as error:
            mistakes += error.mistakes
    for form in (Form.CSV, Form.PARQUET, Form.LINES):
        try:
            parts += _of_form(duck, form, files[form], mapping)
        except DocumentError as error:
            mistakes += error.mistakes
    if mistakes:
        raise DocumentError(mistakes)
    return tuple(parts)


def wanted(mapping: LogColumns) -> list[str]:
    """Return the log's names of everything that is read."""
    return [*(mapping.source(column.name) for column in COLUMNS), *mapping.only]


def _of_form(
    duck: Duck, form: Form, files: Sequence[tuple[Path, str]], mapping: LogColumns
) -> list[Part]:
    if form is Form.CSV:
        return csv_parts(files)
    return _parquet_parts(duck, files) if form is Form.PARQUET else lines_parts(files, wanted(mapping))  # fmt: skip


def _as_file(place: Place, target: Path, names: Sequence[str]) -> Path:
    if place.form is Form.SQLITE:
        export_sqlite(place, target, names)
    elif place.path.suffix == ".gz":
        unpack(place.path, target)
    else:
        return place.path
    return target


def _table_part(duck: Duck, place: Place, alias: str) -> Part:
    try:
        duck.rows(f"ATTACH {quote.text(str(place.path))} AS {alias} (READ_ONLY)")
        sql = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY 1, 2"
        tables = {(table if schema == "main" else f"{schema}.{table}"): (schema, table)
                  for schema, table in duck.rows(sql, alias)}  # fmt: skip
        if place.table not in tables:
            raise no_table(place, list(tables))
        relation = ".".join(map(quote.name, (alias, *tables[place.table])))
        cells = _described(duck, relation)
    except QueryError as error:
        raise DocumentError([unreadable(str(place), error)]) from error
    return Part(Form.DUCKDB, (place.path,), (str(place),), cells, relation)


def _parquet_parts(duck: Duck, files: Sequence[tuple[Path, str]]) -> list[Part]:
    if not files:
        return []
    paths, names = zip(*files, strict=True)
    part = Part(Form.PARQUET, paths, names, {})
    try:
        cells = _described(duck, part.read())
    except QueryError as error:
        raise DocumentError(_damaged(duck, part) or [unreadable(names[0], error)]) from error
    return [Part(Form.PARQUET, paths, names, cells)]


def _damaged(duck: Duck, part: Part) -> list[Mistake]:
    mistakes = []
    for path, name in zip(part.files, part.names, strict=True):
        try:
            _described(duck, part.read([path]))
        except QueryError as error:
            problem = f"is no whole Parquet file ({error}); was it still being written?"
            mistakes.append(Mistake(name, 0, "", problem))
    return mistakes


def unreadable(place: str, error: QueryError) -> Mistake:
    """Return what is wrong with a file or a table that an engine cannot read."""
    return Mistake(place, 0, "", f"cannot be read: {error}")


def _described(duck: Duck, relation: str) -> dict[str, Cell]:
    rows = duck.rows(f"DESCRIBE SELECT * FROM {relation}")  # noqa: S608  # quoted
    return {row[0]: _cell(quote.name(row[0]), row[1]) for row in rows}


def _cell(sql: str, type_name: str) -> Cell:
    if type_name == "TIMESTAMP WITH TIME ZONE":
        return Cell(sql, Shape.ZONED)
    if type_name.startswith("TIMESTAMP") or type_name == "DATE":
        return Cell(sql, Shape.NAIVE)
    if type_name.startswith("DECIMAL("):
        digits = int(type_name.removeprefix("DECIMAL(").partition(",")[0])
        number = f"CAST(CAST({sql} AS VARCHAR) AS DOUBLE)" if digits > _EXACT_DIGITS else ""
        return Cell(sql, Shape.NUMBER, number)
    if type_name in _NUMBERS:
        return Cell(sql, Shape.NUMBER)
    if type_name.startswith(_NESTED) or type_name.endswith("]"):
        return Cell(sql, Shape.NESTED)
    return Cell(sql, Shape.FLAG if type_name == "BOOLEAN" else Shape.TEXT)
