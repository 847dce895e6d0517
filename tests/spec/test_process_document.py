"""The process form as the classic one: which states come of it, and what it says of itself."""

from datagen.spec.generator import CompiledGenerator
from datagen.spec.parsing import parse_spec
from datagen.spec.process_document import ProcessDocument
from tests.support.machines import constant
from tests.support.processes import activity, end, gateway, process_of, start, timer

SPEC = process_of(
    start("a", constant(3)),
    activity("a", "wait"),
    timer("wait", constant(2), "way"),
    gateway("way", a=0.25, b=0.75),
    activity("b", "end"),
    end(),
)


def classic() -> CompiledGenerator:
    """Return the process in the classic form."""
    spec, warnings = parse_spec(SPEC, "test.json")
    assert warnings == []
    assert isinstance(spec, CompiledGenerator)
    return spec


def test_a_visit_is_a_state_with_the_timer_and_the_gateway_after_it() -> None:
    """Two activities are two states; the time between workers is the start's."""
    a, b = classic().states
    assert (a.name, a.emitter, a.delay.mean()) == ("a", ("e",), 2)
    assert [(each.next, each.probability) for each in a.transitions] == [("a", 0.25), ("b", 0.75)]
    assert (b.name, b.delay.mean(), [each.next for each in b.transitions]) == ("b", 0, ["end"])
    assert classic().arrivals[0].interarrival.mean() == 3


def test_states_are_counted_and_numbered_as_in_the_file() -> None:
    """Messages lead to the place in the document, not to that in the classic form."""
    assert classic().state_count == 6
    assert [classic().variables_path(state)[1] for state in (0, 1)] == [1, 4]


def test_all_that_takes_time_has_a_name_in_the_words_of_the_form() -> None:
    """The start first; activities and gateways take no time."""
    assert [(name, each.mean()) for name, each in classic().form.durations()] == [
        ('event:start:timer "start": a mean', 3),
        ('event:intermediate:timer "wait": a mean', 2),
    ]


def test_records_of_a_process_have_no_time_of_their_own() -> None:
    """What they hold are the dimensions; instants have an offset."""
    assert not classic().timed_emitters
    assert classic().style.suffix == "+00:00"


def test_the_graph_is_that_of_the_document() -> None:
    """Problems are told of its states, also of those that are no state of the machine."""
    document = ProcessDocument.model_validate(SPEC)
    assert [node.name for node in document.graph().nodes] == [
        state.name for state in document.states
    ]
