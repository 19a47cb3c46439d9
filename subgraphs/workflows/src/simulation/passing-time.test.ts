import { sharedWeft, until, type TestTenant, type SharedWeft } from "@weft/testkit";
import fc from "fast-check";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const repair = `weft: 1
key: repair
name: Repair
data: { properties: { urgency: { type: string, enum: [low, high, top] }, nudges: { type: number } } }
initial: open
slas:
  resolution: { target: P4D, warn: [50%], pause: { states: [waiting] } }
  reply: { target: 10 working hours, start: { states: [waiting] }, stop: { states: [closed] } }
escalations:
  slow:
    on: { state: open }
    levels:
      - { after: PT20H, priority: high, notify: { roles: [operations] } }
      - { after: PT70H, reassign: { roles: [workflow_manager] }, raise: { field: data.urgency, to: high } }
  late: { on: { sla: resolution, at: warning }, when: "data.urgency != 'top'", levels: [{ notify: { owner: true } }, { after: PT31H, fire: give_up }] }
  stale: { on: { task: open }, levels: [{ after: PT43H, reassign: lead }] }
states:
  open:
    task: { title: Repair it, candidates: { roles: [operations] }, due: PT37H, sla: PT61H, timers: { soon: { before: PT5H, remind: candidates } } }
    timers: { nudge: { after: PT13H, every: PT17H, times: 2, remind: owner } }
    transitions: { wait: { to: waiting }, give_up: { to: lost, when: "data.urgency == 'high'" }, done: { to: closed } }
  waiting: { timers: { back: { after: PT53H, fire: back } }, transitions: { back: { to: open }, done: { to: closed } } }
  lost: { final: rejected }
  closed: { final: completed }
`;

const simulate = `query ($source: String!, $data: JSON, $now: DateTime, $steps: [SimulationStepInput!]!, $advance: String) {
  simulateWorkflow(source: $source, data: $data, now: $now, steps: $steps, advance: $advance) { state status data path endsAt
    steps { transition at isAccepted effects { ...E } } effects { ...E }
    clocks { name task status targetSeconds consumedSeconds remainingSeconds startedAt dueAt } } }
  fragment E on SimulatedEffect { kind at name task level outcome reason transitions { transition from to } actions { kind task from to roles reason } }`;

interface Effect {
  readonly kind: string;
  readonly at: string;
  readonly name: string;
  readonly level: number | null;
  readonly outcome: string;
  readonly reason: string | null;
  readonly transitions: readonly { readonly transition: string | null; readonly to: string }[];
  readonly actions: readonly object[];
}

interface Simulation {
  readonly state: string;
  readonly status: string;
  readonly data: object;
  readonly path: readonly string[];
  readonly endsAt: string;
  readonly steps: readonly {
    readonly transition: string;
    readonly at: string;
    readonly isAccepted: boolean;
    readonly effects: readonly Effect[];
  }[];
  readonly effects: readonly Effect[];
  readonly clocks: readonly {
    readonly name: string;
    readonly status: string;
    readonly consumedSeconds: number;
    readonly dueAt: string | null;
  }[];
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

const simulated = async ({ admin }: TestTenant, variables: object): Promise<Simulation> =>
  (await admin.run<{ simulateWorkflow: Simulation }>(simulate, { source: repair, steps: [], ...variables })).simulateWorkflow;

test("a simulation shows what happens as time passes: before each step, and after the last one", async () => {
  const acme = await weft.tenant();
  const result = await simulated(acme, {
    data: { urgency: "low" },
    now: "2026-03-02T08:00:00Z",
    steps: [{ transition: "wait", after: "P1D" }, { transition: "back" }],
    advance: "3 working days",
  });
  expect(result.steps[0]).toEqual({
    transition: "wait",
    at: "2026-03-03T08:00:00.000Z",
    isAccepted: true,
    effects: [
      expect.objectContaining({ kind: "TIMER", name: "nudge", at: "2026-03-02T21:00:00.000Z", outcome: "DONE", transitions: [] }),
      expect.objectContaining({
        kind: "ESCALATION",
        name: "slow",
        level: 1,
        at: "2026-03-03T04:00:00.000Z",
        actions: [
          { kind: "PRIORITY", task: "open", from: "normal", to: "high", roles: [], reason: null },
          { kind: "NOTIFY", task: null, from: null, to: null, roles: ["operations"], reason: null },
        ],
      }),
    ],
  });
  expect(result.steps[1]).toMatchObject({ isAccepted: true, effects: [] });
  expect(result.effects.map(({ at, kind, name, outcome }) => `${at.slice(5, 16)} ${kind} ${name} ${outcome}`)).toEqual([
    "03-03T17:00 SLA_WARNING reply DONE",
    "03-03T21:00 TIMER nudge DONE",
    "03-04T04:00 ESCALATION slow DONE",
    "03-04T08:00 ESCALATION late DONE",
    "03-04T08:00 SLA_WARNING resolution DONE",
    "03-04T11:00 SLA_BREACH reply DONE",
    "03-04T14:00 TIMER nudge DONE",
    "03-04T16:00 TIMER soon DONE",
    "03-04T21:00 TASK_OVERDUE open DONE",
    "03-05T03:00 ESCALATION stale FAILED",
    "03-05T08:48 SLA_WARNING open DONE",
    "03-05T15:00 ESCALATION late FAILED",
    "03-05T21:00 SLA_BREACH open DONE",
    "03-06T06:00 ESCALATION slow DONE",
    "03-06T08:00 SLA_BREACH resolution DONE",
  ]);
  expect(result).toMatchObject({ state: "open", status: "RUNNING", endsAt: "2026-03-06T09:00:00.000Z" });
});

test("periods and times that are not valid are refused with their path", async () => {
  const acme = await weft.tenant();
  const refusal = async (variables: object) => {
    const { extensions } = await acme.admin.refused(simulate, { source: repair, steps: [], ...variables });
    const { code, problems } = extensions as unknown as { code: string; problems: { path: string; message: string }[] };
    return [code, problems[0]?.path, problems[0]?.message];
  };
  expect(await refusal({ steps: [{ transition: "wait", after: "soon" }] })).toEqual([
    "BAD_USER_INPUT",
    "steps.0.after",
    expect.stringContaining("2 working days"),
  ]);
  expect((await refusal({ advance: "P11Y" })).slice(0, 2)).toEqual(["BAD_USER_INPUT", "advance"]);
  expect((await refusal({ now: "3000-01-01T00:00:00Z" })).slice(0, 2)).toEqual(["BAD_USER_INPUT", "now"]);
  const minutes = repair.replace("every: PT17H, times: 2", "every: PT1M, times: 1000");
  expect(
    (
      await refusal({
        source: minutes.replace("nudge:", "often: { after: PT1M, every: PT1M, times: 1000, remind: owner }, nudge:"),
        advance: "P30D",
      })
    ).slice(0, 2),
  ).toEqual(["BAD_USER_INPUT", "advance"]);
});

test("the calendars and the SLA policies of the organization apply", async () => {
  const acme = await weft.tenant();
  await acme.definition(repair);
  await acme.admin.run(
    `mutation { createSlaPolicy(input: { key: "fast", name: "Fast", definitionKey: "repair", sla: "resolution", target: "P1D" }) { policy { id } } }`,
  );
  const { clocks, effects } = await simulated(acme, { data: {}, now: "2026-03-02T08:00:00Z", advance: "P2D" });
  expect(clocks[0]).toMatchObject({ name: "resolution", status: "BREACHED", targetSeconds: 86_400, dueAt: "2026-03-03T08:00:00.000Z" });
  expect(effects.filter(({ kind, name }) => kind === "SLA_BREACH" && name === "resolution")).toHaveLength(1);
});

/** A walk: hours until the next action, and the transition. */
type Walk = readonly (readonly [number, string])[];

/** Ten minutes are more than what passes between two calls, and less than what separates two effects of the walks. */
const tenMinutes = (at: string, begin: string): number => Math.round((Date.parse(at) - Date.parse(begin)) / 600_000);

/** What happened to an instance by itself, as its events tell it. */
async function effectsIn(tenant: TestTenant, begin: string): Promise<string[]> {
  const rows = await owner<{ type: string; at: string; payload: Record<string, unknown> }[]>`
    select l.type, l.occurred_at::text as at, l.payload from events.log l
      join events.positions p on p.tenant_id = l.tenant_id and p.event_id = l.id
     where l.tenant_id = ${tenant.id} and l.type in ('workflow.reminded', 'task.overdue', 'sla.warning', 'sla.breached', 'escalation.occurred')
     order by p.position`;
  return rows.map(({ type, at, payload }) => {
    const what = {
      "workflow.reminded": `TIMER ${String(payload["timer"])}`,
      "task.overdue": "TASK_OVERDUE",
      "sla.warning": `SLA_WARNING ${String(payload["sla"])}`,
      "sla.breached": `SLA_BREACH ${String(payload["sla"])}`,
      "escalation.occurred": `ESCALATION ${String(payload["chain"])} ${String(payload["level"])} ${String(payload["outcome"])}`,
    }[type];
    return `${tenMinutes(at, begin)} ${what}`;
  });
}

const titles: Readonly<Record<string, string>> = { resolution: "Resolution", reply: "Reply", open: "Open" };

/** The same of a simulation. Timers that fire a transition have no event of their own. */
const effectsOf = ({ steps, effects }: Simulation, begin: string): string[] =>
  [...steps.flatMap((step) => step.effects), ...effects]
    .filter(({ kind, transitions }) => kind !== "TIMER" || transitions.length === 0)
    .map(({ kind, at, name, level, outcome }) => {
      const what =
        kind === "TASK_OVERDUE"
          ? ""
          : kind === "ESCALATION"
            ? ` ${name} ${level} ${outcome}`
            : ` ${kind === "TIMER" ? name : (titles[name] ?? name)}`;
      return `${tenMinutes(at, begin)} ${kind}${what}`;
    });

const randomWalks: fc.Arbitrary<Walk> = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 90 }), fc.constantFrom("wait", "wait", "back", "done", "none")),
  { minLength: 2, maxLength: 4 },
);
const walks: readonly Walk[] = [
  [],
  [
    [29, "wait"],
    [19, "back"],
    [5, "none"],
  ],
  ...fc.sample(randomWalks, { numRuns: 2, seed: 11 }),
];

test("what a simulation shows is what happens in a sandbox whose clock is advanced", { tags: "slow", timeout: 120_000 }, async () => {
  const results = await Promise.all(
    walks.map(async (walk) => {
      const tenant = await weft.tenant("Sandbox", { isSandbox: true });
      await tenant.definition(repair);
      const { admin } = tenant;
      const data = { urgency: "low" };
      const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string; createdAt: string } } }>(
        `mutation ($data: JSON) { startWorkflow(input: { definitionKey: "repair", data: $data }) { instance { id createdAt } } }`,
        { data },
      );
      const { id, createdAt: begin } = startWorkflow.instance;
      const accepted: boolean[] = [];
      for (const [hours, transition] of walk) {
        await advanced(tenant, `PT${hours}H`);
        const { errors } = await admin.send(
          `mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }`,
          { input: { instanceId: id, transition } },
        );
        accepted.push(!errors);
      }
      await advanced(tenant, "P20D");
      const after = await admin.run<{
        workflowInstance: { state: string; data: object; slaStatus: { name: string; status: string; targetSeconds: number }[] };
      }>(`query ($id: ID!) { workflowInstance(id: $id) { state data slaStatus { name status targetSeconds } } }`, { id });
      const steps = walk.map(([hours, transition]) => ({ after: `PT${hours}H`, transition }));
      const simulation = await simulated(tenant, { data, now: begin, steps, advance: "P20D" });
      return { after: after.workflowInstance, effects: await effectsIn(tenant, begin), accepted, simulation, begin };
    }),
  );
  for (const { after, effects, accepted, simulation, begin } of results) {
    expect(simulation.steps.map(({ isAccepted }) => isAccepted)).toEqual(accepted);
    expect(effectsOf(simulation, begin)).toEqual(effects);
    expect({ state: simulation.state, data: simulation.data }).toEqual({ state: after.state, data: after.data });
    expect(simulation.clocks.map(({ name, status }) => `${name} ${status}`).toSorted()).toEqual(
      after.slaStatus.map(({ name, status }) => `${name} ${status}`).toSorted(),
    );
  }
  // A short walk can end before anything is due; together they must show something.
  expect(results.flatMap(({ effects }) => effects).length).toBeGreaterThan(20);
});

/** Advances the clock and waits for the end. */
async function advanced({ admin }: TestTenant, by: string): Promise<void> {
  const { advanceClock } = await admin.run<{ advanceClock: { advance: { id: string; status: string } } }>(
    "mutation ($by: String) { advanceClock(input: { by: $by }) { advance { id status } } }",
    { by },
  );
  const read = async (): Promise<string | null> => {
    const { clockAdvance } = await admin.run<{ clockAdvance: { status: string } }>(
      "query ($id: ID!) { clockAdvance(id: $id) { status } }",
      {
        id: advanceClock.advance.id,
      },
    );
    return clockAdvance.status === "RUNNING" ? null : clockAdvance.status;
  };
  expect(await until(read, { what: "the clock has been advanced", deadlineMs: 60_000, everyMs: 100 })).toBe("COMPLETED");
}
