"""Attacks on the heart in plain SQL, by what they attack; `test_attacks` runs them all."""

from jieli.cases.tests.attacks.on_events import EVENTS
from jieli.cases.tests.attacks.on_owners import OWNERS
from jieli.cases.tests.attacks.on_passes import PASSES
from jieli.cases.tests.attacks.on_pauses import PAUSES
from jieli.cases.tests.attacks.on_promises import PROMISES
from jieli.cases.tests.attacks.on_records import RECORDS
from jieli.cases.tests.attacks.on_words import WORDS

ATTACKS = {**EVENTS, **OWNERS, **PASSES, **PROMISES, **PAUSES, **RECORDS, **WORDS}
