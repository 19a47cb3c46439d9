import { ANY_SUBJECT, channels, type EventEnvelope } from "@weft/shared/event-catalog";
import { inProcessPubSub, type PubSub } from "@weft/platform/pubsub";
import { sendSignal } from "@weft/api/live";
import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Feeds } from "./feeds.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

/** The feeds of a gateway, and what a subscriber of a tenant hears. `reconnect` does what a pub/sub does after it has lost its connection. */
async function aFeed() {
  const { tenantId } = await bare.tenant();
  const warnings: unknown[] = [];
  const log = { warn: (entry: unknown) => void warnings.push(entry), debug: () => undefined };
  const own = inProcessPubSub();
  const handlers: (() => void)[] = [];
  const pubsub: PubSub = { ...own, onReconnect: (handler) => (handlers.push(handler), () => undefined) };
  const feeds = new Feeds({ database: bare.databases.app, log: log as never, onEvent: () => undefined });
  await feeds.start(pubsub);
  onTestFinished(() => feeds.stop());
  const { feed } = await feeds.join(tenantId);
  const heard: EventEnvelope[] = [];
  feed.listen((event) => heard.push(event));
  return { tenantId, pubsub, log, warnings, feed, heard, reconnect: () => handlers.forEach((handle) => handle()) };
}

test("a signal reaches the subscribers of its tenant at the position of the feed, and no others", async () => {
  const { tenantId, pubsub, log, feed, heard } = await aFeed();
  const subjectId = tenantId;
  sendSignal({ pubsub, log }, { tenantId: "00000000-0000-7000-8000-000000000000", type: "request.editors_changed", subjectId });
  sendSignal({ pubsub, log }, { tenantId, type: "request.editors_changed", subjectId });
  await until(() => heard.length > 0, { what: "the signal" });
  expect(heard).toMatchObject([{ tenantId, type: "request.editors_changed", subjectId, position: feed.position }]);
});

test("after a lost connection, there is a signal for all those that may have been missed", async () => {
  const { tenantId, heard, reconnect } = await aFeed();
  reconnect();
  await until(() => heard.length > 0, { what: "the signal" });
  expect(heard).toMatchObject([{ tenantId, type: "request.editors_changed", subjectId: ANY_SUBJECT }]);
});

test("a message that is no signal is reported, and the next one arrives", async () => {
  const { tenantId, pubsub, log, warnings, heard } = await aFeed();
  await pubsub.publish(channels.signals, "{}");
  sendSignal({ pubsub, log }, { tenantId, type: "request.editors_changed", subjectId: tenantId });
  await until(() => heard.length > 0, { what: "the signal" });
  expect(warnings).toHaveLength(1);
  expect(heard).toHaveLength(1);
});
