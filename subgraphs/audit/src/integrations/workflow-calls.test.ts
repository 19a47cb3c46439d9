import type { RequestListener, ServerResponse } from "node:http";
import { asTenant } from "@weft/platform/db";
import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { pastCalls } from "./calls/past-calls.js";

let weft: SharedWeft;
let acme: TestTenant;
let admin: TestUser;
let server: HttpServer;
let answer: RequestListener;
let owner: postgres.Sql;
const got: { readonly key: string | undefined; readonly body: unknown }[] = [];

const source = (key: string, { into = "into: data.reply, " } = {}) => `weft: 1
key: ${key}
name: Orders
data:
  type: object
  properties:
    title: { type: string }
    reply: { type: object, properties: { status: { type: number } }, additionalProperties: true }
initial: draft
states:
  draft:
    transitions:
      order:
        to: ordering
        actions:
          - call: { integration: crm, action: request, input: { method: "'POST'", path: "'orders'", body: data.title }, ${into}then: ordered, onFailure: refused }
      announce:
        to: draft
        actions:
          - call: { integration: crm, action: request, input: { method: "'POST'", path: "'note'" }, into: data.reply }
      wait: { to: ordering }
  ordering:
    transitions:
      ordered: { to: done, auto: call }
      refused: { to: failed, auto: call }
      abort: { to: failed }
      again: { to: draft }
  done: { final: completed }
  failed: { final: rejected }
`;

beforeAll(async () => {
  server = await serveHttp(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    got.push({ key: request.headers["idempotency-key"] as string | undefined, body: Buffer.concat(chunks).toString() });
    answer(request, response);
  });
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await weft.tenant("Acme");
  admin = acme.admin;
  await connect(admin);
  await publish(source("orders"));
});
beforeEach(() => {
  got.length = 0;
  answer = (_request, response) => response.writeHead(200, { "content-type": "application/json" }).end('{"number":7}');
});
afterAll(async () => {
  await owner.end();
  await server.close();
});

const connect = (who: TestUser) =>
  who.run<{ createIntegration: { integration: { id: string } } }>(
    "mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { integration { id } } }",
    {
      input: {
        key: "crm",
        name: "CRM",
        connector: "HTTP",
        configuration: { baseUrl: server.url },
        credentials: { type: "NONE" },
      },
    },
  );

async function publish(text: string, who = admin): Promise<void> {
  const { createDefinition } = await who.run<{ createDefinition: { definition: { id: string } } }>(
    "mutation ($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id } } }",
    { input: { source: text } },
  );
  await who.run("mutation ($input: PublishDefinitionInput!) { publishDefinition(input: $input) { definition { id } } }", {
    input: { id: createDefinition.definition.id, acceptWarnings: true },
  });
}

async function start(key = "orders", who = admin): Promise<string> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(
    "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }",
    { input: { definitionKey: key, data: { title: "Chairs" } } },
  );
  return startWorkflow.instance.id;
}

const fire = (id: string, transition: string, who = admin) =>
  who.run("mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { state } } }", {
    input: { instanceId: id, transition },
  });

interface Instance {
  readonly state: string;
  readonly status: string;
  readonly data: Record<string, unknown>;
  readonly history: { transition: string | null }[];
}

const instance = async (id: string, who = admin): Promise<Instance> =>
  (
    await who.run<{ workflowInstance: Instance }>(
      "query ($id: ID!) { workflowInstance(id: $id) { state status data history { transition } } }",
      { id },
    )
  ).workflowInstance;

async function reaches(id: string, wanted: Partial<Instance>, who = admin): Promise<Instance> {
  let found = await instance(id, who);
  await until(
    async () =>
      Object.entries(wanted).every(([field, value]) => (found as unknown as Record<string, unknown>)[field] === value) ||
      ((found = await instance(id, who)), false),
    {
      what: `the instance is ${JSON.stringify(wanted)}`,
      deadlineMs: 20_000,
    },
  );
  return found;
}

interface Call {
  readonly id: string;
  readonly status: string;
  readonly followUpStatus: string | null;
  readonly followUpError: string | null;
  readonly error: string | null;
}

const callsOf = async (id: string, who = admin): Promise<Call[]> => {
  const { integrationCalls } = await who.run<{ integrationCalls: { edges: { node: Call }[] } }>(
    "query ($filter: IntegrationCallFilter) { integrationCalls(filter: $filter, first: 50) { edges { node { id status error followUpStatus followUpError instance { id } } } } }",
    { filter: { instanceId: { eq: id } } },
  );
  return integrationCalls.edges.map(({ node }) => node);
};

const firstCall = async (id: string, who = admin): Promise<Call | undefined> => (await callsOf(id, who))[0];

/** Resolves the incident of an instance, and returns it. */
async function resolveIncident(instanceId: string): Promise<{ kind: string; message: string } | undefined> {
  const { incidents } = await admin.run<{ incidents: { edges: { node: { id: string; kind: string; message: string } }[] } }>(
    "query ($filter: IncidentFilter) { incidents(filter: $filter, first: 5) { edges { node { id kind message } } } }",
    { filter: { instanceId: { eq: instanceId } } },
  );
  const incident = incidents.edges[0]?.node;
  await admin.run("mutation ($input: ResolveIncidentInput!) { resolveIncident(input: $input) { incident { id } } }", {
    input: { id: incident?.id, action: "SKIP", comment: "Repeated" },
  });
  return incident;
}

describe("a call of a workflow", () => {
  test("is sent after the commit; its result is written, and fires a transition", { tags: "slow" }, async () => {
    const id = await start();
    await fire(id, "order");
    const { data, history } = await reaches(id, { state: "done" });
    expect(data).toMatchObject({ title: "Chairs", reply: { status: 200, body: { number: 7 } } });
    expect(history.filter(({ transition }) => transition === "ordered")).toHaveLength(1);
    const [call, ...others] = await callsOf(id);
    expect(others).toEqual([]);
    expect(call).toMatchObject({ status: "DONE", followUpStatus: "DONE", instance: { id } });
    expect(got).toEqual([{ key: call?.id, body: "Chairs" }]);
  });

  test("that fails finally fires the transition of its failure", { tags: "slow" }, async () => {
    answer = (_request, response) => response.writeHead(422).end("no");
    const id = await start();
    await fire(id, "order");
    await reaches(id, { state: "failed" });
    expect(await firstCall(id)).toMatchObject({ status: "FAILED", followUpStatus: "DONE", error: "The server answered 422: no" });
  });

  test(
    "whose failure has no transition stops the instance; a repetition that succeeds counts once the incident is resolved",
    { tags: "slow" },
    async () => {
      answer = (_request, response) => response.writeHead(422).end("no");
      const id = await start();
      await fire(id, "announce");
      await reaches(id, { status: "FAILED" });
      const { id: callId, error } = (await firstCall(id)) ?? {};
      expect(error).toBe("The server answered 422: no");
      answer = (_request, response) => response.end("fine");
      await admin.run("mutation ($input: IdInput!) { retryIntegrationCall(input: $input) { call { id } } }", {
        input: { id: callId },
      });
      await until(async () => (await firstCall(id))?.status === "DONE", { what: "the call is repeated", deadlineMs: 20_000 });
      // What the server answered is visible in the call only.
      const message = `The call of crm failed: The system refused it, or it cannot be sent. See the error of the call ${callId}.`;
      expect(await resolveIncident(id)).toMatchObject({ kind: "JOB", message });
      await until(async () => (await instance(id)).data["reply"] !== undefined, { what: "the result is written", deadlineMs: 20_000 });
      expect(await firstCall(id)).toMatchObject({ followUpStatus: "DONE" });
    },
  );

  test("whose result arrives while the instance is suspended waits; one that comes too late does nothing", { tags: "slow" }, async () => {
    let release = (): void => undefined;
    answer = (_request, response) => void (release = () => void response.end());
    const [suspended, aborted] = [await start(), await start()];
    await fire(suspended, "order");
    await until(() => got.length === 1, { what: "the call is sent", deadlineMs: 20_000 });
    await admin.run("mutation ($input: SuspendWorkflowInput!) { suspendWorkflow(input: $input) { instance { id } } }", {
      input: { instanceId: suspended, reason: "Holiday" },
    });
    release();
    await until(async () => (await firstCall(suspended))?.status === "DONE", { what: "the answer is there", deadlineMs: 20_000 });
    await weft.weft.worker.idle();
    expect(await instance(suspended)).toMatchObject({ state: "ordering", status: "SUSPENDED" });
    await admin.run("mutation ($input: ResumeWorkflowInput!) { resumeWorkflow(input: $input) { instance { id } } }", {
      input: { instanceId: suspended },
    });
    await reaches(suspended, { state: "done" });
    await fire(aborted, "order");
    await until(() => got.length === 2, { what: "the call is sent", deadlineMs: 20_000 });
    await fire(aborted, "abort");
    release();
    await until(async () => (await firstCall(aborted))?.followUpStatus === "SKIPPED", {
      what: "the result is skipped",
      deadlineMs: 20_000,
    });
    expect(await firstCall(aborted)).toMatchObject({ status: "DONE", followUpError: "The instance has ended." });
  });

  test(
    "acts only on the visit of its state: a result that arrives in a later visit is late and does nothing",
    { tags: "slow" },
    async () => {
      const responses: ServerResponse[] = [];
      answer = (_request, response) => void responses.push(response);
      const id = await start();
      const sent = async (transition: string) => {
        const before = got.length;
        await fire(id, transition);
        await until(() => got.length > before, { what: "the call is sent", deadlineMs: 20_000 });
      };
      await sent("order");
      await fire(id, "again");
      await sent("order");
      const [second, first] = await callsOf(id);
      const ended = (call: Call | undefined, followUpStatus: string) =>
        until(async () => (await callsOf(id)).some((one) => one.id === call?.id && one.followUpStatus === followUpStatus), {
          what: `the result is ${followUpStatus}`,
          deadlineMs: 20_000,
        });
      responses[0]?.end("first");
      await ended(first, "SKIPPED");
      expect((await callsOf(id)).at(-1)?.followUpError).toBe("The instance has left the state in which it made the call.");
      expect(await instance(id)).toMatchObject({ state: "ordering", data: { title: "Chairs" } });
      responses[1]?.end("second");
      await ended(second, "DONE");
      expect(await instance(id)).toMatchObject({ state: "done", data: { reply: { body: "second" } } });
    },
  );

  test("without `then` writes its result in any state, unless a later call writes the same data", { tags: "slow" }, async () => {
    const responses: ServerResponse[] = [];
    answer = (_request, response) => void responses.push(response);
    const id = await start();
    for (const count of [1, 2]) {
      await fire(id, "announce");
      await until(() => got.length === count, { what: "the call is sent", deadlineMs: 20_000 });
    }
    await fire(id, "wait");
    responses[1]?.end("second");
    const written = async () => (await instance(id)).data["reply"];
    await until(async () => (await written()) !== undefined, { what: "the result is written", deadlineMs: 20_000 });
    responses[0]?.end("first");
    const first = async () => (await callsOf(id)).at(-1);
    await until(async () => (await first())?.followUpStatus === "SKIPPED", { what: "the result is skipped", deadlineMs: 20_000 });
    expect((await first())?.followUpError).toBe("A later call writes the same data.");
    expect(await instance(id)).toMatchObject({ state: "ordering", data: { reply: { body: "second" } } });
  });

  test("writes its result if the later call that writes the same data has failed", { tags: "slow" }, async () => {
    const responses: ServerResponse[] = [];
    answer = (_request, response) => void responses.push(response);
    const id = await start();
    for (const count of [1, 2]) {
      await fire(id, "announce");
      await until(() => got.length === count, { what: "the call is sent", deadlineMs: 20_000 });
    }
    responses[1]?.writeHead(422).end();
    await reaches(id, { status: "FAILED" });
    responses[0]?.end("first");
    const first = async () => (await callsOf(id)).at(-1);
    await until(async () => (await first())?.status === "DONE", { what: "the answer is there", deadlineMs: 20_000 });
    await resolveIncident(id);
    await until(async () => (await first())?.followUpStatus !== null, { what: "the result is used", deadlineMs: 20_000 });
    expect(await first()).toMatchObject({ followUpStatus: "DONE", followUpError: null });
    expect(await instance(id)).toMatchObject({ status: "RUNNING", data: { reply: { body: "first" } } });
  });

  test("whose result does not match the data stops the instance", { tags: "slow" }, async () => {
    await publish(source("narrow", { into: "into: data.title, " }));
    const id = await start("narrow");
    await fire(id, "order");
    await reaches(id, { status: "FAILED", state: "ordering" });
    expect(await firstCall(id)).toMatchObject({ status: "DONE", followUpStatus: "FAILED" });
  });

  test("of an unknown integration fails, and publishing warns of it", async () => {
    const { admin: other } = await weft.tenant("Globex");
    const { validateDefinition } = await other.run<{ validateDefinition: { warnings: { code: string; path: string }[] } }>(
      "query ($source: String!) { validateDefinition(source: $source) { warnings { code path } } }",
      { source: source("orders") },
    );
    expect(validateDefinition.warnings).toContainEqual({
      code: "UNKNOWN_INTEGRATION",
      path: "states.draft.transitions.order.actions[0].call.integration",
    });
    await publish(source("orders"), other);
    const id = await start("orders", other);
    await fire(id, "order", other);
    await reaches(id, { state: "failed" }, other);
    expect(await firstCall(id, other)).toMatchObject({
      status: "FAILED",
      error: 'There is no integration with the key "crm".',
      followUpStatus: "DONE",
    });
    expect(got).toEqual([]);
  });

  test("can only fire transitions that exist and need nobody; users cannot fire those with auto: call", async () => {
    const problems = async (text: string) => {
      const { validateDefinition } = await admin.run<{ validateDefinition: { problems: { path: string; code: string }[] } }>(
        "query ($source: String!) { validateDefinition(source: $source) { problems { path code } } }",
        { source: text },
      );
      return validateDefinition.problems.map(({ path, code }) => `${code} ${path}`);
    };
    const at = "states.draft.transitions.order.actions[0].call";
    const text = source("orders");
    expect(await problems(text.replace("then: ordered", "then: orderd"))).toContain(`BAD_VALUE ${at}.then`);
    expect(await problems(text.replace("into: data.reply, then", "into: data.nothing, then"))).toEqual([`UNKNOWN_PATH ${at}.into`]);
    expect(await problems(text.replace("then: ordered, ", ""))).toEqual(["NEVER_FIRES states.ordering.transitions.ordered.auto"]);
    expect(await problems(text.replace("{ to: done, auto: call }", "{ to: done, comment: required }"))).toEqual([`BAD_VALUE ${at}.then`]);
    answer = () => undefined;
    const id = await start();
    await fire(id, "order");
    const variables = { input: { instanceId: id, transition: "ordered" } };
    expect(
      await admin.refusal("mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { state } } }", variables),
    ).toBe("TRANSITION_REJECTED");
  });
});

describe("a result that an instance waits for", () => {
  const remove = "mutation ($id: ID!) { deleteIntegration(input: { id: $id }) { id } }";
  const update =
    "mutation ($id: ID!, $status: IntegrationStatus) { updateIntegration(input: { id: $id, status: $status }) { integration { id } } }";
  const cancel = "mutation ($input: CancelWorkflowInput!) { cancelWorkflow(input: $input) { instance { id } } }";
  const suspend = "mutation ($input: SuspendWorkflowInput!) { suspendWorkflow(input: $input) { instance { id } } }";
  const resume = "mutation ($input: ResumeWorkflowInput!) { resumeWorkflow(input: $input) { instance { id } } }";

  async function prepared(): Promise<{ tenant: TestTenant; integrationId: string }> {
    const tenant = await weft.tenant();
    const { createIntegration } = await connect(tenant.admin);
    await publish(source("orders"), tenant.admin);
    return { tenant, integrationId: createIntegration.integration.id };
  }

  /** An instance that is suspended while its call has a result. */
  async function withWaitingResult({ admin: who }: TestTenant): Promise<string> {
    const before = got.length;
    let release = (): void => undefined;
    answer = (_request, response) => void (release = () => void response.end());
    const id = await start("orders", who);
    await fire(id, "order", who);
    await until(() => got.length > before, { what: "the call is sent", deadlineMs: 20_000 });
    await who.run(suspend, { input: { instanceId: id, reason: "Holiday" } });
    release();
    await until(async () => (await firstCall(id, who))?.status === "DONE", { what: "the answer is there", deadlineMs: 20_000 });
    return id;
  }

  test("keeps the integration of a pending call until the instance is cancelled", async () => {
    const { tenant, integrationId: id } = await prepared();
    const who = tenant.admin;
    await who.run(update, { id, status: "PAUSED" });
    const instances = [await start("orders", who), await start("orders", who)];
    for (const instanceId of instances) {
      await fire(instanceId, "order", who);
      await until(async () => (await callsOf(instanceId, who)).length === 1, { what: "the call is stored", deadlineMs: 20_000 });
    }
    const { message, extensions } = await who.refused(remove, { id });
    expect([extensions?.code, message]).toEqual(["CONFLICT", expect.stringContaining('wait for 2 calls of the integration "crm"')]);
    expect(message).toMatch(/retry .* cancel the instances.* PAUSED/);
    for (const instanceId of instances) await who.run(cancel, { input: { instanceId, comment: "Not needed" } });
    expect(await who.run(remove, { id })).toEqual({ deleteIntegration: { id: id } });
  });

  test("keeps the integration of a call that was answered until the result is applied", { tags: "slow" }, async () => {
    const { tenant, integrationId: id } = await prepared();
    const instanceId = await withWaitingResult(tenant);
    expect(await tenant.admin.refusal(remove, { id })).toBe("CONFLICT");
    await tenant.admin.run(resume, { input: { instanceId } });
    await reaches(instanceId, { state: "done" }, tenant.admin);
    expect(await tenant.admin.run(remove, { id })).toEqual({ deleteIntegration: { id: id } });
  });

  test("is never deleted; others are deleted 90 days after their end", { tags: "slow" }, async () => {
    const { tenant } = await prepared();
    const who = tenant.admin;
    const clean = () =>
      asTenant(weft.weft.services.databases.worker, { tenantId: tenant.id }, "write", (tx) => pastCalls.deleteSome(tx, 10, tenant.id));
    const age = (what: "created_at" | "finished_at") =>
      owner`update events.integration_calls set ${owner(what)} = now() - interval '91 days' where tenant_id = ${tenant.id}`;
    const instanceId = await withWaitingResult(tenant);
    await age("created_at");
    await age("finished_at");
    expect(await clean()).toBe(0);
    await who.run(resume, { input: { instanceId } });
    await reaches(instanceId, { state: "done" }, who);
    await owner`update events.integration_calls set finished_at = now() - interval '89 days' where tenant_id = ${tenant.id}`;
    expect(await clean()).toBe(0);
    await age("finished_at");
    expect([await clean(), await clean()]).toEqual([1, 0]);
  });
});
