"""Whose tokens count, and for what."""

from tests.sabotage.bug import Bug

CLAIMS = "shared/auth/claims.py"
KEYS = "shared/auth/key_sets.py"
ON_CLAIMS = "tests/shared/auth/test_claims.py::"
ON_KEYS = "tests/shared/auth/test_which_keys.py::"
ON_SETS = "tests/shared/auth/test_key_sets.py::"
FORGED = "tests/shared/auth/test_hostile_tokens.py::test_what_was_made_to_get_in_is_refused_with_its_reason"

SIGN_ON = (
    Bug(
        name="a key is used with whatever algorithm the token names",
        file=KEYS,
        old="[key for key in named if token.algorithm in key.algorithms]",
        new="list(named)",
        caught_by=(ON_KEYS + "test_a_key_that_names_its_algorithm_is_used_with_no_other", FORGED),
    ),
    Bug(
        name="a short RSA key is good enough",
        file=KEYS,
        old="LEAST_RSA_BITS = 2048",
        new="LEAST_RSA_BITS = 1024",
        caught_by=(ON_KEYS + "test_an_odd_key_is_left_out_and_spoils_no_other", FORGED),
    ),
    Bug(
        name="every invented key is asked for at the provider",
        file=KEYS,
        old="            if self._is_long_ago():\n                await self._fetch()\n",
        new="            await self._fetch()\n",
        caught_by=(ON_SETS + "test_a_flood_of_invented_keys_asks_once",),
    ),
    Bug(
        name="keys of another issuer are good for this one",
        file="shared/auth/key_addresses.py",
        old='if not isinstance(found, dict) or found.get("issuer") != issuer:',
        new="if not isinstance(found, dict):",
        caught_by=(ON_SETS + "test_keys_that_cannot_be_fetched_are_our_problem",),
    ),
    Bug(
        name="any audience will do",
        file=CLAIMS,
        old="any(each in wanted for each in audiences if isinstance(each, str))",
        new="audiences",
        caught_by=(ON_CLAIMS + "test_any_other_audience_is_refused", FORGED),
    ),
    Bug(
        name="an empty subject is let in",
        file=CLAIMS,
        old="not isinstance(subject, str) or not subject.strip()",
        new="not isinstance(subject, str)",
        caught_by=(
            ON_CLAIMS + "test_nobody_and_what_cannot_be_shown_are_refused",
            "tests/shared/auth/test_auth.py::test_an_empty_subject_is_nobody",
            FORGED,
        ),
    ),
    Bug(
        name="an address that nobody verified has a role",
        file=CLAIMS,
        old='claims.get("email_verified") is not True',
        new='claims.get("email_verified") is False',
        caught_by=(
            ON_CLAIMS + "test_the_providers_names_are_our_roles",
            "tests/shared/auth/test_providers.py::test_what_a_provider_did_not_say_is_not_believed",
        ),
    ),
    Bug(
        name="names that nobody mapped are roles all the same",
        file=CLAIMS,
        old="for role in mapping.get(name, ()))",
        new="for role in mapping.get(name, [each for each in Role if each == name]))",
        caught_by=(
            ON_CLAIMS + "test_the_providers_names_are_our_roles",
            "tests/shared/auth/test_providers.py::test_what_a_provider_did_not_say_is_not_believed",
        ),
    ),
    Bug(
        name="of two claims with one name the last one counts",
        file="shared/auth/tokens.py",
        old="    if len(found) != len(pairs):\n",
        new="    if False:\n",
        caught_by=(FORGED,),
    ),
)
