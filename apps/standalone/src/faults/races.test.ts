import {
  type AcceptedTransition,
  aMaintenanceTenant,
  brokenInvariants,
  fireTransition,
  type MaintenanceTenant,
  startTestWeft,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { decodeId } from "@weft/shared/ids";
import { sized } from "@weft/testkit/sizes";
import { afterAll, beforeAll, expect, test } from "vitest";

// F13: users who do the same thing at the same time.

let weft: TestWeft;
let acme: MaintenanceTenant;
let olga: TestUser;
let otto: TestUser;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  acme = await aMaintenanceTenant(weft);
  olga = acme.operations;
  otto = await acme.tenant.user("operations");
});
afterAll(() => weft.stop());

/** Each state has two transitions into the other state, which has neither of them. If both are fired at once, only one can succeed. */
const seesaw = `
weft: 1
key: seesaw
name: Seesaw
initial: low
states:
  low:
    task: { title: "Push", candidates: { roles: [operations] } }
    transitions:
      push: { to: high, allow: { roles: [operations] } }
      lift: { to: high, allow: { roles: [operations] } }
  high:
    task: { title: "Let down", candidates: { roles: [operations] } }
    transitions:
      drop: { to: low, allow: { roles: [operations] } }
      lower: { to: low, allow: { roles: [operations] } }
      leave: { to: left, allow: { roles: [operations] } }
  left: { final: completed }
`;

interface Instance {
  readonly id: string;
  readonly state: string;
  readonly version: number;
}

async function start(): Promise<Instance> {
  const query = `mutation { startWorkflow(input: { definitionKey: "seesaw" }) { instance { id state version } } }`;
  return (await acme.admin.run<{ startWorkflow: { instance: Instance } }>(query)).startWorkflow.instance;
}

const ways: Readonly<Record<string, readonly [string, string]>> = { low: ["push", "lift"], high: ["drop", "lower"] };

test("two users fire the same instance at the same time, again and again: exactly one wins each time", async () => {
  await acme.tenant.definition(seesaw);
  let instance = await start();
  const count = sized({ sample: 50, part: 200, whole: 2_000 });
  const accepted: AcceptedTransition[] = [];
  const refusals: Record<string, number> = {};
  for (let race = 0; race < count; race++) {
    const [hers, his] = ways[instance.state] ?? ["", ""];
    // In every other race, the callers pass the version that they have read.
    const expectedVersion = race % 2 === 0 ? null : instance.version;
    const fire = (who: TestUser, transition: string) =>
      who.send<{ fireTransition: { instance: Instance } | null }>(fireTransition, {
        input: { instanceId: instance.id, transition, expectedVersion },
      });
    const answers = await Promise.all([fire(olga, hers), fire(otto, his)]);
    const winners = answers.flatMap(({ data }) => data?.fireTransition?.instance ?? []);
    const losers = answers.flatMap(({ errors }) => errors ?? []);
    expect([winners.length, losers.length], `race ${race}: ${JSON.stringify(answers)}`).toEqual([1, 1]);
    const [winner, loser] = [winners[0] as Instance, losers[0]?.extensions];
    expect(winner).toMatchObject({ version: instance.version + 1, state: instance.state === "low" ? "high" : "low" });
    if (loser?.code === "CONFLICT") expect(loser).toMatchObject({ currentVersion: winner.version, currentState: winner.state });
    else expect(loser, `race ${race}`).toMatchObject({ code: "TRANSITION_REJECTED", reasons: [{ code: "state" }] });
    refusals[loser?.code ?? ""] = (refusals[loser?.code ?? ""] ?? 0) + 1;
    accepted.push({ instanceId: decodeId("instance", winner.id, "id"), version: winner.version });
    instance = winner;
  }
  const query = "query ($id: ID!) { workflowInstance(id: $id) { version history { version } } }";
  const { workflowInstance } = await acme.admin.run<{ workflowInstance: { version: number; history: { version: number }[] } }>(query, {
    id: instance.id,
  });
  expect(workflowInstance.version).toBe(count + 1);
  expect(new Set(workflowInstance.history.map(({ version }) => version)).size).toBe(workflowInstance.history.length);
  expect(refusals["CONFLICT"], JSON.stringify(refusals)).toBeGreaterThan(0);
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl, accepted })).toEqual([]);
}, 60_000);

test("a hundred users fire at the same time: one wins, without deadlocks", async () => {
  const { instanceId } = await acme.request("triage");
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      (index % 2 === 0 ? olga : otto).send(fireTransition, {
        input: { instanceId, transition: index % 3 === 0 ? "escalate" : "reject", comment: "mine" },
      }),
    ),
  );
  const codes = answers.map(({ errors }) => errors?.[0]?.extensions?.code ?? "OK");
  expect(codes.filter((code) => code === "OK")).toHaveLength(1);
  // Users who found no free connection in time are told to retry.
  expect(codes.filter((code) => !["OK", "CONFLICT", "TRANSITION_REJECTED", "SERVICE_UNAVAILABLE"].includes(code))).toEqual([]);
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});

test("thirty users fire at thirty instances at the same time: they share statements, and each gets an individual result", async () => {
  // A few at a time: on a busy machine, thirty at once would wait too long for a connection, and only what follows is about that.
  const requests: Awaited<ReturnType<typeof acme.request>>[] = [];
  while (requests.length < 30) requests.push(...(await Promise.all(Array.from({ length: 5 }, () => acme.request("triage")))));
  let answers: {
    data?: { fireTransition: { instance: Instance } | null } | null;
    errors?: readonly { extensions?: { code?: string } }[];
  }[] = [];
  const statements = await weft.statements(async () => {
    answers = await Promise.all(
      requests.map(({ instanceId }, index) =>
        (index % 2 === 0 ? olga : otto).send<{ fireTransition: { instance: Instance } | null }>(fireTransition, {
          input: { instanceId, transition: index % 3 === 0 ? "fly" : "escalate", idempotencyKey: `thirty ${instanceId}` },
        }),
      ),
    );
  });
  expect(statements.filter((text) => text.startsWith("/* runBatch */")).length).toBeGreaterThan(0);
  // Twenty are accepted. How many of them meet in a batch depends on how busy the machine is.
  expect(statements.filter((text) => text.startsWith("/* apply")).length).toBeLessThan(20);
  const got = answers.map(({ data, errors }) => data?.fireTransition?.instance.id ?? errors?.[0]?.extensions?.code);
  expect(got).toEqual(requests.map(({ instanceId }, index) => (index % 3 === 0 ? "TRANSITION_REJECTED" : instanceId)));
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});

test("two users claim the same task at the same time: one gets it", async () => {
  for (let race = 0; race < 10; race++) {
    const { instanceId } = await acme.request("triage");
    const read = "query ($id: ID!) { workflowInstance(id: $id) { tasks { id status assignee { id } } } }";
    const tasks = async () =>
      (
        await acme.admin.run<{ workflowInstance: { tasks: { id: string; status: string; assignee: { id: string } | null }[] } }>(read, {
          id: instanceId,
        })
      ).workflowInstance.tasks;
    const [open] = await tasks();
    const claim = "mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }";
    const people = [olga, otto] as const;
    const answers = await Promise.all(people.map((who) => who.send(claim, { id: open?.id })));
    const winners = people.filter((_, index) => answers[index]?.errors === undefined);
    expect(winners, JSON.stringify(answers)).toHaveLength(1);
    // Users who read before the other's commit, and users who read after it.
    expect(["CONFLICT", "TRANSITION_REJECTED"]).toContain(answers.flatMap(({ errors }) => errors ?? [])[0]?.extensions?.code);
    expect(await tasks()).toMatchObject([{ status: "CLAIMED", assignee: { id: winners[0]?.id } }]);
  }
});

test("a user claims a task while another user's transition leaves its state: the task is closed or claimed, and at least one of the two succeeds", async () => {
  for (let race = 0; race < 10; race++) {
    const request = await acme.request("triage");
    const read = "query ($id: ID!) { workflowInstance(id: $id) { state tasks { id status } } }";
    const look = async () =>
      (
        await acme.admin.run<{ workflowInstance: { state: string; tasks: { id: string; status: string }[] } }>(read, {
          id: request.instanceId,
        })
      ).workflowInstance;
    const [task] = (await look()).tasks;
    const [claimed, fired] = await Promise.all([
      olga.send("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id: task?.id }),
      otto.send(fireTransition, { input: { instanceId: request.instanceId, transition: "escalate" } }),
    ]);
    const after = await look();
    const outcome = `${claimed.errors?.[0]?.extensions?.code ?? "claimed"}, ${fired.errors?.[0]?.extensions?.code ?? "fired"}`;
    expect(fired.errors === undefined ? "approval" : "triage", outcome).toBe(after.state);
    expect(claimed.errors === undefined || fired.errors === undefined, outcome).toBe(true);
  }
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});
