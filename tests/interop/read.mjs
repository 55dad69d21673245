// Reads so many events of a topic with kafkajs and the CloudEvents SDK; one JSON object per event.
// node read.mjs <bootstrap> <topic> <how many>
import { Kafka as Binding } from "cloudevents";
import { Kafka, logLevel } from "kafkajs";

const [bootstrap, topic, wanted] = process.argv.slice(2);
const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: `interop-${topic}` });
let seen = 0;

const text = (headers) => Object.fromEntries(Object.entries(headers).map(([name, raw]) => [name, raw.toString()]));

await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
const done = new Promise((resolve) => {
  consumer.run({
    eachMessage: async ({ message }) => {
      const value = message.value.toString();
      const event = Binding.toEvent({ key: message.key.toString(), value, body: value, headers: text(message.headers) });
      event.validate();
      console.log(JSON.stringify({ key: message.key.toString(), event: event.toJSON() }));
      if (++seen === Number(wanted)) resolve();
    },
  });
});
await done;
await consumer.disconnect();
