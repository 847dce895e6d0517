"""A data source for Spark 4: `register(spark)`, then `spark.read.format("datagen")` and `readStream`."""

import importlib.util
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_REMEDY = "datagen.spark needs Spark 4: pip install 'pyspark>=4'"

if importlib.util.find_spec("pyspark") is None:
    raise ImportError(_REMEDY)


def register(spark: "SparkSession") -> None:
    """Make the format `datagen` known to a session. Raises ImportError for that of an older Spark."""
    if not hasattr(spark, "dataSource"):
        raise ImportError(_REMEDY)
    from datagen.spark.source import GeneratedSource  # noqa: PLC0415 - it takes a second to import

    spark.dataSource.register(GeneratedSource)
