import { beforeAll, expect, test } from "vitest";
import { until } from "@weft/testkit/until";
import { inProcessPubSub } from "../../pubsub/in-process.js";
import type { PubSub } from "../../pubsub/pubsub.js";
import { channels, MAX_NAMED_RUNS, parseNewRuns } from "@weft/shared/event-catalog";
import { newId } from "@weft/shared/ids";
import { noteDueRuns, noteNewRuns, wakeRelay } from "./wake-relay.js";

const silent = { debug: () => undefined };

/** A carrier that delivers when the test lets it, as a slow network does. */
function heldPubSub(): { pubsub: PubSub; sent: PromiseWithResolvers<void>[] } {
  const sent: PromiseWithResolvers<void>[] = [];
  const publish = (): Promise<void> => {
    const message = Promise.withResolvers<void>();
    sent.push(message);
    return message.promise;
  };
  return { pubsub: { ...inProcessPubSub(), publish }, sent };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

// Other tests of this process can have noted runs.
beforeAll(async () => {
  wakeRelay(inProcessPubSub(), silent);
  await turns();
});

test("all commits of a tick share one message", async () => {
  const { pubsub, sent } = heldPubSub();
  for (let commit = 0; commit < 10; commit++) wakeRelay(pubsub, silent);
  await turns();
  expect(sent).toHaveLength(1);
});

test("commits during a message share the next one, which is sent after it", async () => {
  const { pubsub, sent } = heldPubSub();
  wakeRelay(pubsub, silent);
  await turns();
  for (let commit = 0; commit < 10; commit++) {
    wakeRelay(pubsub, silent);
    await turns();
  }
  expect(sent).toHaveLength(1);
  sent[0]?.resolve();
  await until(() => sent.length === 2, { what: "the second message is sent" });
  sent[1]?.resolve();
  await turns();
  expect(sent).toHaveLength(2);
});

test("a message that fails is logged, and the next commit sends another one", async () => {
  const { pubsub, sent } = heldPubSub();
  const logged: object[] = [];
  const log = { debug: (facts: object) => void logged.push(facts) };
  wakeRelay(pubsub, log);
  await turns();
  const failure = new Error("Redis is unavailable");
  sent[0]?.reject(failure);
  await until(() => logged.length === 1, { what: "the failure is logged" });
  expect(logged).toEqual([{ err: failure }]);
  await turns();
  wakeRelay(pubsub, log);
  await turns();
  expect(sent).toHaveLength(2);
});

test("new runs are named to the workers, and those that a message cannot name are searched for", async () => {
  const pubsub = inProcessPubSub();
  const messages: string[] = [];
  await pubsub.subscribe(channels.runs, (message) => void messages.push(message));
  const wake = async (): Promise<string[]> => {
    wakeRelay(pubsub, silent);
    await turns();
    return messages.splice(0);
  };
  const some = (count: number) => Array.from({ length: count }, () => ({ tenantId: newId(), runId: newId(), instanceId: newId() }));
  const two = some(2);
  noteNewRuns(two);
  expect((await wake()).map(parseNewRuns)).toEqual([two]);
  noteNewRuns(some(MAX_NAMED_RUNS + 1));
  expect((await wake()).map((message) => parseNewRuns(message).length)).toEqual([MAX_NAMED_RUNS, 0]);
  noteNewRuns(two);
  noteDueRuns();
  expect((await wake()).map((message) => parseNewRuns(message).length)).toEqual([2, 0]);
  expect(await wake()).toEqual([]);
});

test.each(["no JSON", "{}", '[{"tenantId":"x","runId":"y","instanceId":"z"}]'])(
  "a message that cannot be read names no runs: %s",
  (message) => {
    expect(parseNewRuns(message)).toEqual([]);
  },
);
