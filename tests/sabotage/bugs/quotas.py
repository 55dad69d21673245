"""Strangers who get more than their share, and people who pay for it."""

from tests.sabotage.bug import Bug

DOORS = "tests/marketing/capture/connectors/test_quotas.py::"
FLOODS = "tests/marketing/capture/submissions/test_floods.py::"
LIMITS = "tests/shared/test_rate_limits.py::"

QUOTAS = (
    Bug(
        name="a stranger is believed whom he speaks for",
        file="shared/http/client_address.py",
        old="        if self._networks and self._trusts(found):\n",
        new="        if self._networks:\n",
        caught_by=(DOORS + "test_a_stranger_is_not_believed_whom_he_speaks_for",),
    ),
    Bug(
        name="whoever floods is forgotten first",
        file="shared/rate_limits.py",
        old="deep[-(self._most // 2) :]}\n",
        new="deep[: self._most // 2]}\n",
        caught_by=(LIMITS + "test_a_flood_of_networks_does_not_grow_it_and_frees_nobody_who_floods",),
    ),
    Bug(
        name="a wrong key asks the database each time",
        file="services/marketing/capture/sources/cache.py",
        old="            self._note_unknown(key)\n        else:\n",
        new="        else:\n",
        caught_by=(
            DOORS + "test_wrong_keys_cost_the_database_next_to_nothing",
            DOORS + "test_the_memory_of_wrong_keys_is_bounded",
        ),
    ),
    Bug(
        name="a flood is read in its turn",
        file="services/marketing/capture/deliveries/claims.py",
        old="FRESH = {False: _FRESH.format(turn=IN_TURN),",
        new='FRESH = {False: _FRESH.format(turn="true"),',
        caught_by=(FLOODS + "test_a_flood_is_read_after_everything_else",),
    ),
    Bug(
        name="a crowd without a sign of spam is held back",
        file="services/marketing/capture/submissions/rules.py",
        old="    if mark == FLOOD:\n",
        new="    if mark:\n",
        caught_by=(
            FLOODS + "test_above_the_unusual_rate_only_what_has_a_sign_of_spam_is_held_back",
            FLOODS + "test_signs_of_spam_in_a_burst",
        ),
    ),
    Bug(
        name="the desk is told of what somebody took back",
        file="services/marketing/capture/submissions/tables.py",
        old=" AND hand_raiser AND reason IS DISTINCT FROM 'withdrawn'\"\n",
        new=' AND hand_raiser"\n',
        caught_by=(FLOODS + "test_hand_raisers_in_quarantine_are_told_of_once_and_keep_their_clock",),
    ),
)
