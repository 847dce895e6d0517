"""Words by their meaning: what people who know other programs call keys, types and flags of this one.

A misspelt name is found by its letters (`spelling`); these share none. Of the names of a word the first that
there is at the place counts.
"""

from collections.abc import Iterable, Mapping

from datagen.spelling import closest_name

Meanings = Mapping[str, tuple[str, ...]]


def _by_word(groups: Mapping[tuple[str, ...], str]) -> Meanings:
    """Return the names of each word; the words of a group are apart by spaces."""
    found: dict[str, tuple[str, ...]] = {}
    for names, words in groups.items():
        for word in words.split():
            found[word] = (*found.get(word, ()), *names)
    return found


NONE: Meanings = {}
NOTHING: tuple[str, ...] = ()  # that is here, however it may be spelt
KEYS = _by_word(
    {
        ("dimensions", "attributes"): "fields columns properties",
        ("states",): "nodes steps",
        ("emitters",): "outputs events records",
        ("emitter",): "emit output event record log",
        ("transitions",): "edges arcs exits choices branches next_states",
        ("next",): "to goto destination target state next_state",
        ("when",): "if condition guard",
        ("probability", "share"): "chance likelihood odds p",
        ("weights",): "probabilities",
        ("interarrival",): "arrivals arrival arrival_rate arrival_distribution between",
        (
            "delay",
            "cardinality_distribution",
        ): "delay_distribution wait sleep pause dwell duration timer",
        ("length_distribution",): "length len size",
        ("percent_nulls",): "nulls null_rate null_probability nullable",
        ("percent_missing",): "missing missing_rate optional",
        ("mean",): "average avg expected",
        ("stddev",): "sd std sigma deviation",
        ("rate",): "lambda frequency",
        ("min",): "low lower minimum from at_least",
        ("max",): "high upper maximum to at_most",
        ("values",): "options members choices enum",
        ("chars",): "alphabet characters charset",
        ("expr",): "expression formula compute",
        ("precision",): "decimals digits round",
        ("timezone",): "tz zone",
        ("delimiter",): "separator sep",
        ("path",): "filename file location",
        ("url",): "uri endpoint address",
        ("servers", "endpoint"): "bootstrap_servers brokers broker bootstrap",
        ("constants", "variable_defaults"): "globals defaults",
        ("tables",): "lookups datasets",
        ("entities",): "actors people",
        ("disorder",): "noise network faults",
        ("schedule",): "curve seasonality load",
    }
)
TYPES = _by_word(
    {
        ("float",): "number decimal double real",
        ("int",): "long bigint",
        ("string",): "text str varchar random",
        ("uuid",): "guid",
        ("person",): "name full_name first_name last_name user customer people email",
        ("city",): "town place",
        ("address",): "street postcode zip",
        ("phone",): "phone_number mobile telephone",
        ("company",): "business employer organization organisation",
        ("faker",): "fake mimesis job",
        ("user_agent",): "useragent browser agent ua",
        ("domain",): "hostname host fqdn domain_name",
        ("url",): "uri link href",
        ("file_path",): "filepath filename file_name folder",
        ("lorem",): "lorem_ipsum words sentence sentences paragraph",
        ("geo",): "location coordinates latlon lat_lon geopoint point position",
        ("hash",): "md5 sha1 sha256 digest checksum hex",
        ("credit_card",): "card creditcard cc pan",
        ("mac",): "mac_address ethernet",
        ("pattern",): "regex regexp regular_expression mask bothify",
        ("timestamp",): "date datetime time",
        ("ipaddress",): "ip ipv4 ipv6",
        ("enum", "choice"): "category categorical discrete oneof",
        ("counter",): "sequence serial autoincrement increment",
        ("list",): "array",
        ("object",): "struct map dict record nested",
        ("expression",): "formula computed",
        ("variable",): "reference ref memory",
        ("normal",): "gaussian gauss",
        ("constant",): "fixed",
        ("zipf",): "zeta",
        ("json",): "ndjson jsonl jsonlines",
        ("stdout",): "console print terminal",
        ("file",): "disk local",
        ("null",): "discard devnull",
        ("http",): "webhook https splunk",
        ("drop",): "lose loss",
        ("late",): "lag",
        ("duplicate",): "repeat twice",
        ("event:end",): "end stop finish",
        ("gateway:exclusive",): "gateway choice xor",
    }
)
OPTIONS = _by_word(
    {
        NOTHING: "json yaml",
        ("-c",): "spec specification input preset generator model",
        ("-t",): "output out sink destination dest to",
        ("-n",): "count limit number num rows events lines max-records total",
        ("-r",): "time for length period run-time runtime seconds hours",
        ("-s",): "begin from since date now simulate",
        ("-m",): "concurrency users max-concurrent cap",
        ("-j",): "threads process processes parallel parallelism cores cpus",
        ("-q",): "silent",
        ("-v",): "log log-level trace",
        ("--until",): "end stop finish",
        ("--rate",): "throughput eps qps rps events-per-second",
        ("--bytes",): "size volume",
        ("--max-rate",): "throttle brake",
        ("--speed",): "pace accelerate factor",
        ("--then-live",): "backfill live follow",
        ("--resume",): "checkpoint restore continue restart state",
        ("--part",): "shard partition split slice",
        ("--explain",): "describe graph diagram draw plot dot mermaid analyse analyze visualize",
        ("--sample",): "preview head peek",
        ("--stats",): "statistics profile histogram",
        ("--validate",): "lint verify dry-run",
        ("--presets",): "list list-presets examples configs",
        ("--json-schema",): "schema",
        ("--completion",): "autocomplete shell",
        ("--report",): "html",
        ("--timezone",): "tz zone",
        ("--disorder",): "noise chaos network",
        ("--truth",): "labels ground-truth",
        ("--memory",): "ram",
        ("--untrusted",): "safe sandbox",
        ("--metrics",): "prometheus",
        ("--set",): "param define override",
    }
)


def meant_name(word: object, known: Iterable[str], meanings: Meanings = NONE) -> str | None:
    """Return the known name that was meant by a word, by its meaning or by its letters; None where that is none."""
    names = [*known]
    by_meaning = meanings.get(word.casefold()) if isinstance(word, str) else None
    if by_meaning == NOTHING:
        return None
    return next((n for n in by_meaning or () if n in names), None) or closest_name(word, names)


def meant_option(word: str, flags: Iterable[str]) -> str | None:
    """Return the flag that was meant by one that does not exist, such as `-n` for `--count`."""
    names = {flag: flag for flag in flags}
    found = meant_name(word.lstrip("-"), names, OPTIONS)
    known = OPTIONS.get(word.lstrip("-")) == NOTHING
    if found is None and not known and word.startswith("--"):
        bare = {flag[2:]: flag for flag in names if flag.startswith("--")}
        found = bare.get(closest_name(word[2:], bare) or "")
    return found
