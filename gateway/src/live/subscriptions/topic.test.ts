import { setTimeout as delay } from "node:timers/promises";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import type { Viewer } from "@weft/shared/viewer";
import { until } from "@weft/testkit/until";
import { describe, expect, onTestFinished, test } from "vitest";
import type { OperationResult } from "../../executor.js";
import { ConnectionEnded } from "../connections/connection.js";
import { TenantFeed } from "../feeds/tenant-feed.js";
import type { ExecuteMirror } from "./event-execution.js";
import type { Subscriber } from "./shared-answer.js";
import { EventLost, Subscription, type SubscriptionOptions } from "./subscription.js";
import { Topics } from "./topic.js";

const event = (position: number) => ({ id: `e${position}`, position }) as EventEnvelope;
const mirror = { field: "f", responseKey: "f", query: "", atVariable: "at", variables: {}, args: {}, after: null };
const answered: OperationResult = { data: { f: {} }, status: 200 };
const refused = (code: string): OperationResult => ({ data: { f: null }, errors: [{ message: "", extensions: { code } }], status: 200 });

interface Person extends Subscriber {
  readonly received: unknown[];
  /** Ends the rights, as the periodic check or a revocation does. */
  end(): void;
  /** From now on, messages wait until the returned function is called. */
  stopReading(): () => void;
  /** From now on, the rights are unknown until `recheck`, which the returned function finishes. A check that failed leaves them unknown. */
  leaveUnchecked(): (result: "confirmed" | "failed") => void;
  /** Calls of `recheck` and `stand`. */
  readonly asked: string[];
}

function person(): Person {
  const received: unknown[] = [];
  const asked: string[] = [];
  let isEnded = false;
  let isUnknown = false;
  let checking: Promise<void> = Promise.resolve();
  let reading: PromiseWithResolvers<void> | undefined;
  return {
    received,
    asked,
    leaveUnchecked: () => {
      const check = Promise.withResolvers<void>();
      isUnknown = true;
      checking = check.promise;
      return (result) => {
        isUnknown = result === "failed";
        check.resolve();
      };
    },
    address: "",
    userAgent: null,
    end: () => (isEnded = true),
    stopReading: () => {
      const stopped = Promise.withResolvers<void>();
      reading = stopped;
      return () => {
        reading = undefined;
        stopped.resolve();
      };
    },
    viewer: () => (isEnded ? Promise.reject(new ConnectionEnded()) : Promise.resolve({} as Viewer)),
    standing: () => (isEnded ? "ended" : isUnknown ? "unknown" : "current"),
    stand: () => {
      asked.push("stand");
      return isEnded ? Promise.reject(new ConnectionEnded()) : Promise.resolve();
    },
    recheck: () => {
      asked.push("recheck");
      return checking;
    },
    socket: {
      get isClosing() {
        return isEnded;
      },
      headOf: (id) => Buffer.from(`{"id":${JSON.stringify(id)}`),
      sendShared: (head, { tail }) => {
        received.push(JSON.parse(`${head.toString()}${tail.toString()}`));
        return reading?.promise;
      },
    },
  };
}

/** A tenant's feed whose subscriptions are in one topic. */
function aTopic(execute: ExecuteMirror, { ttlMs, everyMs }: { ttlMs?: number; everyMs?: number } = {}) {
  const log: EventEnvelope[] = [];
  const readLog = (after: number, limit: number) => Promise.resolve(log.filter(({ position }) => position > after).slice(0, limit));
  const feed = new TenantFeed({ position: 0, read: readLog, onError: () => undefined });
  const cursorOf = ({ position }: EventEnvelope) => (everyMs === undefined ? "" : `cursor-${position}`);
  const topics = new Topics({ ...(ttlMs !== undefined && { ttlMs }) });
  onTestFinished(() => topics.stop());
  const shared = { feed, key: "k", matches: () => true, mirror, execute, isOfAudience: () => true, cursorOf, maxBytes: 1_000, everyMs };
  return {
    feed,
    emit: (position: number): void => {
      log.push(event(position));
      feed.offer(event(position));
    },
    subscribe: (
      connection: Subscriber,
      given: Partial<Pick<SubscriptionOptions, "id" | "after" | "first" | "maxWaiting" | "onLive" | "untilChecked">> = {},
    ) => {
      const ended: unknown[] = [];
      const options = {
        connection,
        id: "1",
        readLog,
        after: 0,
        maxWaiting: 10,
        onSent: () => undefined,
        onLive: () => undefined,
        ...given,
      };
      let slow = 0;
      const subscription = new Subscription({
        ...options,
        topic: topics.topic({ ...shared, pausesMs: [1, 1] }),
        onTooSlow: () => void slow++,
        onEnd: (error) => void ended.push(error),
      });
      return { subscription, ended, slow: () => slow };
    },
  };
}

/** Lets everything run that waits for promises or for a few short timers, one after the other. On a busy machine, each of them takes a turn of its own. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await delay(5);
}
const messages = (count: number, id = "1") => Array.from({ length: count }, () => ({ id, type: "next", payload: { data: { f: {} } } }));

test("executes an event once for all subscriptions, and sends each the answer with its own ID", async () => {
  let executed = 0;
  const { emit, subscribe } = aTopic(() => Promise.resolve((executed++, answered)));
  const people = [person(), person(), person()];
  for (const [index, one] of people.entries()) subscribe(one, { id: `"${index}` });
  emit(1);
  emit(2);
  await settled();
  expect(executed).toBe(2);
  for (const [index, { received }] of people.entries()) expect(received).toEqual(messages(2, `"${index}`));
});

test("after a reload, answers wait until the subscription was checked, and are then sent in order", async () => {
  const { emit, subscribe } = aTopic(() => Promise.resolve(answered));
  const [unchecked, checked] = [person(), person()];
  const check = Promise.withResolvers<void>();
  let checking: Promise<void> | undefined = check.promise;
  subscribe(unchecked, { untilChecked: () => checking });
  subscribe(checked);
  emit(1);
  emit(2);
  await settled();
  expect([unchecked.received, checked.received]).toEqual([[], messages(2)]);
  checking = undefined;
  check.resolve();
  await settled();
  expect(unchecked.received).toEqual(messages(2));
});

test("after a reload, a subscription that is outdated gets nothing more", async () => {
  const { emit, subscribe } = aTopic(() => Promise.resolve(answered));
  const [outdated, other] = [person(), person()];
  const check = Promise.withResolvers<void>();
  let checking: Promise<void> | undefined = check.promise;
  const { ended } = subscribe(outdated, { untilChecked: () => checking });
  subscribe(other);
  emit(1);
  await settled();
  outdated.end();
  checking = undefined;
  check.resolve();
  await settled();
  expect([outdated.received, ended, other.received]).toEqual([[], [undefined], messages(1)]);
});

test("is live once every event that was missed is answered, and says so once", async () => {
  const { emit, subscribe } = aTopic(() => Promise.resolve(answered));
  emit(1);
  emit(2);
  const one = person();
  const live: unknown[] = [];
  const resume = one.stopReading();
  subscribe(one, { after: 0, onLive: (position) => live.push([position, one.received.length]) });
  await settled();
  expect(live).toEqual([]);
  resume();
  await settled();
  emit(3);
  await settled();
  expect(live).toEqual([[2, 2]]);
});

test("a subscription to the present is live after the answer that stands for what was missed, and has no position", async () => {
  const { emit, subscribe } = aTopic(() => Promise.resolve(answered), { everyMs: 1 });
  emit(1);
  emit(2);
  const one = person();
  const live: unknown[] = [];
  subscribe(one, { after: 0, onLive: (position) => live.push([position, one.received.length]) });
  await settled();
  expect(live).toEqual([[null, 1]]);
});

test("does not send an answer to a subscriber whose rights ended while it was executed, and sends it to the others", async () => {
  const [started, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { emit, subscribe, feed } = aTopic(async () => {
    started.resolve();
    await gate.promise;
    return answered;
  });
  const [ada, bob] = [person(), person()];
  const [hers, his] = [subscribe(ada), subscribe(bob)];
  emit(1);
  await started.promise;
  ada.end();
  gate.resolve();
  await settled();
  expect([ada.received.length, bob.received.length]).toEqual([0, 1]);
  expect(hers.ended).toEqual([undefined]);
  his.subscription.end();
  expect(feed.hasListeners).toBe(false);
});

test("subscribers whose last check is too old share the next one, and those with a recent one do not wait for it", async () => {
  const { emit, subscribe } = aTopic(() => Promise.resolve(answered));
  const [ada, bob, eve, kim] = [person(), person(), person(), person()];
  for (const one of [ada, bob, eve, kim]) subscribe(one);
  const checked = [ada, bob, eve].map((one) => one.leaveUnchecked());
  emit(1);
  await settled();
  expect([ada, bob, eve, kim].map(({ received }) => received.length)).toEqual([0, 0, 0, 1]);
  eve.end();
  // The check of one connection that failed does not hold up the others.
  checked[1]?.("failed");
  checked[0]?.("confirmed");
  await settled();
  expect([ada, bob, eve, kim].map(({ received }) => received.length)).toEqual([1, 1, 0, 1]);
  expect([ada, bob, eve, kim].map(({ asked }) => asked)).toEqual([["recheck"], ["stand"], [], []]);
});

test("executes under the rights of another subscriber if those of the first have ended", async () => {
  const { emit, subscribe } = aTopic(() => Promise.resolve(answered));
  const [ada, bob] = [person(), person()];
  subscribe(ada);
  subscribe(bob);
  ada.end();
  emit(1);
  await settled();
  expect([ada.received.length, bob.received.length]).toEqual([0, 1]);
});

describe("a topic of the present", () => {
  const counting = () => {
    const counted: number[] = [];
    let value = 0;
    const execute: ExecuteMirror = (_mirror, _subscriber, at) => {
      if (!("event" in at)) throw new Error("unexpected check");
      counted.push(at.event.position);
      return Promise.resolve({ data: { f: { value, cursor: at.cursor } }, status: 200 });
    };
    return { counted, execute, set: (next: number) => void (value = next) };
  };
  const values = ({ received }: Person) =>
    (received as { payload: { data: { f: { value: number; cursor: string } } } }[]).map(({ payload }) => Object.values(payload.data.f));

  test("answers many events once, with the last one, for all subscriptions", async () => {
    const { counted, execute, set } = counting();
    const { emit, subscribe } = aTopic(execute, { everyMs: 30 });
    const people = Array.from({ length: 50 }, person);
    for (const one of people) subscribe(one);
    for (let position = 1; position <= 5; position++) emit(position);
    await until(() => people.every(({ received }) => received.length === 1), { what: "everyone has the counters" });
    expect(counted).toEqual([5]);
    set(1);
    for (let position = 6; position <= 9; position++) emit(position);
    await until(() => people.every(({ received }) => received.length === 2), { what: "everyone has the new counters" });
    expect(counted).toEqual([5, 9]);
    for (const one of people) {
      expect(values(one)).toEqual([
        [0, "cursor-5"],
        [1, "cursor-9"],
      ]);
    }
  });

  test("does not send what a subscription already has, and sends it to a new one", async () => {
    const { counted, execute } = counting();
    const { emit, subscribe } = aTopic(execute, { everyMs: 1 });
    const [ada, bob] = [person(), person()];
    subscribe(ada);
    emit(1);
    await until(() => ada.received.length === 1, { what: "the first counters" });
    subscribe(bob, { after: 1 });
    emit(2);
    await until(() => bob.received.length === 1, { what: "the counters of the second" });
    expect(counted).toEqual([1, 2]);
    expect(values(ada)).toEqual([[0, "cursor-1"]]);
  });

  test("after an interruption, the missed events have one answer", async () => {
    const { counted, execute } = counting();
    const { emit, subscribe } = aTopic(execute, { everyMs: 1 });
    for (let position = 1; position <= 5; position++) emit(position);
    const ada = person();
    subscribe(ada, { after: 2 });
    await until(() => ada.received.length === 1, { what: "the counters" });
    expect(counted).toEqual([5]);
    // Rights that ended meanwhile.
    ada.end();
    emit(6);
    await settled();
    expect(ada.received).toHaveLength(1);
  });

  test("with signals, a subscription begins with an answer, and signals are answered although they have no position of their own", async () => {
    const { counted, execute, set } = counting();
    const { feed, emit, subscribe } = aTopic(execute, { everyMs: 1 });
    emit(1);
    const signal = (id: string): EventEnvelope => ({ ...event(1), id });
    const ada = person();
    subscribe(ada, { after: 1, first: signal("first") });
    await until(() => ada.received.length === 1, { what: "the answer at the beginning" });
    set(1);
    feed.pass(signal("second"));
    await until(() => ada.received.length === 2, { what: "the answer to the signal" });
    feed.pass(signal("third"));
    await until(() => counted.length === 3, { what: "the third answer" });
    await settled();
    expect(values(ada)).toEqual([
      [0, "cursor-1"],
      [1, "cursor-1"],
    ]);
  });
});

test("sends nothing for an event that the audience cannot see, and continues", async () => {
  const results = [refused("NOT_FOUND"), refused("FORBIDDEN"), answered];
  const { emit, subscribe } = aTopic(() => Promise.resolve(results.shift() ?? answered));
  const ada = person();
  subscribe(ada);
  for (const position of [1, 2, 3]) emit(position);
  await settled();
  expect(ada.received).toEqual(messages(1));
});

test("a subscriber that is behind does not delay the others, and receives the events later in order", async () => {
  const { emit, subscribe } = aTopic((_mirror, _subscriber, at) =>
    Promise.resolve({ data: { f: "event" in at ? at.event.position : 0 }, status: 200 }),
  );
  const [ada, bob] = [person(), person()];
  subscribe(ada);
  subscribe(bob);
  const read = ada.stopReading();
  for (const position of [1, 2, 3]) emit(position);
  await settled();
  expect([ada.received.length, bob.received.length]).toEqual([1, 3]);
  read();
  await settled();
  expect(ada.received).toEqual(bob.received);
});

test("a subscriber that is behind for longer than an answer lives gets the latest state, not the state at the time of the event", async () => {
  const ttlMs = 1;
  let state = "early";
  const { emit, subscribe } = aTopic(() => Promise.resolve({ data: { f: state }, status: 200 }), { ttlMs });
  const [ada, bob] = [person(), person()];
  subscribe(ada);
  subscribe(bob);
  const read = ada.stopReading();
  for (const position of [1, 2, 3]) emit(position);
  await settled();
  state = "latest";
  await delay(10 * ttlMs);
  read();
  await settled();
  const states = (received: readonly unknown[]) =>
    received.map((message) => (message as { payload: { data: { f: string } } }).payload.data.f);
  expect(states(bob.received)).toEqual(["early", "early", "early"]);
  expect(states(ada.received)).toEqual(["early", "latest", "latest"]);
});

test("reports a subscriber that does not read its events once, and keeps no more events than its limit", async () => {
  const { emit, subscribe, feed } = aTopic(() => Promise.resolve(answered));
  const ada = person();
  ada.stopReading();
  const { slow, ended } = subscribe(ada, { maxWaiting: 10 });
  for (let position = 1; position <= 50; position++) emit(position);
  await settled();
  expect(slow()).toBe(1);
  expect(ended).toEqual([undefined]);
  expect(ada.received.length).toBeLessThanOrEqual(1);
  expect(feed.hasListeners).toBe(false);
});

test("reads missed events from the log, then new ones, each once and in order", async () => {
  const { emit, subscribe } = aTopic((_mirror, _subscriber, at) =>
    Promise.resolve({ data: { f: "event" in at ? at.event.position : 0 }, status: 200 }),
  );
  for (let position = 1; position <= 120; position++) emit(position);
  const ada = person();
  subscribe(ada, { after: 5, maxWaiting: 200 });
  for (let position = 121; position <= 125; position++) emit(position);
  await settled();
  expect(ada.received).toEqual(Array.from({ length: 120 }, (_, index) => ({ id: "1", type: "next", payload: { data: { f: index + 6 } } })));
});

test.each(["SERVICE_UNAVAILABLE", "RATE_LIMITED"])(
  "retries an event if its query is refused with %s, instead of delivering the refusal",
  async (code) => {
    let tries = 0;
    const { emit, subscribe } = aTopic(() => Promise.resolve(++tries < 3 ? refused(code) : answered));
    const ada = person();
    subscribe(ada);
    emit(1);
    await settled();
    expect(ada.received).toEqual(messages(1));
    expect(tries).toBe(3);
  },
);

test("ends with EventLost if an event is refused for longer than the retries", async () => {
  const { emit, subscribe } = aTopic(() => Promise.resolve(refused("SERVICE_UNAVAILABLE")));
  const ada = person();
  const { ended } = subscribe(ada);
  emit(1);
  await settled();
  expect(ada.received).toEqual([]);
  expect(ended).toEqual([expect.any(EventLost)]);
});

test("ends with the error if an answer is larger than the limit", async () => {
  const { emit, subscribe } = aTopic(() => Promise.resolve({ data: { f: "x".repeat(2_000) }, status: 200 }));
  const ada = person();
  const { ended } = subscribe(ada);
  emit(1);
  await settled();
  expect(ada.received).toEqual([]);
  expect(ended).toMatchObject([{ extensions: { code: "QUERY_LIMIT_EXCEEDED" } }]);
});
