"""How events travel: outbox, relay, Kafka, inbox, handlers."""

from tests.sabotage.bug import Bug

NO_LOSS = "tests/shared/messaging/test_no_loss.py::"
RELAY = "tests/shared/messaging/test_relay.py::"
CONSUMING = "tests/shared/messaging/test_consumer.py::"
DELIVERY = "tests/shared/messaging/test_delivery.py::"

OUTBOX_AND_KAFKA = (
    Bug(
        name="the relay remembers the last id instead of deleting: a late commit is skipped",
        file="shared/messaging/relay.py",
        old="            rows = await connection.fetch(FETCH, ROUND)\n",
        new="            last = getattr(self, 'last', 0)\n"
        "            rows = [row for row in await connection.fetch(FETCH, ROUND) if row['id'] > last]\n"
        "            self.last = max([row['id'] for row in rows], default=last)\n",
        caught_by=(NO_LOSS + "test_an_event_that_commits_late_is_sent_all_the_same",),
    ),
    Bug(
        name="events leave the queue before Kafka has acknowledged them",
        file="shared/messaging/relay.py",
        old="        sent = await self._producer.send(free, at_most=self._at_most)\n",
        new="        await connection.execute(ACKNOWLEDGE, [row['id'] for row in free])\n"
        "        sent = await self._producer.send(free, at_most=self._at_most)\n",
        caught_by=(NO_LOSS + "test_what_kafka_did_not_acknowledge_stays_in_the_queue",),
    ),
    Bug(
        name="the relay sends without holding its lock",
        file="shared/messaging/relay.py",
        old='while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):',
        new="while False:",
        caught_by=(RELAY + "test_a_second_relay_waits_until_the_first_lets_go",),
    ),
    Bug(
        name="a frozen relay keeps its lock for ever",
        file="shared/messaging/relay.py",
        old='    "idle_session_timeout": "10s",\n',
        new="",
        caught_by=(RELAY + "test_a_frozen_holder_loses_the_relays_lock",),
    ),
    Bug(
        name="the relay overtakes a parked event of the same key",
        file="shared/messaging/relay.py",
        old='free = [row for row in rows if not row["behind"]]',
        new="free = list(rows)",
        caught_by=(RELAY + "test_a_parked_key_holds_back_its_later_events_until_it_is_sent_again",),
    ),
    Bug(
        name="the producer is used again after a failure",
        file="shared/messaging/relay.py",
        old="            return\n        for partition, error in sent.failed.items():",
        new="            return\n"
        "        self._producer.close = self._producer.open = lambda: asyncio.sleep(0)\n"
        "        for partition, error in sent.failed.items():",
        caught_by=(
            NO_LOSS + "test_an_event_the_broker_refuses_is_parked_and_the_others_arrive_once_in_order",
        ),
    ),
    Bug(
        name="the producer is content with one replica",
        file="shared/messaging/producer.py",
        old='            enable_idempotence=True,\n            acks="all",\n',
        new="            acks=1,\n",
        caught_by=(
            "tests/shared/messaging/test_producer.py::"
            "test_the_producer_waits_for_every_replica_and_numbers_its_batches",
        ),
    ),
    Bug(
        name="keys go to partitions no other client would choose",
        file="shared/messaging/partitioning.py",
        old="(murmur2(key) & 0x7FFFFFFF) % partitions",
        new="murmur2(key) % partitions",
        caught_by=(
            "tests/shared/messaging/test_partitioning.py::test_every_key_goes_where_the_client_library_sends_it",
        ),
    ),
    Bug(
        name="events of one transaction are staged in any order",
        file="shared/messaging/outbox.py",
        old="    ORDER BY n\n",
        new="    ORDER BY n DESC\n",
        caught_by=(RELAY + "test_staged_events_reach_kafka_in_order_and_leave_the_queue",),
    ),
)

CONSUMER = (
    Bug(
        name="a worker on an older schema joins its group",
        file="shared/worker/run.py",
        old="            if current:\n                return True\n",
        new="            return True\n",
        caught_by=("tests/shared/worker/test_run.py::test_there_is_no_work_before_the_migrations",),
    ),
    Bug(
        name="Kafka's offset is committed before the database",
        file="shared/messaging/consumer.py",
        old="        if len(batches) > 1 and await self._handle_together(client, batches, stopping):\n",
        new="        self._offsets.note(after, turn=self._offsets.turn)\n"
        "        if len(batches) > 1 and await self._handle_together(client, batches, stopping):\n",
        caught_by=(CONSUMING + "test_what_was_not_handled_is_read_again_by_the_next_consumer",),
    ),
    Bug(
        name="what failed when partitions were taken together counts as handled",
        file="shared/messaging/consumer.py",
        old="error_type=type(error).__name__)\n            return False\n",
        new="error_type=type(error).__name__)\n            return True\n",
        caught_by=(CONSUMING + "test_an_event_that_cannot_be_handled_holds_up_no_other_partition",),
    ),
    Bug(
        name="what comes while a round waits for its turn is read and forgotten",
        file="shared/messaging/consumer.py",
        old="                read.setdefault(partition, []).extend(more)\n",
        new="                read.setdefault(partition, []).extend(more[:0])\n",
        caught_by=(CONSUMING + "test_what_comes_while_a_round_waits_for_its_turn_is_handled_with_it",),
    ),
    Bug(
        name="auto-commit is on",
        file="shared/messaging/consumer.py",
        old="enable_auto_commit=False",
        new="enable_auto_commit=True",
        caught_by=(CONSUMING + "test_what_was_not_handled_is_read_again_by_the_next_consumer",),
    ),
    Bug(
        name="a new group begins at the end of the log",
        file="shared/messaging/consumer.py",
        old='auto_offset_reset="earliest"',
        new='auto_offset_reset="latest"',
        caught_by=(CONSUMING + "test_a_new_group_begins_at_the_beginning_of_the_log",),
    ),
    Bug(
        name="the inbox is claimed outside the handlers' transaction",
        file="shared/messaging/inbox.py",
        old="    connection = await driver(session)\n",
        new="    from shared.database.sessions import connect\n"
        "    url = session.get_bind().engine.url.render_as_string(hide_password=False)\n"
        '    connection = await connect(url, application="claims")\n',
        caught_by=(DELIVERY + "test_a_batch_that_fails_leaves_everything_unseen",),
    ),
    Bug(
        name="an event that was handled is handled again",
        file="shared/messaging/inbox.py",
        old="return [envelope for envelope in first if envelope.id in new]",
        new="return first",
        caught_by=(DELIVERY + "test_an_event_delivered_again_changes_nothing",),
    ),
    Bug(
        name="a handler's error is swallowed",
        file="shared/messaging/subscriptions.py",
        old="            await handler(context, events)\n",
        new="            try:\n                await handler(context, events)\n"
        "            except Exception:\n                pass\n",
        caught_by=(DELIVERY + "test_a_batch_that_fails_leaves_everything_unseen",),
    ),
    Bug(
        name="a parked event does not hold back what follows on its key",
        file="shared/messaging/delivery.py",
        old="        blocked = await parking.blocked_keys(session, keys) if keys else set()\n",
        new="        blocked: set[tuple[str, str]] = set()\n",
        caught_by=(DELIVERY + "test_an_unreadable_event_parks_its_key_and_the_others_flow",),
    ),
    Bug(
        name="what is parked waits where its last copy came",
        file="shared/messaging/delivery.py",
        old="                first.setdefault(item.event.id, item)\n",
        new="                first[item.event.id] = item\n",
        caught_by=(
            DELIVERY + "test_a_repeat_waits_where_its_first_copy_came",
            DELIVERY + "test_nothing_overtakes_what_cannot_be_read_and_came_twice",
        ),
    ),
    Bug(
        name="a failing event leaves its half-done work behind",
        file="shared/messaging/delivery.py",
        old="                async with context.session.begin_nested():\n",
        new="                if True:\n",
        caught_by=(DELIVERY + "test_what_a_failing_event_had_written_is_undone",),
    ),
    Bug(
        name="a retry handles a key's parked events backwards",
        file="shared/messaging/parking.py",
        old='"ORDER BY part, off FOR UPDATE"',
        new='"ORDER BY part, off DESC FOR UPDATE"',
        caught_by=(DELIVERY + "test_a_retried_key_is_handled_in_order_once_its_head_is_discarded",),
    ),
    Bug(
        name="one partition's poison counts against the others",
        file="shared/messaging/delivery.py",
        old="self._guards.setdefault(partition, Guard())",
        new='self._guards.setdefault(("all", 0), Guard())',
        caught_by=(DELIVERY + "test_partitions_handled_together_are_guarded_each_for_itself",),
    ),
    Bug(
        name="a fault of ours parks the whole topic",
        file="shared/messaging/delivery.py",
        old="if poison and sum(self._recent) + poison > self._limit:",
        new="if False:",
        caught_by=(DELIVERY + "test_a_guard_stops_instead_of_parking_everything",),
    ),
    Bug(
        name="a batch is handled type by type, whatever its keys' order",
        file="shared/messaging/subscriptions.py",
        old="rounds[place[key], envelope.type].append(envelope)",
        new="rounds[0, envelope.type].append(envelope)",
        caught_by=(DELIVERY + "test_interleaved_types_keep_each_keys_order",),
    ),
    Bug(
        name="a connection that the server has closed is handed out",
        file="shared/database/sessions.py",
        old='    event.listen(engine.sync_engine, "checkout", _leave_out_closed)\n',
        new="",
        caught_by=(
            "tests/shared/database/test_database.py::test_a_connection_that_the_server_closed_is_given_to_nobody",
        ),
    ),
)
