import type { IncomingMessage, ServerResponse } from "node:http";
import { channels } from "@weft/shared/event-catalog";
import { decodeId, newId } from "@weft/shared/ids";
import { brokenInvariants, startTestWeft, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
let server: HttpServer;
let url: string;
let owner: postgres.Sql;
/** By the first part of the path. */
const answers = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();

beforeAll(async () => {
  server = await serveHttp((request, response) => {
    const answer = answers.get(request.url?.split("/")[1] ?? "");
    if (answer) answer(request, response);
    else json(response, {});
  });
  url = server.url;
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
  await server.close();
});

const json = (response: ServerResponse, body: object): void =>
  void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));

async function aTenant(...definitions: readonly string[]): Promise<TestTenant> {
  const tenant = await weft.tenant();
  for (const definition of definitions) await tenant.definition(definition);
  return tenant;
}

const calling = (key: string, step: string, rest = ""): string =>
  `weft: 1\nkind: automation\nkey: ${key}\nname: ${key}\n${rest}inputs: { n: { type: integer } }\nsteps:\n  - { id: send, type: http, with: { url: "${url}/${step}/{{ inputs.n }}" } }\n`;

/** Starts an automation. Returns the UUID of its instance. */
async function started(who: TestUser, key: string, n: number | null = 0): Promise<string> {
  const mutation = `mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }`;
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(mutation, {
    key,
    data: n === null ? {} : { n },
  });
  return decodeId("instance", startWorkflow.instance.id);
}

interface Stored {
  readonly state: string;
  readonly status: string;
  readonly step: string;
  readonly step_status: string;
  readonly attempt: number;
  readonly outputs: { readonly body?: unknown } | null;
  readonly error: { readonly code: string } | null;
}

async function stored(instanceId: string): Promise<Stored> {
  const [row] = await owner<Stored[]>`
    select i.state, i.status, s.step, s.status as step_status, s.attempt, s.outputs, s.error from workflows.instances i
      join workflows.runs r on r.instance_id = i.id join workflows.run_steps s on s.run_id = r.id where i.id = ${instanceId} and s.step = 'send'`;
  if (!row) throw new Error(`The instance ${instanceId} has no such step.`);
  return row;
}

const becomes = (instanceId: string, what: string, is: (row: Stored) => boolean): Promise<unknown> =>
  until(async () => is(await stored(instanceId)), { what, deadlineMs: 30_000, everyMs: 20 });

/**
 * Lets the lease of the step's worker be over, as if the worker had stalled for this long, and wakes the workers at once: the stalled worker still
 * extends its lease every second.
 */
async function stall(instanceId: string, seconds = 0): Promise<void> {
  await owner`
    update workflows.run_steps s set due_at = clock_timestamp() - make_interval(secs => ${seconds}) from workflows.runs r
     where r.id = s.run_id and r.instance_id = ${instanceId} and s.status = 'RUNNING'`;
  await weft.weft.services.pubsub.publish(channels.runs, "");
}

test(
  "steps of the same queue are done one after the other, whichever runs they belong to, and those with a higher priority first",
  { tags: "slow" },
  async () => {
    const order: string[] = [];
    let atWork = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    answers.set("queued", (request, response) => {
      most = Math.max(most, ++atWork);
      order.push(request.url ?? "");
      void gate.promise.then(() => {
        atWork--;
        json(response, {});
      });
    });
    const queue = "queue: { name: production }\n";
    const { admin } = await aTenant(calling("common", "queued", queue), calling("urgent", "queued", `${queue}priority: high\n`));
    const first = await started(admin, "common", 1);
    await becomes(first, "the first step is being done", ({ step_status }) => step_status === "RUNNING");
    const others = [await started(admin, "common", 2), await started(admin, "common", 3), await started(admin, "urgent", 4)];
    for (const id of others) await becomes(id, "the step waits", ({ step_status }) => step_status === "READY");
    gate.resolve();
    for (const id of others) await becomes(id, "the run has ended", ({ state }) => state === "succeeded");
    expect(order).toEqual(["/queued/1", "/queued/4", "/queued/2", "/queued/3"]);
    expect(most).toBe(1);
  },
);

test("the first step of a run is taken in the transaction of its start, if the worker of the process has a place for it", async () => {
  const held: ServerResponse[] = [];
  answers.set("first", (_request, response) => void held.push(response));
  const { admin } = await aTenant(calling("first", "first"));
  // The first start of a process compiles the definition, and a worker begins the run.
  const ids = [await started(admin, "first", 1)];
  await until(() => Promise.resolve(held.length === 1), { what: "the first step is being done" });
  ids.push(await started(admin, "first", 2));
  expect(await stored(ids[1] ?? "")).toMatchObject({ step_status: "RUNNING", attempt: 1 });
  await until(() => Promise.resolve(held.length === 2), { what: "both steps are being done" });
  for (const response of held) json(response, {});
  for (const id of ids) await becomes(id, "the run has ended", ({ state }) => state === "succeeded");
});

test("F2: a worker that has stalled loses its step to another one, and its late result changes nothing", async () => {
  const held: ServerResponse[] = [];
  answers.set("stalled", (_request, response) => (held.length === 0 ? void held.push(response) : json(response, { by: "the second" })));
  const { admin } = await aTenant(calling("stalled", "stalled"));
  const id = await started(admin, "stalled");
  await until(() => Promise.resolve(held.length === 1), { what: "the step is being done" });
  await until(
    async () => {
      if ((await stored(id)).attempt === 1) await stall(id);
      return (await stored(id)).attempt === 2;
    },
    { what: "the step is taken over", deadlineMs: 30_000, everyMs: 100 },
  );
  await becomes(id, "the run has ended", ({ state }) => state === "succeeded");
  for (const response of held) json(response, { by: "the first" });
  await weft.weft.worker.idle();
  expect(await stored(id)).toMatchObject({ attempt: 2, outputs: { body: { by: "the second" } } });
});

test("F16: a step that loses its worker three times waits for a decision, with an incident, and other runs go on", async () => {
  answers.set("poison", () => undefined);
  const { admin } = await aTenant(calling("poison", "poison"), calling("healthy", "healthy"));
  const id = await started(admin, "poison");
  await until(
    async () => {
      await stall(id);
      return (await stored(id)).status === "FAILED";
    },
    { what: "there is an incident", deadlineMs: 30_000, everyMs: 50 },
  );
  expect(await stored(id)).toMatchObject({ step_status: "WAITING", error: { code: "WORKER_LOST" } });
  await becomes(await started(admin, "healthy"), "the other run has ended", ({ state }) => state === "succeeded");
});

test("F24: a step whose worker was lost more than a day ago, as in a restored backup, fails and is not done again", async () => {
  let requests = 0;
  answers.set("old", () => void requests++);
  const { admin } = await aTenant(calling("old", "old"));
  const id = await started(admin, "old");
  await until(() => Promise.resolve(requests === 1), { what: "the step is being done" });
  await until(
    async () => {
      await stall(id, 90_000);
      return (await stored(id)).state === "failed";
    },
    { what: "the run has failed", deadlineMs: 30_000, everyMs: 50 },
  );
  expect(await stored(id)).toMatchObject({ step_status: "FAILED", error: { code: "TOO_LATE" } });
  expect(requests).toBe(1);
});

test("F25: a run whose definition is corrupt stops with an incident, and the others go on", { tags: "slow" }, async () => {
  const waiting = `weft: 1\nkind: automation\nkey: corrupt\nname: Corrupt\nsteps: [{ id: send, type: wait, with: { for: 1h } }]\n`;
  const { admin } = await aTenant(waiting, calling("sound", "sound"));
  const id = await started(admin, "corrupt", null);
  await becomes(id, "the step waits", ({ step_status }) => step_status === "WAITING");
  // A definition that is not cached.
  const [definition] =
    await owner`select d.* from workflows.definitions d join workflows.instances i on i.definition_id = d.id where i.id = ${id}`;
  const corrupt = { ...definition, id: newId(), number: 99, source: "weft: 1" };
  await owner`insert into workflows.definitions ${owner(corrupt)}`;
  await owner`update workflows.instances set definition_id = ${corrupt.id} where id = ${id}`;
  await owner`update workflows.runs set definition_id = ${corrupt.id} where instance_id = ${id}`;
  await owner`update workflows.run_steps s set due_at = clock_timestamp() from workflows.runs r where r.id = s.run_id and r.instance_id = ${id}`;
  await becomes(id, "there is an incident", ({ status }) => status === "FAILED");
  const [incident] = await owner`select kind from workflows.incidents where instance_id = ${id}`;
  expect(incident).toEqual({ kind: "DEFINITION" });
  await becomes(await started(admin, "sound"), "the other run has ended", ({ state }) => state === "succeeded");
});

test("runs keep their invariants", async () => {
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});

test("W26: a tenant whose ten thousand steps are due delays the single step of another one by few of them", { tags: "slow" }, async () => {
  const FLOOD = 10_000;
  answers.set("flood", (_request, response) => json(response, {}));
  const [busy, quiet] = [await aTenant(calling("flood", "flood")), await aTenant(calling("single", "single"))];
  await started(busy.admin, "flood");
  await weft.weft.worker.idle();
  await owner`with one as (select * from workflows.instances where tenant_id = ${busy.id}), made as (
      insert into workflows.instances (tenant_id, id, definition_id, definition_key, state, status, data, version, owner_id, created_at, updated_at)
      select tenant_id, gen_random_uuid(), definition_id, definition_key, 'running', 'RUNNING', '{"n": 1}', 1, owner_id, created_at, created_at
        from one cross join generate_series(1, ${FLOOD}::int)
      returning tenant_id, id, definition_id, owner_id, created_at
    ), chronicle as (
      insert into workflows.history (tenant_id, id, instance_id, version, kind, to_state, actor_id, at)
      select tenant_id, gen_random_uuid(), id, 1, 'START', 'running', owner_id, created_at from made
    ), begun as (
      insert into workflows.runs (tenant_id, id, instance_id, definition_id, state, instance_version, inputs, has_begun, created_at)
      select tenant_id, gen_random_uuid(), id, definition_id, 'running', 1, '{"n": 1}', true, created_at from made
      returning tenant_id, id
    )
    insert into workflows.run_steps (tenant_id, run_id, step, id, status, due_at)
    select tenant_id, id, 'send', gen_random_uuid(), 'READY', clock_timestamp() from begun`;
  const left = async (): Promise<number> => {
    const [row] = await owner<{ count: number }[]>`
      select count(*)::int as count from workflows.run_steps where tenant_id = ${busy.id} and status = 'READY'`;
    return row?.count ?? 0;
  };
  await until(async () => (await left()) < FLOOD, { what: "the flood is being drained", deadlineMs: 30_000, everyMs: 20 });
  const before = await left();
  const began = performance.now();
  await becomes(await started(quiet.admin, "single"), "the single run has ended", ({ state }) => state === "succeeded");
  const meanwhile = before - (await left());
  console.log(`the single run took ${Math.round(performance.now() - began)} ms, while ${meanwhile} steps of the flood began`);
  // Not the time, which depends on what else the machine does.
  expect(meanwhile).toBeLessThan(1_000);
  expect(before - meanwhile).toBeGreaterThan(0);
});
