// Hands facts over as the CloudEvents SDK for JavaScript does: node sdk.mjs ADDRESS KEY < facts (JSON)
// By HTTP in its default mode (binary) and in structured mode; prints the answers, and the messages for Kafka.
import { CloudEvent, emitterFor, HTTP, httpTransport, Kafka, Mode } from "cloudevents";
import { readFileSync } from "node:fs";

const [address, key] = process.argv.slice(2);
const [first, second, third, fourth] = JSON.parse(readFileSync(0, "utf8")).map((fact) => new CloudEvent(fact));

const sent = async (message) => {
  const headers = { ...message.headers, authorization: `Bearer ${key}` };
  const answer = await fetch(`${address}/events`, { method: "POST", headers, body: message.body });
  return [answer.status, await answer.json()];
};
const answers = [await sent(HTTP.binary(first)), await sent(HTTP.structured(second)), await sent(HTTP.structured(first))];

const emit = emitterFor(httpTransport(`${address}/events`));
const emitted = await emit(third, { headers: { authorization: `Bearer ${key}` } });
answers.push([202, JSON.parse(emitted.body)]);

const messages = [Kafka.binary(third), Kafka.structured(fourth)].map(({ headers, value }) => ({
  headers,
  value: typeof value === "string" ? value : JSON.stringify(value),
}));
console.log(JSON.stringify({ answers, messages }));
