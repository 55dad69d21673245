"""The month, act by act. Each act ends when what it caused can be seen; nothing waits by the clock."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from deploy.demo import flood, handshake, outcomes, scene, story
from deploy.demo.arrivals import Arrivals
from deploy.demo.checks import Checks
from deploy.demo.graph import Graph
from deploy.demo.house import Caller, DemoError, House
from deploy.demo.scene import Scene
from deploy.demo.selling import Selling
from deploy.demo.senders import GoogleAds, Meta, Site, Tally
from deploy.demo.story import Person
from deploy.demo.tallies import Tallies, tallies
from shared import clock

LOCAL = {"127.0.0.1", "localhost", "0.0.0.0", "::1"}
Say = Callable[[str], None]


@dataclass
class Play:
    """One run: what was set up, what was sent, what was sold, and whether all of it held."""

    scene: Scene
    arrivals: Arrivals
    selling: Selling
    checks: Checks
    before: Tallies
    reps: dict[Person, Caller] = field(default_factory=dict)
    leads: dict[Person, str] = field(default_factory=dict)


def graph_for(house: House) -> Graph:
    """Meta's stand-in, where the stack looks for Meta. Raises DemoError when that is elsewhere."""
    url = house.environment.values.get("META_GRAPH_URL", "")
    address = urlsplit(url)
    if address.scheme != "http" or address.hostname not in LOCAL or not address.port:
        raise DemoError(
            f"The stack asks Meta at {url or 'its real address'}, which the demo can't play. "
            "Unset META_GRAPH_URL, then: make down up demo"
        )
    return Graph(host="127.0.0.1", port=address.port)


@contextmanager
def stage(house: House) -> Iterator[Graph]:
    """Meta's stand-in, listening. Raises DemoError when its port is taken."""
    graph = graph_for(house)
    with ExitStack() as stack:
        try:
            stack.enter_context(graph)
        except OSError as error:
            raise DemoError(
                f"Port {graph.port}, where the demo plays Meta, is taken. Is another demo on?"
            ) from error
        yield graph


def prepare(house: House, graph: Graph, say: Say) -> Play:
    """Act 1: everything a company has before the first lead comes."""
    now = clock.now()
    one = Scene(house, now.date(), scene.next_run(house))
    scene.check_currency(one)
    checks = Checks()
    say(f"run {one.run}: exchange rates for {scene.set_rates(one)} weeks")
    say(f"{scene.add_campaigns(one)} campaigns in {len(story.CHANNELS)} channels")
    say(f"{scene.spend_money(one)} days of spend in EUR and USD")
    scene.open_doors(one)
    say("a web form, Google Ads, Meta, Tally, and an API key")
    say(f"{scene.staff(one)} reps in {len(story.TEAMS)} teams, and who gets which lead")
    handshake.relax(one)  # an interrupted run may have left a team in a hurry
    graph.token, graph.app_secret = one.page_token, one.app_secret
    before = tallies(house, one.first_day, one.today)
    arrivals = Arrivals(one, checks, Site(one), Tally(one), GoogleAds(one), Meta(one, graph, now), now)
    return Play(one, arrivals, Selling(one, checks, now), checks, before)


def history(play: Play, say: Say) -> None:
    """Act 2: what happened while Leadloop was not there yet."""
    people = (*story.LAST_MONTH, *story.ONLOOKERS, *story.TODAY)
    play.arrivals.history(people)
    count = sum(touch.days > 0 for person in people for touch in person.touches)
    say(f"{count} touches of the last 30 days, from a server, sent twice")


def today(play: Play, say: Say) -> None:
    """Act 3: people come through every door, and so does everything else."""
    arrivals = play.arrivals
    answer = arrivals.meta.subscribe()
    play.checks.equal("Meta's challenge is echoed", (200, "1158201444"), (answer.status, str(answer.body)))
    arrivals.today([person for person in story.TODAY if person not in story.SURPRISES])
    say("people by form, Tally, Google and Meta")
    clicked = arrivals.repeats()
    say("the same again from every door, and a test")
    reasons = arrivals.spam()
    say("spam, and somebody who left no address")
    arrivals.unreadable()
    arrivals.refused()
    say("forgeries, broken bodies, strangers")
    outcomes.clicked_twice(arrivals, clicked)
    outcomes.set_aside(arrivals, reasons)
    outcomes.repair_meta(arrivals)
    say("Meta refused one lead; permission granted, replayed")
    for person in (*story.LAST_MONTH, *story.ONLOOKERS, *story.TODAY):
        if person is not story.YUKI:
            play.leads[person] = outcomes.lead_of(arrivals, person)
    say(f"{len(play.leads)} people are leads, each of them once")


def shake_hands(play: Play, say: Say) -> None:
    """Act 4: every qualified lead finds a rep who takes it."""
    one, checks = play.scene, play.checks
    for person in story.LAST_MONTH + story.TODAY:
        if person is story.YUKI:
            continue
        offer = handshake.offer_of(one, play.leads[person])
        if person.live:
            handshake.knows_who(one, checks, offer, person.name)
        if person.answer == "decline_first":
            offer = handshake.decline(one, checks, offer)
            say("one rep is busy and declines; the next one takes it")
        handshake.accept(one, checks, offer, call=person.live)
        play.reps[person] = handshake.rep_of(one, offer)
        if person.plan and person.plan.end == "returned":
            handshake.give_back(one, checks, offer)
            say("one lead never answers, and goes back to marketing")
    say(f"{len(play.reps)} leads accepted")
    _flood(play, say)
    _lapse(play, say)


def _flood(play: Play, say: Say) -> None:
    """The next lead of that team is offered at once: see what lapses."""
    arrivals, since = play.arrivals, clock.now()
    before = flood.standing(arrivals)
    sent = flood.flood(arrivals)
    flood.fills_the_team(arrivals, sent, before)
    flood.take_back(arrivals, since, before)
    say(f"{len(sent)} invented leads fill a team; one request takes them back, with turns and places")


def _lapse(play: Play, say: Say) -> None:
    one, person = play.scene, story.YUKI
    handshake.hurry(one)
    try:
        play.arrivals.today([person])
        play.leads[person] = outcomes.lead_of(play.arrivals, person)
        offer = handshake.offer_of(one, play.leads[person])
    finally:
        handshake.relax(one)
    offer = handshake.let_lapse(one, play.checks, offer)
    handshake.accept(one, play.checks, offer, call=True)
    play.reps[person] = handshake.rep_of(one, offer)
    say("one offer lapses after two seconds; the next rep takes it")


def sell(play: Play, say: Say) -> None:
    """Act 5: deals advance, close, and are corrected."""
    for person, rep in play.reps.items():
        assert person.plan is not None
        deal = play.selling.deal_of(play.leads[person], rep)
        if person.plan.end != "returned":
            play.selling.work(person, person.plan, deal, rep, play.arrivals)
    say(f"{len(play.reps)} deals opened by accepted leads")
    world = story.TEAMS[-1]
    play.selling.prospect(story.PROSPECTED, world.reps[0][0], world.manager)
    won = play.scene.books.won
    say(f"{len(won)} won, one of them found by a rep alone; one lost, one amended, one refunded")
    play.selling.refusals(won[0].deal_id)
