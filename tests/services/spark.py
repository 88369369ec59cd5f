"""A Spark on this machine, with a zone of its own that nobody should count on."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.services.needed import missing


def check_spark() -> None:
    """Skip a test where Spark cannot run."""
    for library in ("pyspark", "pyarrow"):
        if find_spec(library) is None:
            missing(f"{library} is not installed; install it (pip install -e '.[spark]')")
    java = shutil.which("java")
    if java is None:
        missing(
            "Java 17 is not installed; install it (Debian: apt-get install openjdk-17-jre-headless)"
        )
    version = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    if not any(f'version "{number}' in version for number in (17, 21)):
        missing(
            "this Java is neither 17 nor 21; install it (Debian: apt-get install openjdk-17-jre-headless)"
        )


@contextmanager
def spark(folder: Path) -> Iterator[Any]:
    """Give a running session with two threads."""
    check_spark()
    from pyspark.sql import SparkSession

    builder = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "OFF")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "America/New_York")
        .config(
            "spark.sql.codegen.wholeStage", "false"
        )  # to compile costs more than these few rows
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.warehouse.dir", str(folder))
    )
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()
