import type { IncomingMessage, ServerResponse } from "node:http";
import { brokenInvariants, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inputTypeOf } from "@weft/testkit/input-type";

let weft: TestWeft;
let owner: postgres.Sql;
let server: HttpServer;
let url: string;
/** By path; other paths are answered with 200. */
const answers = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
const asked: string[] = [];

beforeAll(async () => {
  server = await serveHttp((request, response) => {
    asked.push(request.url ?? "");
    const answer = answers.get(request.url ?? "");
    if (answer) answer(request, response);
    else json(response, 200, { path: request.url });
  });
  url = server.url;
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
  await server.close();
});

const json = (response: ServerResponse, status: number, body: object): void =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
const broken = (_request: IncomingMessage, response: ServerResponse): void => json(response, 500, { error: "broken" });

const start = `mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id runs { id } } } }`;
const fields = `id status version inputs outputs error { code } durationMs attempts usage { calls } logLineCount instance { id state status }
  retriedFrom { id } continuedBy { id }
  steps { step index status type title dependsOn isParked attempts outputs usage { calls } attemptHistory { number status isCompensation error { code } startedAt finishedAt } }`;
const one = `query ($id: ID!) { run(id: $id) { ${fields} } }`;
const list = `query ($filter: RunFilter, $first: Int, $after: String) { runs(filter: $filter, first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage } edges { node { id status definitionKey } } } }`;
const change = (name: string): string => `mutation ($input: ${inputTypeOf(name)}!) { ${name}(input: $input) { run { ${fields} } } }`;

interface RunShown {
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly instance: { readonly id: string; readonly state: string; readonly status: string };
  readonly steps: readonly {
    readonly step: string;
    readonly index: number | null;
    readonly status: string;
    readonly [field: string]: unknown;
  }[];
  readonly [field: string]: unknown;
}

async function aTenant(...definitions: readonly string[]): Promise<TestTenant> {
  const tenant = await weft.tenant();
  for (const definition of definitions) await tenant.definition(definition);
  return tenant;
}

const automation = (key: string, rest: string): string => `weft: 1\nkind: automation\nkey: ${key}\nname: ${key}\n${rest}`;

const read = async (who: TestUser, id: string): Promise<RunShown> => (await who.run<{ run: RunShown }>(one, { id })).run;

/** Starts an automation and returns the ID of its run. */
async function begun(who: TestUser, key: string, data: object = {}): Promise<string> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { runs: { id: string }[] } } }>(start, { key, data });
  return startWorkflow.instance.runs[0]?.id ?? "";
}

async function ran(who: TestUser, key: string, data: object = {}): Promise<RunShown> {
  const id = await begun(who, key, data);
  await weft.weft.worker.idle();
  return read(who, id);
}

const changed = async (who: TestUser, name: string, input: object): Promise<RunShown> =>
  Object.values(await who.run<Record<string, { run: RunShown }>>(change(name), { input }))[0]?.run as RunShown;

const problems = async (who: TestUser, query: string, variables: Record<string, unknown>): Promise<unknown> =>
  (await who.refused(query, variables)).extensions?.["problems"];

const three = (path: string, more = ""): string =>
  automation(
    path,
    `inputs: { name: { type: string, default: World } }
steps:
  - { id: first, name: First things, type: http, with: { url: "${url}/${path}-first/{{ inputs.name }}" } }
  - { id: second, type: http, with: { url: "${url}/${path}-second" }${more} }
  - { id: third, type: http, with: { url: "${url}/${path}-third/{{ steps.first.outputs.body.path }}/{{ inputs.name }}" } }
outputs: { path: "{{ steps.third.outputs.body.path }}" }
`,
  );
const count = (path: string): number => asked.filter((one) => one.startsWith(`/${path}`)).length;

test("a run shows its inputs, its steps as the definition has them, every attempt, and what they have used", { tags: "slow" }, async () => {
  let tries = 0;
  answers.set("/shown-second", (_request, response) => json(response, ++tries < 2 ? 503 : 200, {}));
  const { admin } = await aTenant(three("shown", ", retry: { attempts: 2, delay: 1s }"));
  const id = await begun(admin, "shown");
  await expect.poll(async () => (await read(admin, id)).status, { timeout: 15_000 }).toBe("SUCCEEDED");
  const run = await read(admin, id);
  expect(run).toMatchObject({
    inputs: { name: "World" },
    outputs: { path: expect.stringContaining("shown-third") as string },
    error: null,
    attempts: 4,
    usage: { calls: 4 },
    logLineCount: 1,
    retriedFrom: null,
    continuedBy: null,
    steps: [
      {
        step: "first",
        title: "First things",
        type: "http",
        dependsOn: [],
        attemptHistory: [{ number: 1, status: "SUCCEEDED", error: null }],
      },
      {
        step: "second",
        dependsOn: ["first"],
        attemptHistory: [
          { number: 1, status: "FAILED", error: { code: "HTTP_STATUS" } },
          { number: 2, status: "SUCCEEDED", error: null },
        ],
      },
      { step: "third", dependsOn: ["second"] },
    ],
  });
  expect(run["durationMs"]).toBeGreaterThanOrEqual(1_000);
});

test("runs are listed newest first, in pages, filtered, and only those whose instances one can see", { tags: "slow" }, async () => {
  answers.set("/listed-second", broken);
  const tenant = await aTenant(three("listed"), automation("other", "steps: [{ id: one, type: set, with: { values: {} } }]\n"));
  const { admin } = tenant;
  const failed = await ran(admin, "listed");
  const done = await ran(admin, "other");
  const pages = async (who: TestUser, filter: object = {}, more: object = {}) =>
    (
      await who.run<{
        runs: { totalCount: number; pageInfo: { endCursor: string; hasNextPage: boolean }; edges: { node: { id: string } }[] };
      }>(list, { filter, ...more })
    ).runs;
  expect((await pages(admin)).edges.map(({ node }) => node.id)).toEqual([done.id, failed.id]);
  const first = await pages(admin, {}, { first: 1 });
  expect(first).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true }, edges: [{ node: { id: done.id } }] });
  expect((await pages(admin, {}, { first: 1, after: first.pageInfo.endCursor })).edges.map(({ node }) => node.id)).toEqual([failed.id]);
  for (const filter of [{ status: { eq: "FAILED" } }, { definitionKey: { eq: "listed" } }, { instanceId: { eq: failed.instance.id } }])
    expect((await pages(admin, filter)).edges.map(({ node }) => node.id)).toEqual([failed.id]);
  const requester = await tenant.user("requester");
  expect((await pages(requester)).totalCount).toBe(0);
  expect(await requester.refusal(one, { id: failed.id })).toBe("NOT_FOUND");
  const other = await weft.tenant();
  expect(await other.admin.refusal(one, { id: failed.id })).toBe("NOT_FOUND");
  expect((await pages(other.admin)).totalCount).toBe(0);
});

test("a page of runs with everything in it takes the same number of statements for one run as for three", { tags: "slow" }, async () => {
  const { admin } = await aTenant(three("counted"));
  const page = `{ runs { edges { node { ${fields} logs { edges { node { line } } } definition { version } } } } }`;
  await ran(admin, "counted");
  const measured = async (): Promise<number> => {
    await admin.run(page);
    return (await weft.statements(() => admin.run(page))).length;
  };
  const few = await measured();
  await ran(admin, "counted");
  await ran(admin, "counted");
  expect(await measured()).toBe(few);
});

test("a paused run begins no step until it is resumed", { tags: "slow" }, async () => {
  let release: () => void = () => undefined;
  answers.set("/paused-first/World", (_request, response) => void (release = () => json(response, 200, { path: "p" })));
  const { admin } = await aTenant(three("paused"));
  const id = await begun(admin, "paused");
  await expect.poll(() => count("paused-first")).toBe(1);
  expect(await changed(admin, "pauseRun", { id })).toMatchObject({ status: "PAUSED" });
  release();
  await expect.poll(async () => (await read(admin, id)).steps[0]?.status).toBe("SUCCEEDED");
  await weft.weft.worker.idle();
  expect(count("paused-second")).toBe(0);
  expect(await admin.refusal(change("pauseRun"), { input: { id } })).toBe("TRANSITION_REJECTED");
  const { version } = await read(admin, id);
  expect(await admin.refusal(change("resumeRun"), { input: { id, expectedVersion: version - 1 } })).toBe("CONFLICT");
  expect(await changed(admin, "resumeRun", { id, expectedVersion: version })).toMatchObject({ status: "RUNNING" });
  await weft.weft.worker.idle();
  expect(await read(admin, id)).toMatchObject({ status: "SUCCEEDED" });
  expect(await admin.refusal(change("resumeRun"), { input: { id } })).toBe("TRANSITION_REJECTED");
  type Audited = { auditEntries: { edges: { node: { action: string; before: unknown; after: unknown } }[] } };
  const { auditEntries } = await admin.run<Audited>("{ auditEntries(first: 20) { edges { node { action before after } } } }");
  const pause = auditEntries.edges.map(({ node }) => node).find(({ action }) => action === "run.pause");
  expect(pause).toMatchObject({ before: { runStatus: "RUNNING" }, after: { runStatus: "PAUSED" } });
});

test("canceling the run of an automation tells its steps to stop and cancels its instance", { tags: "slow" }, async () => {
  answers.set("/cancelled-first/World", () => undefined);
  const { admin } = await aTenant(three("cancelled"));
  const id = await begun(admin, "cancelled");
  await expect.poll(() => count("cancelled-first")).toBe(1);
  expect(await changed(admin, "cancelRun", { id, comment: "Wrong" })).toMatchObject({
    status: "STOPPING",
    instance: { status: "CANCELLED" },
  });
  await weft.weft.worker.idle();
  expect(await read(admin, id)).toMatchObject({
    status: "CANCELLED",
    steps: [{ status: "CANCELLED" }, { status: "CANCELLED" }, { status: "CANCELLED" }],
  });
  expect(await admin.refusal(change("cancelRun"), { input: { id } })).toBe("TRANSITION_REJECTED");
  const { auditEntries } = await admin.run<{ auditEntries: { edges: { node: { action: string } }[] } }>(
    "{ auditEntries(first: 10) { edges { node { action } } } }",
  );
  expect(auditEntries.edges.map(({ node }) => node.action)).toEqual(expect.arrayContaining(["run.cancel", "workflow.cancel"]));
});

test("canceling the run of a state is its failure, for which the definition has a transition", async () => {
  const { admin } = await aTenant(`weft: 1
key: stoppable
name: Stoppable
initial: working
states:
  working:
    run: { steps: [{ id: rest, type: wait, with: { for: 1h } }], then: finished, onFailure: broken }
    transitions: { finished: { to: done, auto: run }, broken: { to: failed, auto: run } }
  done: { final: completed }
  failed: { final: rejected }
`);
  const id = await begun(admin, "stoppable");
  await weft.weft.worker.idle();
  expect(await changed(admin, "cancelRun", { id })).toMatchObject({ status: "CANCELLED", instance: { state: "failed" } });
});

test("a run that has failed is continued from a step: earlier results are taken over, and the failed run stays as it is", async () => {
  answers.set("/continued-second", broken);
  const { admin } = await aTenant(three("continued"));
  const failed = await ran(admin, "continued");
  expect(failed).toMatchObject({ status: "FAILED", error: { code: "HTTP_STATUS" } });
  answers.delete("/continued-second");
  const input = { runId: failed.id, step: "second", inputs: { name: "Ada" }, idempotencyKey: "again" };
  const next = await changed(admin, "retryFromStep", input);
  expect(next.instance.id).not.toBe(failed.instance.id);
  expect(await changed(admin, "retryFromStep", input)).toMatchObject({ id: next.id });
  await weft.weft.worker.idle();
  expect(await read(admin, next.id)).toMatchObject({
    status: "SUCCEEDED",
    inputs: { name: "Ada" },
    // The first step read the earlier name, and was not done again; the third one read the new name.
    outputs: { path: expect.stringMatching(/continued-third\/.*World.*\/Ada$/) as string },
    retriedFrom: { id: failed.id },
    instance: { state: "succeeded" },
  });
  expect(count("continued-first")).toBe(1);
  expect(await read(admin, failed.id)).toMatchObject({ status: "FAILED", version: failed.version, continuedBy: { id: next.id } });
  expect(await admin.refusal(change("retryFromStep"), { input: { ...input, idempotencyKey: null } })).toBe("CONFLICT");
});

test("of two who continue a run at once, one succeeds", async () => {
  answers.set("/twice-second", broken);
  const { admin } = await aTenant(three("twice"));
  const { id: runId } = await ran(admin, "twice");
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => changed(admin, "retryFromStep", { runId })));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  await weft.weft.worker.idle();
  expect(count("twice-first")).toBe(1);
});

test("a retry names a step that exists, and a run that has ended", async () => {
  const { admin } = await aTenant(three("wrong"), automation("slow", "steps: [{ id: rest, type: wait, with: { for: 1h } }]\n"));
  const done = await ran(admin, "wrong");
  expect(await problems(admin, change("retryFromStep"), { input: { runId: done.id, step: "nowhere" } })).toMatchObject([
    { path: "input.step" },
  ]);
  expect(await problems(admin, change("retryFromStep"), { input: { runId: done.id } })).toMatchObject([{ path: "input.step" }]);
  expect(await problems(admin, change("retryFromStep"), { input: { runId: done.id, step: "third", inputs: { name: 7 } } })).toMatchObject([
    { path: "input.inputs.name" },
  ]);
  expect(await problems(admin, change("rerunWorkflow"), { input: { runId: done.id, inputs: [] } })).toMatchObject([
    { path: "input.inputs" },
  ]);
  const going = await begun(admin, "slow");
  expect(await admin.refusal(change("retryFromStep"), { input: { runId: going, step: "rest" } })).toBe("TRANSITION_REJECTED");
});

test("an automation is run again with the same inputs or with changed ones", async () => {
  const { admin } = await aTenant(three("again"));
  const first = await ran(admin, "again", { name: "Ada" });
  const second = await changed(admin, "rerunWorkflow", { runId: first.id });
  const third = await changed(admin, "rerunWorkflow", { runId: first.id, inputs: { name: null } });
  await weft.weft.worker.idle();
  expect(await read(admin, second.id)).toMatchObject({ status: "SUCCEEDED", inputs: { name: "Ada" }, retriedFrom: null });
  expect(await read(admin, third.id)).toMatchObject({ status: "SUCCEEDED", inputs: { name: "World" } });
  expect(count("again-first")).toBe(3);
});

const held = (key: string): string => `weft: 1
key: ${key}
name: ${key}
initial: working
states:
  working:
    run:
      steps:
        - { id: first, type: http, with: { url: "${url}/${key}-first" } }
        - { id: second, type: http, with: { url: "${url}/${key}-second" } }
      then: finished
    transitions: { finished: { to: done, auto: run } }
  done: { final: completed }
`;
const incidentOf = async (who: TestUser, instanceId: string): Promise<string> =>
  (
    await who.run<{ workflowInstance: { incident: { id: string } } }>(
      "query ($id: ID!) { workflowInstance(id: $id) { incident { id } } }",
      { id: instanceId },
    )
  ).workflowInstance.incident.id;
const resolve = "mutation ($input: ResolveIncidentInput!) { resolveIncident(input: $input) { instance { state status } } }";

test("the incident of steps that have failed is resolved by another run that continues them in the same instance", async () => {
  answers.set("/healed-second", broken);
  const { admin } = await aTenant(held("healed"));
  const failed = await ran(admin, "healed");
  expect(failed).toMatchObject({ status: "FAILED", instance: { status: "FAILED" } });
  answers.delete("/healed-second");
  await admin.run(resolve, { input: { id: await incidentOf(admin, failed.instance.id), action: "RETRY" } });
  await weft.weft.worker.idle();
  expect(await read(admin, failed.id)).toMatchObject({
    status: "FAILED",
    instance: { state: "done" },
    continuedBy: { id: expect.any(String) as string },
  });
  expect([count("healed-first"), count("healed-second")]).toEqual([1, 2]);
});

test("a step that loses its worker three times waits for a decision: it is tried again, or fails", { tags: "slow" }, async () => {
  for (const [action, status] of [
    ["RETRY", "SUCCEEDED"],
    ["SKIP", "FAILED"],
  ] as const) {
    const key = `parked-${action.toLowerCase()}`;
    // Nobody is answered until the step is parked.
    let isParked = false;
    answers.set(`/${key}-second`, (request, response) => void (isParked && json(response, 200, { path: request.url })));
    const { admin } = await aTenant(three(key));
    const id = await begun(admin, key);
    const stepOf = async () => (await read(admin, id)).steps[1];
    for (let lost = 1; lost <= 3; lost++) {
      await expect.poll(async () => (await stepOf())?.["attempts"], { timeout: 10_000 }).toBe(lost);
      // As if the worker were gone: the lease is over, and what it reports later is refused.
      await owner`update workflows.run_steps s set due_at = clock_timestamp(), lease_token = gen_random_uuid()
        from workflows.runs r join workflows.instances i on i.id = r.instance_id
        where r.id = s.run_id and s.step = 'second' and s.status = 'RUNNING' and i.definition_key = ${key}`;
      weft.weft.worker.idle().catch(() => undefined);
    }
    await expect.poll(async () => (await stepOf())?.["isParked"], { timeout: 10_000 }).toBe(true);
    const parked = await read(admin, id);
    expect(parked).toMatchObject({ status: "RUNNING", instance: { status: "FAILED" } });
    expect(parked.steps[1]).toMatchObject({
      status: "WAITING",
      attemptHistory: [{ status: "LOST" }, { status: "LOST" }, { status: "LOST" }],
    });
    isParked = true;
    await admin.run(resolve, { input: { id: await incidentOf(admin, parked.instance.id), action } });
    await expect.poll(async () => (await read(admin, id)).status, { timeout: 10_000 }).toBe(status);
    expect(await read(admin, id)).toMatchObject({
      instance: { status: "COMPLETED" },
      error: status === "FAILED" ? { code: "WORKER_LOST" } : null,
    });
  }
});

test("whoever may only read runs changes none, and those of other tenants are not found", async () => {
  const tenant = await aTenant(automation("guarded", "steps: [{ id: rest, type: wait, with: { for: 1h } }]\n"));
  const id = await begun(tenant.admin, "guarded");
  const viewer = await tenant.user("viewer");
  const { admin: stranger } = await weft.tenant();
  for (const name of ["pauseRun", "resumeRun", "cancelRun"]) {
    expect(await viewer.refusal(change(name), { input: { id } })).toBe("FORBIDDEN");
    expect(await stranger.refusal(change(name), { input: { id } })).toBe("NOT_FOUND");
  }
  for (const name of ["rerunWorkflow", "retryFromStep"])
    expect(await stranger.refusal(change(name), { input: { runId: id } })).toBe("NOT_FOUND");
});

test("the log of a run is read in pages, and followed live without a gap", { tags: "slow" }, async () => {
  answers.set("/logged", broken);
  const { admin } = await aTenant(
    automation(
      "logged",
      `steps: [{ id: send, type: http, with: { url: "${url}/logged" }, retry: { attempts: 3, delay: 1s, backoff: constant } }]\n`,
    ),
  );
  const id = await begun(admin, "logged");
  const feed = await admin.subscribe<{ lines: { line: number; text: string }[] }>(
    "runLogs",
    "subscription ($id: ID) { runLogs(runId: $id) { cursor runId lines { line text stream step attempt } } }",
    { id },
  );
  const updates = await admin.subscribe<{ status: string; run: { steps: { attempts: number }[] } }>(
    "runUpdated",
    "subscription ($id: ID) { runUpdated(runId: $id) { cursor status run { status steps { attempts status } } } }",
    { id },
  );
  await updates.until((seen) => seen.some(({ status }) => status === "FAILED"));
  expect(updates.payloads.length).toBeGreaterThan(2);
  await feed.until((seen) => seen.flatMap(({ lines }) => lines).some(({ line }) => line === 3));
  const heard = feed.payloads.flatMap(({ lines }) => lines.map(({ line }) => line));
  expect(heard).toEqual([...new Set(heard)]);
  type Logs = { run: { logs: { edges: { node: { line: number; text: string; attempt: number } }[]; pageInfo: { endCursor: string } } } };
  const logs =
    "query ($id: ID!, $after: String, $step: String) { run(id: $id) { logs(first: 2, after: $after, step: $step) { pageInfo { endCursor } edges { node { line text attempt stream step } } } } }";
  const page = (await admin.run<Logs>(logs, { id })).run.logs;
  expect(page.edges.map(({ node }) => node)).toMatchObject([
    { line: 1, attempt: 1, text: expect.stringContaining("HTTP_STATUS") as string },
    { line: 2, attempt: 2 },
  ]);
  expect((await admin.run<Logs>(logs, { id, after: page.pageInfo.endCursor, step: "send" })).run.logs.edges).toMatchObject([
    { node: { line: 3 } },
  ]);
  expect((await admin.run<Logs>(logs, { id, step: "other" })).run.logs.edges).toEqual([]);
  await Promise.all([feed.stop(), updates.stop()]);
});

test("runs keep their invariants", async () => {
  await weft.weft.worker.idle();
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});
