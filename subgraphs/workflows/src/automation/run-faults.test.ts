import type { ServerResponse } from "node:http";
import { decodeId } from "@weft/shared/ids";
import { createCounters } from "@weft/api/limits";
import { brokenInvariants, startTestWeft, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emitAllowances } from "./emit-allowances.js";
import { runTransactions } from "./run-transactions.js";

// What keeps a run from going on although its steps are in order: its instance is suspended, its key is missing, nothing can be written, or very much is due.

let weft: TestWeft;
let server: HttpServer;
let url: string;
let owner: postgres.Sql;
/** Paths of requests, in order. */
const requests: string[] = [];
/** Requests to paths that end with `-held` wait here, by path. */
const held = new Map<string, ServerResponse>();

beforeAll(async () => {
  server = await serveHttp((request, response) => {
    const path = request.url ?? "";
    requests.push(path);
    if (path.endsWith("-held")) held.set(path, response);
    else response.writeHead(200, { "content-type": "application/json" }).end("{}");
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

const count = (path: string): number => requests.filter((one) => one === path).length;

async function aTenant(...definitions: readonly string[]): Promise<TestTenant> {
  const tenant = await weft.tenant();
  for (const definition of definitions) await tenant.definition(definition);
  return tenant;
}

const automation = (key: string, steps: string, rest = ""): string =>
  `weft: 1\nkind: automation\nkey: ${key}\nname: ${key}\n${rest}steps:\n${steps}`;

/** Starts an automation. Returns the ID of its instance. */
async function started(who: TestUser, key: string, data: object = {}): Promise<string> {
  const mutation = `mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }`;
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(mutation, { key, data });
  return startWorkflow.instance.id;
}

interface Seen {
  readonly state: string;
  readonly status: string;
  readonly incident: { readonly id: string; readonly kind: string; readonly message: string; readonly place: string } | null;
  readonly runs: readonly {
    readonly id: string;
    readonly status: string;
    readonly steps: readonly { readonly id: string; readonly status: string; readonly attempts: number; readonly isParked: boolean }[];
  }[];
}

async function seen(who: TestUser, id: string): Promise<Seen & { readonly run: Seen["runs"][number] | undefined }> {
  const { workflowInstance } = await who.run<{ workflowInstance: Seen }>(
    `query ($id: ID!) { workflowInstance(id: $id) { state status incident { id kind message place }
      runs { id status steps { id: step status attempts isParked } } } }`,
    { id },
  );
  return { ...workflowInstance, run: workflowInstance.runs[0] };
}

const becomes = (who: TestUser, id: string, what: string, is: (one: Awaited<ReturnType<typeof seen>>) => boolean): Promise<unknown> =>
  until(async () => is(await seen(who, id)), { what, deadlineMs: 30_000, everyMs: 50 });

const ends = (who: TestUser, id: string): Promise<unknown> =>
  becomes(who, id, "the run has succeeded", ({ state }) => state === "succeeded");

const resolve = "mutation ($id: ID!) { resolveIncident(input: { id: $id, action: RETRY }) { instance { status } } }";

describe("a suspended instance", () => {
  const two = (key: string): string =>
    automation(
      key,
      `  - { id: first, type: http, with: { url: "${url}/${key}-held" } }\n  - { id: second, type: http, with: { url: "${url}/${key}-2" } }\n`,
    );
  const suspend = 'mutation ($id: ID!) { suspendWorkflow(input: { instanceId: $id, reason: "Wait" }) { instance { id } } }';
  const resume = "mutation ($id: ID!) { resumeWorkflow(input: { instanceId: $id }) { instance { id } } }";
  const pauseRun = "mutation ($id: ID!) { pauseRun(input: { id: $id }) { run { status } } }";
  const resumeRun = "mutation ($id: ID!) { resumeRun(input: { id: $id }) { run { status } } }";

  /** Starts one whose first step is at work. */
  async function begun(key: string): Promise<{ admin: TestUser; id: string; runId: string; answer: () => Promise<void> }> {
    const { admin } = await aTenant(two(key));
    const id = await started(admin, key);
    await until(() => Promise.resolve(held.has(`/${key}-held`)), { what: "the first step is being done", deadlineMs: 30_000 });
    const answer = async (): Promise<void> => {
      held.get(`/${key}-held`)?.end("{}");
      await becomes(admin, id, "the first step has ended", ({ run }) => run?.steps[0]?.status === "SUCCEEDED");
    };
    return { admin, id, runId: (await seen(admin, id)).run?.id ?? "", answer };
  }

  test("pauses its run: what is at work ends, nothing begins, and the run goes on with the instance", async () => {
    const { admin, id, runId, answer } = await begun("suspended");
    await admin.run(suspend, { id });
    await answer();
    await becomes(admin, id, "the run is paused", ({ run }) => run?.status === "PAUSED");
    await weft.weft.worker.idle();
    // Ready if the worker recorded the first step's result before it saw the suspension, else pending.
    expect((await seen(admin, id)).run?.steps[1]).toMatchObject({
      status: expect.stringMatching(/^(READY|PENDING)$/) as string,
      attempts: 0,
    });
    expect(count("/suspended-2")).toBe(0);
    expect(await admin.refusal(resumeRun, { id: runId })).toBe("TRANSITION_REJECTED");
    await admin.run(resume, { id });
    await ends(admin, id);
    expect(count("/suspended-2")).toBe(1);
  });

  test("leaves a run that a user has paused to the user", { tags: "slow" }, async () => {
    const { admin, id, runId, answer } = await begun("paused");
    await admin.run(pauseRun, { id: runId });
    await answer();
    await admin.run(suspend, { id });
    await weft.weft.worker.idle();
    await admin.run(resume, { id });
    await weft.weft.worker.idle();
    expect((await seen(admin, id)).run?.status).toBe("PAUSED");
    expect(count("/paused-2")).toBe(0);
    await admin.run(resumeRun, { id: runId });
    await ends(admin, id);
  });
});

describe("F25: if the encryption key of the tenant is missing,", () => {
  const createSecret = "mutation ($input: CreateSecretInput!) { createSecret(input: $input) { secret { id } } }";

  test.each([
    ["a secret", "secrets.token", 'The secrets "token" cannot be decrypted: the encryption key is missing'],
    ["a secret input", "inputs.token", "The secret inputs of the run cannot be decrypted: the encryption key is missing"],
  ])(
    "a run that reads %s becomes an incident that names it, others go on, and it continues when the key is back",
    { tags: "slow" },
    async (_what, read, message) => {
      const key = read.replace(".", "-");
      const { admin, id: tenantId } = await aTenant(
        automation(
          key,
          `  - { id: rest, type: wait, with: { for: 1h } }\n  - { id: send, type: http, with: { url: "${url}/${key}", headers: { authorization: "{{ ${read} }}" } } }\n`,
          "inputs: { token: { type: string, secret: true } }\n",
        ),
        automation("plain", `  - { id: send, type: http, with: { url: "${url}/${key}-plain" } }\n`),
      );
      // The first value creates the tenant's key, which no process has in memory before it reads it again.
      const isInput = read.startsWith("inputs");
      if (!isInput) await admin.run(createSecret, { input: { name: "token", value: "pl4nted-for-keys" } });
      const id = await started(admin, key, isInput ? { token: "pl4nted-for-keys" } : {});
      await becomes(admin, id, "the first step waits", ({ run }) => run?.steps[0]?.status === "WAITING");
      const [lost] = await owner`delete from app.tenant_keys where tenant_id = ${tenantId} returning *`;
      await owner`update workflows.run_steps set due_at = clock_timestamp() where tenant_id = ${tenantId} and step = 'rest'`;

      await becomes(admin, id, "there is an incident", ({ status }) => status === "FAILED");
      const stopped = await seen(admin, id);
      expect(stopped.incident).toMatchObject({
        kind: "JOB",
        message: expect.stringContaining(message) as string,
        place: "states.running.run.send",
      });
      expect(stopped.run).toMatchObject({ status: "RUNNING", steps: [{}, { status: "WAITING", isParked: true, attempts: 0 }] });
      await ends(admin, await started(admin, "plain"));
      // Without the key, it cannot begin.
      await admin.run(resolve, { id: stopped.incident?.id });
      await becomes(admin, id, "there is another incident", ({ incident }) => incident !== null && incident.id !== stopped.incident?.id);
      expect(count(`/${key}`)).toBe(0);

      await owner`insert into app.tenant_keys ${owner(lost ?? {})}`;
      await admin.run(resolve, { id: (await seen(admin, id)).incident?.id });
      await ends(admin, id);
      expect(count(`/${key}`)).toBe(1);
    },
  );
});

test(
  "F16: a run whose transaction always fails becomes an incident after ten failures, in whichever processes, and others go on",
  { tags: "slow" },
  async () => {
    const { admin, id: tenantId } = await aTenant(
      automation("poisoned", "  - { id: rest, type: wait, with: { for: 1h } }\n  - { id: after, type: set, with: { values: { a: 1 } } }\n"),
      automation("sound", "  - { id: after, type: set, with: { values: { a: 1 } } }\n"),
    );
    const id = await started(admin, "poisoned");
    await becomes(admin, id, "the first step waits", ({ run }) => run?.steps[0]?.status === "WAITING");
    const [run] = await owner<{ id: string }[]>`select id from workflows.runs where instance_id = ${decodeId("instance", id)}`;
    const runId = run?.id ?? "";
    // No result can be stored.
    await owner.unsafe(`
    create function public.poison() returns trigger language plpgsql as $$ begin raise exception 'poisoned'; end $$;
    create trigger poison before update on workflows.run_steps for each row
      when (new.run_id = '${runId}' and new.status = 'SUCCEEDED') execute function public.poison()`);
    const failures = async (): Promise<number> => {
      const [row] = await owner<{ count: number }[]>`select failed_transactions as count from workflows.runs where id = ${runId}`;
      return row?.count ?? 0;
    };
    const { services } = weft.weft;
    const emits = emitAllowances({ counters: await createCounters(services), limits: services.config.limits });
    // The worker of this server can count a failure in a round as well. The number of rounds is limited, so that the test ends without an incident, too.
    for (let round = 0; round < 20 && (await seen(admin, id)).incident === null; round++) {
      const before = await failures();
      await owner`update workflows.run_steps set due_at = clock_timestamp() where run_id = ${runId} and step = 'rest'`;
      // Each is as new as the one of a process that has just started.
      await runTransactions({ ...services, leaseSeconds: 30, emits }).takeDue(tenantId, 1);
      await until(async () => (await failures()) > before, { what: `failure ${before + 1} is counted`, deadlineMs: 30_000, everyMs: 20 });
    }
    expect(await failures()).toBeGreaterThanOrEqual(10);
    await becomes(admin, id, "there is an incident", ({ status }) => status === "FAILED");
    expect((await seen(admin, id)).incident).toMatchObject({ kind: "JOB", place: "states.running.run" });
    await ends(admin, await started(admin, "sound"));

    await owner.unsafe("drop trigger poison on workflows.run_steps; drop function public.poison()");
    await owner`update workflows.run_steps set due_at = clock_timestamp() where run_id = ${runId} and step = 'rest'`;
    await becomes(admin, id, "the steps go on", ({ run: one }) => one?.status === "SUCCEEDED");
    // Progress starts the count over.
    expect(await failures()).toBe(0);
    await admin.run(resolve, { id: (await seen(admin, id)).incident?.id });
    await ends(admin, id);
  },
);

test("runs keep their invariants", async () => {
  await weft.weft.worker.idle();
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});

test(
  "F15: ten thousand waits that are over at once end oldest first, few in a transaction, and delay another tenant's single one by few of them",
  { tags: "slow" },
  async () => {
    const FLOOD = 10_000;
    const waiting = (key: string): string => automation(key, "  - { id: rest, type: wait, with: { for: 1h } }\n");
    const [busy, quiet] = [await aTenant(waiting("flood")), await aTenant(waiting("single"))];
    const [model, single] = [await started(busy.admin, "flood"), await started(quiet.admin, "single")];
    await becomes(busy.admin, model, "it waits", ({ run }) => run?.steps[0]?.status === "WAITING");
    await becomes(quiet.admin, single, "it waits", ({ run }) => run?.steps[0]?.status === "WAITING");
    // Their starts keep the order in which they were due.
    await owner`with one as (select * from workflows.instances where tenant_id = ${busy.id}), made as (
      insert into workflows.instances (tenant_id, id, definition_id, definition_key, state, status, data, version, owner_id, created_at, updated_at)
      select tenant_id, gen_random_uuid(), definition_id, definition_key, 'running', 'RUNNING', '{}', 1, owner_id, created_at, created_at
        from one cross join generate_series(1, ${FLOOD}::int)
      returning tenant_id, id, definition_id, owner_id, created_at
    ), chronicle as (
      insert into workflows.history (tenant_id, id, instance_id, version, kind, to_state, actor_id, at)
      select tenant_id, gen_random_uuid(), id, 1, 'START', 'running', owner_id, created_at from made
    ), begun as (
      insert into workflows.runs (tenant_id, id, instance_id, definition_id, state, instance_version, inputs, has_begun, profile, created_at)
      select m.tenant_id, gen_random_uuid(), m.id, m.definition_id, 'running', 1, '{}', true, r.profile, m.created_at
        from made m cross join (select profile from workflows.runs where tenant_id = ${busy.id}) r
      returning tenant_id, id
    )
    insert into workflows.run_steps (tenant_id, run_id, step, id, status, attempt, started_at, attempt_started_at, due_at)
    select b.tenant_id, b.id, 'rest', gen_random_uuid(), 'WAITING', 1, d.at, d.at, d.at
      from (select *, now() - make_interval(secs => 3600 * random()) as at from begun) b cross join lateral (select b.at) d(at)`;
    type Flooded = { ended: number; place: number; batch: number };
    /** How many waits have ended, the place in the order of their times of the last one of them, and the most that one transaction has ended. */
    const drained = async (): Promise<Flooded> => {
      const [row] = await owner<Flooded[]>`
      with ordered as (
        select s.status, s.xmin::text as transaction, row_number() over (order by s.attempt_started_at) as place
          from workflows.run_steps s where s.tenant_id = ${busy.id})
      select count(*) filter (where status = 'SUCCEEDED')::int as ended, coalesce(max(place) filter (where status = 'SUCCEEDED'), 0)::int as place,
             coalesce((select max(n) from (select count(*) as n from ordered where status = 'SUCCEEDED' group by transaction) t), 0)::int as batch
        from ordered`;
      return row ?? { ended: 0, place: 0, batch: 0 };
    };
    await until(async () => (await drained()).ended > 200, { what: "the flood is being drained", deadlineMs: 30_000, everyMs: 200 });
    const before = await drained();
    await owner`update workflows.run_steps set due_at = clock_timestamp() where tenant_id = ${quiet.id}`;
    await ends(quiet.admin, single);
    const after = await drained();
    console.log(`${after.ended - before.ended} waits of the flood ended while the single one did`);
    expect(after.ended - before.ended).toBeLessThan(1_500);
    expect(after.ended).toBeLessThan(FLOOD);
    expect(after.batch).toBeLessThanOrEqual(64);
    // Few are ahead of their turn: those of transactions that have not been committed.
    expect(after.place - after.ended).toBeLessThan(512);
  },
);
