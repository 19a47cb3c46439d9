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

/** Numbers of started instances that a subscription was sent, in order. */
const startedSeenBy = ({ messages }: LiveClient, id: string): number[] =>
  messages.flatMap((message) => {
    if (message.type !== "next" || message.id !== id) return [];
    const { data } = message.payload as { data: { dashboard: { startedToday: number } } };
    return [data.dashboard.startedToday];
  });

test(
  "1,000 viewers of twelve counters cost at most one computation a second, and all end with the same counters",
  { timeout: 120_000 },
  async () => {
    const tenant = await weft.tenant();
    await tenant.definition(part);
    const users = await Promise.all(Array.from({ length: 4 }, () => tenant.user("workflow_manager")));
    const clients = await Promise.all(
      Array.from({ length: viewers.sockets }, (_, n) => openLive(weft.url, { token: users[n % users.length]?.token ?? "" })),
    );
    const ids = Array.from({ length: viewers.perSocket }, (_, n) => String(n));
    for (const client of clients) for (const id of ids) client.send({ type: "subscribe", id, payload: { query: subscription } });
    const start = () => tenant.admin.run('mutation { startWorkflow(input: { definitionKey: "part" }) { instance { id } } }');
    // A subscription is prepared when it gets its first counters.
    const startedBy = (count: number) =>
      until(() => clients.every((client) => ids.every((id) => startedSeenBy(client, id).at(-1) === count)), {
        what: `all viewers have ${count} started instances`,
        deadlineMs: 60_000,
      });
    await until(
      async () => {
        const waiting = clients.some((client) => ids.some((id) => startedSeenBy(client, id).length === 0));
        if (waiting) await start();
        return !waiting;
      },
      { what: "all viewers have counters", deadlineMs: 60_000 },
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
    expect(clients.flatMap(({ messages }) => messages.filter(({ type }) => type === "error"))).toEqual([]);
    for (const client of clients) client.close();
  },
);
