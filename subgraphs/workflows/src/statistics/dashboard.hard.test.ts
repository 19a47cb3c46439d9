import { openLive, startTestWeft, until, type LiveClient, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const part = `weft: 1
key: part
name: Part
initial: open
states:
  open: { task: { title: Open, candidates: { roles: [operations] } }, transitions: { close: { to: closed } } }
  closed: { final: completed }
`;
/** Twelve counters. */
const subscription = `subscription { dashboard { unfinished running suspended failed startedToday completedToday rejectedToday cancelledToday
  openTasks claimedTasks overdueTasks states { state running } } }`;

const viewers = { sockets: 20, perSocket: 50 };
const viewerIds = Array.from({ length: viewers.perSocket }, (_, n) => String(n));
const starts = 25;

let weft: TestWeft;
beforeAll(
  async () =>
    void (weft = await startTestWeft({
      settings: { LIMIT_SOCKETS_PER_TENANT: 10_000, LIMIT_OPERATIONS_WAITING_PER_TENANT: 10_000 },
    })),
);
afterAll(() => weft.stop());

async function executions(): Promise<number> {
  const metrics = await (await fetch(`${weft.url}/metrics`)).text();
  return Number(/^weft_live_executions_total (\d+)/m.exec(metrics)?.[1] ?? 0);
}

/** What the gateway says if a part of it was unavailable for a moment: clients connect again. */
const tryAgain = 1013;

/** Viewers who share a socket, and what they were sent. */
class Watcher {
  readonly #token: string;
  #client: LiveClient | undefined;
  #isOpening = false;
  readonly #started = new Map<string, number>();
  #read = 0;

  constructor(token: string) {
    this.#token = token;
  }

  async open(): Promise<void> {
    const client = await openLive(weft.url, { token: this.#token });
    for (const id of viewerIds) client.send({ type: "subscribe", id, payload: { query: subscription } });
    this.#client = client;
    this.#read = 0;
  }

  /**
   * Returns the latest number of started instances by subscription. Reads each message once: a test that keeps the event loop busy looks like a flood.
   * @throws Error if a subscription or the socket has ended
   */
  started(): ReadonlyMap<string, number> {
    if (!this.#client) return this.#started;
    const { messages, closeCode } = this.#client;
    if (closeCode === tryAgain) this.#openAgain();
    else if (closeCode !== undefined) throw new Error(`The socket was closed with ${closeCode}.`);
    for (const message of messages.slice(this.#read)) {
      if (message.type === "error" || message.type === "complete") throw new Error(`A subscription ended: ${JSON.stringify(message)}`);
      if (message.type !== "next") continue;
      const { data } = message.payload as { data: { dashboard: { startedToday: number } } };
      this.#started.set(message.id ?? "", data.dashboard.startedToday);
    }
    this.#read = messages.length;
    return this.#started;
  }

  close(): void {
    this.#client?.close();
  }

  #openAgain(): void {
    if (this.#isOpening) return;
    this.#isOpening = true;
    const settled = (): void => void (this.#isOpening = false);
    // If the gateway is not there yet, the next look finds the same close code.
    this.open().then(settled, settled);
  }
}

test(
  "1,000 viewers of twelve counters cost at most one computation a second, and all end with the same counters",
  { timeout: 120_000 },
  async () => {
    const tenant = await weft.tenant();
    await tenant.definition(part);
    const users = await Promise.all(Array.from({ length: 4 }, () => tenant.user("workflow_manager")));
    const watchers = Array.from({ length: viewers.sockets }, (_, n) => new Watcher(users[n % users.length]?.token ?? ""));
    await Promise.all(watchers.map((watcher) => watcher.open()));
    const start = () => tenant.admin.run('mutation { startWorkflow(input: { definitionKey: "part" }) { instance { id } } }');
    const everyMs = 100;
    const startedBy = (count: number) =>
      until(() => watchers.every((watcher) => [...watcher.started().values()].every((started) => started === count)), {
        what: `all viewers have ${count} started instances`,
        deadlineMs: 60_000,
        everyMs,
      });
    // A subscription is prepared when it gets its first counters.
    await until(
      async () => {
        const waiting = watchers.some((watcher) => watcher.started().size < viewerIds.length);
        if (waiting) await start();
        return !waiting;
      },
      { what: "all viewers have counters", deadlineMs: 60_000, everyMs },
    );
    const { dashboard } = await tenant.admin.run<{ dashboard: { startedToday: number } }>("{ dashboard { startedToday } }");
    await startedBy(dashboard.startedToday);

    const [before, began] = [await executions(), performance.now()];
    for (let count = 0; count < starts; count++) await start();
    await startedBy(dashboard.startedToday + starts);
    const seconds = (performance.now() - began) / 1_000;
    const computed = (await executions()) - before;
    expect(computed).toBeGreaterThan(0);
    expect(computed).toBeLessThanOrEqual(Math.floor(seconds) + 1);
    for (const watcher of watchers) watcher.close();
  },
);
