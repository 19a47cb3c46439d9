import { sharedWeft, type TestTenant, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const duty = `weft: 1
key: duty
name: Duty
data: { type: object, properties: {} }
initial: open
slas:
  reply: { target: P2D, warn: [50%] }
states:
  open:
    task: { title: Do it, candidates: { roles: [operations] }, due: P3D }
    timers:
      nudge: { after: P1D, every: P1D, times: 3, remind: [owner] }
      expire: { after: P5D, fire: expire }
    transitions: { expire: { to: late } }
  late:
    timers: { close: { after: PT1H, fire: close } }
    transitions: { close: { to: closed } }
  closed: { final: completed }
`;

export const advance = `mutation ($input: AdvanceClockInput!) { advanceClock(input: $input) { advance {
  id status fromAt targetAt reachedAt steps message effects { eventType count } finishedAt createdBy { id } } } }`;

interface Advance {
  readonly id: string;
  readonly status: string;
  readonly fromAt: string;
  readonly targetAt: string;
  readonly reachedAt: string;
  readonly steps: number;
  readonly message: string | null;
  readonly effects: readonly { readonly eventType: string; readonly count: number }[];
}

let weft: SharedWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
});

const aSandbox = async (): Promise<TestTenant> => weft.tenant("Sandbox", { isSandbox: true });

/** Advances the clock and waits for the end. */
async function advanced(tenant: TestTenant, input: object): Promise<Advance> {
  const { advanceClock } = await tenant.admin.run<{ advanceClock: { advance: Advance } }>(advance, { input });
  return advanceClock.advance;
}

const startDuty = async ({ admin }: TestTenant): Promise<string> =>
  (
    await admin.run<{ startWorkflow: { instance: { id: string } } }>(
      `mutation { startWorkflow(input: { definitionKey: "duty", data: {} }) { instance { id } } }`,
    )
  ).startWorkflow.instance.id;

/** What happened in a tenant, in order, with the hours since the first event. */
const story = async (tenant: TestTenant): Promise<string[]> =>
  (
    await owner<{ type: string; seconds: number }[]>`
      select l.type, round(extract(epoch from l.occurred_at - min(l.occurred_at) over ()))::int as seconds from events.log l
        join events.positions p on p.tenant_id = l.tenant_id and p.event_id = l.id
       where l.tenant_id = ${tenant.id} and l.type ~ '^(workflow|task|sla|notification)[.]' and l.type <> 'sla.recorded' order by p.position`
  ).map(({ type, seconds }) => `${Math.round(seconds / 3600)} ${type}`);

const nowOf = async ({ admin }: TestTenant): Promise<number> =>
  Date.parse((await admin.run<{ tenant: { now: string } }>("{ tenant { now } }")).tenant.now);

test(
  "everything that the time would bring happens in order, each at exactly its time, and the neighbor's clock stands still",
  { tags: "slow" },
  async () => {
    const [acme, neighbor] = [await aSandbox(), await weft.tenant("Neighbor")];
    for (const tenant of [acme, neighbor]) {
      await tenant.definition(duty);
      await startDuty(tenant);
    }
    await weft.weft.worker.idle();
    const before = await story(neighbor);
    const done = await advanced(acme, { by: "P90D" });
    expect(done).toMatchObject({ status: "COMPLETED", message: null, createdBy: { id: acme.admin.id } });
    expect(Date.parse(done.targetAt) - Date.parse(done.fromAt)).toBe(90 * 86_400_000);
    expect(done.reachedAt).toBe(done.targetAt);
    expect(await story(acme)).toEqual([
      "0 workflow.started",
      "0 task.opened",
      "24 sla.warning",
      "24 workflow.reminded",
      "24 notification.created",
      "48 sla.breached",
      "48 workflow.reminded",
      "48 notification.created",
      "72 workflow.reminded",
      "72 notification.created",
      "72 task.overdue",
      "120 workflow.transitioned",
      "120 task.closed",
      "121 workflow.transitioned",
      "121 sla.missed",
    ]);
    expect(done.effects).toEqual([
      { eventType: "notification.created", count: 3 },
      { eventType: "sla.breached", count: 1 },
      { eventType: "sla.missed", count: 1 },
      { eventType: "sla.warning", count: 1 },
      { eventType: "task.closed", count: 1 },
      { eventType: "task.overdue", count: 1 },
      { eventType: "workflow.reminded", count: 3 },
      { eventType: "workflow.transitioned", count: 2 },
    ]);
    // The clock of an SLA counts whole seconds, so its times differ from those of the timers.
    expect(done.steps).toBe(8);
    // The clocks run on. That of the sandbox stood while it was advanced.
    const [time, other] = [await nowOf(acme), await nowOf(neighbor)];
    expect(time).toBeGreaterThan(Date.parse(done.targetAt));
    expect(time - other).toBeGreaterThan(90 * 86_400_000 - 60_000);
    expect(time - other).toBeLessThan(90 * 86_400_000 + 60_000);
    await weft.weft.worker.idle();
    expect(await story(neighbor)).toEqual(before);
  },
);

test("only the clock of a sandbox can be advanced, only forward, by at most five years", async () => {
  const [acme, ordinary] = [await aSandbox(), await weft.tenant()];
  const problem = async (input: object, who = acme.admin): Promise<string> => JSON.stringify(await who.refused(advance, { input }));
  expect(await problem({ by: "P1D" }, ordinary.admin)).toContain(
    "This organization is not a sandbox. Only the clock of a sandbox can be advanced.",
  );
  expect(await problem({})).toContain("Specify either `by` or `to`.");
  expect(await problem({ by: "90 days" })).toContain("is not a valid duration");
  for (const input of [{ by: "PT0S" }, { to: "2020-01-01T00:00:00Z" }]) expect(await problem(input)).toContain("can only be advanced");
  for (const input of [{ by: "P5Y1D" }, { to: "2199-01-01T00:00:00Z" }]) expect(await problem(input)).toContain("at most 5 years");
  const operations = await acme.user("workflow_manager");
  expect(await problem({ by: "P1D" }, operations)).toContain("clock.advance");
  // The database refuses it too, whoever asks.
  const worker = postgres(weft.database.workerUrl, { max: 1 });
  const back = worker.begin(async (tx) => {
    await tx`select set_config('app.tenant_id', ${acme.id}, true)`;
    await tx`update identity.tenants set clock_offset_ms = clock_offset_ms - 1 where tenant_id = ${acme.id}`;
  });
  await expect(back).rejects.toThrow("does not go back");
  await worker.end();
});

test("an advance is requested once per key, and a second one waits for the end of the first", async () => {
  const acme = await aSandbox();
  const first = await advanced(acme, { by: "P1D", idempotencyKey: "one" });
  expect(await advanced(acme, { by: "P1D", idempotencyKey: "one" })).toEqual(first);
  // Another process has one in hand.
  await owner`insert into identity.clock_advances (tenant_id, id, from_at, target_at, reached_at, counted_position, created_by, worker_id, leased_until)
    select ${acme.id}, gen_random_uuid(), now(), now() + interval '1 year', now(), 0, gen_random_uuid(), gen_random_uuid(), now() + interval '1 hour'`;
  const refused = await acme.admin.refused(advance, { input: { by: "P1D" } });
  expect(refused).toMatchObject({ message: "The clock of this sandbox is already being advanced. Wait until it has reached its target." });
  const other = await weft.tenant();
  expect(await other.admin.refusal(`query ($id: ID!) { clockAdvance(id: $id) { id } }`, { id: first.id })).toBe("NOT_FOUND");
  const own = await acme.admin.run<{ clockAdvance: Advance }>(`query ($id: ID!) { clockAdvance(id: $id) { id status } }`, { id: first.id });
  expect(own.clockAdvance).toEqual({ id: first.id, status: "COMPLETED" });
});
