"""Imports run one way, file by file; nothing grows too large; `--help` is light."""

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from benchmarks import structure

ROOT = Path(__file__).parent.parent
# From the first to the last: each file imports only files before it. A package's own
# `__init__` comes after its files.
ORDER = """
    one_line errors allocation unused_imports arrays elementary trigonometry rounding durable durations rate_wish locks file_set input_files lookup short_names spelling meanings validation instants part position randomness
    columns: faults lazy pieces digits json_text instant_parts column_type strftime datetimes format_spec column gathering members combinations scalar literal nested instant_format clock truth joined typed_values
    batch
    expressions: vectors nodes arithmetic function_call evaluation
    templating: meter sandbox metering scopes function_calls checking rendering obstacles filter_translator expression_translator work_bound
    curves: zones zone_style curve factors holidays product rate_integral
    timeline
    language: tree problems scope bounds values column_values number_functions text_functions list_functions time_functions conversions operators maker signatures typed_operators time_definitions functions reaching looking testing parsing translator vectors objects operation row_by_row intake number_kernels comparison_kernels text_kernels time_kernels list_kernels evaluation codegen expression calls
    distributions: normal_quantile normal_shares log_concave incomplete weights shorthands base truncation rows continuous unbounded shaped bounded discrete temporal varying open_hours scaled parsing
    entity_pools: permutation ranks growth living
    fields: draw base member_sets parts variable switch tables row template numbers address enum expression text regular pattern identifiers libraries person places company phone made user_agent lorem resources geo nested static instants timestamps pool members selection entity
    sources: file_names zone_names time_dates time_layouts time_writing times cycles local_times completion time_patterns time_forms text_times number_times time_parsing moving base texts cells escapes delimited json_columns json_times jsonlines parquet sorting
    disorder: effects bounds copies clean_records copy_arrays value_words decide skewed
    spec: timeline time_form document entities table_files tables record_schema state_graph populations emissions dependencies own_names scopes sequences record_problems emitter repeated_sets constants transitions deciding merging state old_words forms references generator scaling process process_flows subprocesses process_document children expansion process_family entity_table parsing memory
    simulation: worker_keys states visits cap openings interarrivals decisions delays phases machine build chain moments queue dry_run long_run forecast cursor paths value_walker lookahead arrivals assumed_starts windows pool pools worker_index remembered_values sequences counters faults visits_by_state fixed_values visit_names variables variable_store variables_at_visits drawn_records setting circles computed_variables choices folding held_values walk_setters recalled_rows single_walk value_walk settling records entity_records source
    replay: spec source times checks cursor median skipping window passes records
    formats: avro_binary picking emitter_tables encoding rendered base timed narrowed columnar database_rows objects avro jsonlines column_plan cells delimited old_patterns placeholders pattern conditions translation template variable_texts
    disorder: corrupt checks
    truth: labels ledger tables
    targets: table_stream delivered message_keys descriptor compatibility sink passing filtered base public_address retry tls json_answer stdout null memory
    targets/envelopes: answers base json_quotes splunk_hec elastic_bulk otlp syslog
    targets/files: compression path_pattern plain compressed footer unfinished partitioned routes routed target
    targets/kafka: schema_registry timestamps base librdkafka confluent_sink checkpoint_topic transactions confluent kafka_python
    targets/sql: dialects tables ddl database loading places sink target
    targets: network http_client http tcp udp tee
    running: outcome waiting faults summary observer options loading_budget environment given_instants old_targets places yaml_text document_name short_targets documents positions params overrides given includes open_hours untrusted departure_cursor checkpoint checkpointing clock time_range run_name plan text_size pacing disordering truth_target held_forecast cap_warning batch_source batch_stream prefetch relay stream_position totals rendering record_sample rate copied departures truth_delivery transfer renderer renderers delivery table_run pipeline stream_parts resume description parts loading
    inspection: fit shown_texts draw_sample step_sample run_collector report_figures expected_values field_figures model_tests arrival_tests walked_lives count_tests page page_file report file_records file_check report_page report_file display observing transitions sampling sample_text number_tally value_tally field_stats flow_stats run_stats stats_text explanation record_sizes worker_figures run_figures capped_walk capped_run held_run explained_replay explaining dry_run explained_text forms diagram mermaid graphviz drawings layers svg charts machine_picture explained_page schema_parts schema_values json_schema
    cli: collector console metrics old_spellings options help_text strict_parser parser completion catalogue progress preparation signals reporting session watching modes
    api: reporting arguments events explaining delivering functions fixture
    spark: options cursor_files emitter_rows records source
"""
MODULES = sorted(set(structure.files()) - {"datagen", "generator"})
LONGEST_CHAIN, LONGEST_MODULE, LONGEST_FUNCTION, MOST_BRANCHES = 40, 400, 60, 12
EXCEPTIONS: dict[str, str] = {}  # functions that may be longer: each with its reason, five at most

UNTESTED = {  # modules without a test file of their name, and where their tests are; fifteen at most
    "datagen.targets.kafka.confluent": "needs a broker: tests/targets/kafka/test_kafka.py, test_keys.py",
    "datagen.targets.kafka.confluent_sink": "needs a broker: tests/targets/kafka/test_kafka.py",
    "datagen.targets.kafka.kafka_python": "needs a broker: tests/targets/kafka/test_kafka.py",
    "datagen.targets.kafka.transactions": "needs a broker: tests/guarantees/exactly_once",
    "datagen.targets.kafka.timestamps": "needs a broker: tests/targets/kafka/test_kafka.py, test_keys.py",
    "datagen.targets.kafka.checkpoint_topic": "needs a broker: tests/guarantees/exactly_once",
}


def ranks() -> dict[str, int]:
    """Return each module's place in the order."""
    order: list[str] = []
    for line in ORDER.strip().splitlines():
        package, colon, names = line.strip().rpartition(":")
        prefix = f"datagen.{package.replace('/', '.')}." if colon else "datagen."
        order += [prefix + name for name in names.split()]
        order += [prefix[:-1]] * bool(colon)
    return {module: place for place, module in enumerate(order)}  # of a package: the last line


RANKS = ranks()


@cache
def trees() -> dict[str, ast.Module]:
    """Return the syntax tree of each module, read when the first test looks at it: not to collect."""
    return structure.parsed()


@cache
def graph(*, through_reexports: bool = True) -> structure.Graph:
    """Return which modules each of them imports."""
    return structure.import_graph(trees(), through_reexports=through_reexports)


def test_order_names_every_module() -> None:
    """No file is forgotten, and none is made up."""
    assert sorted(set(RANKS) - {"datagen"}) == MODULES


def test_imports_run_one_way() -> None:
    """A file imports only files before its own, inside functions too; no circle is possible."""
    direct, further = graph(through_reexports=False), graph()
    later = {
        (module, other)
        for module in MODULES
        for other in (direct[module] | further[module]) - {"datagen"}
        if RANKS[other] >= RANKS[module]
    }
    assert later == set()


def test_no_circle() -> None:
    """Also not through what a package's own file imports."""
    assert structure.circles(graph(through_reexports=False)) == []


@pytest.mark.parametrize(
    ("package", "unseen"),
    [
        ("formats", ("simulation", "replay")),
        ("targets", ("simulation", "replay")),
        ("simulation", ("formats", "targets", "running", "replay")),
        ("replay", ("formats", "targets", "running", "simulation")),
        ("running", ("cli",)),
    ],
)
def test_steps_do_not_know_each_other(package: str, unseen: tuple[str, ...]) -> None:
    """What writes records knows nothing of how they were made, and the other way round."""
    found = {
        other
        for module in MODULES
        if module.startswith(f"datagen.{package}.")
        for other in structure.reached(graph(), module)
        if other.startswith(tuple(f"datagen.{each}." for each in unseen))
    }
    assert found == set()


def test_chains_stay_short() -> None:
    """Whoever reads one file needs no more than so many others."""
    assert len(structure.longest_chain(graph())) <= LONGEST_CHAIN


def test_files_and_functions_stay_small() -> None:
    """A file is read in one sitting, a function at one glance."""
    lines = {module: len(structure.text(ROOT, module).splitlines()) for module in MODULES}
    assert {module: count for module, count in lines.items() if count > LONGEST_MODULE} == {}
    large = [
        f"{module}.{node.name}"
        for module in MODULES
        for node in structure.functions(trees()[module])
        if structure.length(node) > LONGEST_FUNCTION or structure.branches(node) > MOST_BRANCHES
    ]
    assert [name for name in large if name not in EXCEPTIONS] == []


def test_exceptions_are_few() -> None:
    """And each is still one."""
    assert len(EXCEPTIONS) <= 5
    for name in EXCEPTIONS:
        module, _, function = name.rpartition(".")
        assert function in {node.name for node in structure.functions(trees()[module])}


def has_logic(module: str) -> bool:
    """Return whether some function of a module does anything: data and protocols need no tests."""
    return any(
        not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Constant)
        for function in structure.functions(trees()[module])
        for statement in function.body
    )


def place_of_tests(module: str) -> Path:
    """Return where the tests of a module are, if they are anywhere."""
    *folders, name = module.split(".")[1:]
    return ROOT.joinpath("tests", *folders, f"test_{name}.py")


def test_modules_have_their_test_files() -> None:
    """datagen/a/b.py is tested by tests/a/test_b.py, where whoever changes it finds its tests."""
    ours = [module for module in MODULES if has_logic(module)]
    untested = {module for module in ours if not place_of_tests(module).is_file()}
    assert untested == UNTESTED.keys() & set(ours)


def test_untested_modules_are_few() -> None:
    """And each is still there, with its reason."""
    assert len(UNTESTED) <= 15
    assert set(UNTESTED) <= {module for module in MODULES if has_logic(module)}


def test_package_itself_imports_nothing() -> None:
    """`import datagen` costs nothing."""
    assert graph()["datagen"] == set()


@pytest.mark.parametrize("module", ["generator", "datagen.cli.options", "datagen.running.options"])
def test_importing_the_command_line_is_light(module: str) -> None:
    """`--help` needs neither numpy nor pyarrow nor pydantic."""
    code = f"import {module}, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"numpy", "pyarrow", "pydantic", "dateutil", "scipy"} & set(loaded)


@pytest.mark.parametrize("flags", [(), ("--template", "t")])
def test_json_imports_no_jinja(flags: tuple[str, ...]) -> None:
    """Not even of a specification that has templates; one that is used does."""
    spec = json.loads((ROOT / "conf" / "gen" / "example.json").read_text(encoding="utf-8"))
    spec["templates"] = {"t": {"body": "{{ client }}"}}
    code = (
        "import io, sys, generator; text = io.BytesIO(sys.argv[1].encode())\n"
        "generator.main(sys.argv[2:], text, io.BytesIO(), io.StringIO())\n"
        "print('jinja2' in sys.modules, 'datagen.running.pipeline' in sys.modules)"
    )
    words = [sys.executable, "-c", code, json.dumps(spec), "-n", "3", "-s", "2027-03-12", *flags]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"{bool(flags)} True\n"


def test_simulation_imports_no_readers_of_files() -> None:
    """A tenth of the time until its first record would go into them."""
    code = (
        "import io, sys, generator\n"
        "generator.main(sys.argv[1:], None, io.BytesIO(), io.StringIO())\n"
        "print(*sys.modules)"
    )
    words = [sys.executable, "-c", code, "-c", "example", "-n", "3", "-s", "2027-03-12"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "datagen.simulation" in loaded
    assert not {"datagen.replay", "datagen.sources"} & loaded
