import {
  aMaintenanceTenant,
  type ApiError,
  brokenInvariants,
  fireTransition,
  type MaintenanceTenant,
  startTestWeft,
  type TestTenant,
  type TestUser,
  type TestWeft,
  until,
} from "@weft/testkit";
import { encodeId } from "@weft/shared/ids";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: TestWeft;
let owner: postgres.Sql;
let acme: MaintenanceTenant;
beforeAll(async () => {
  // Fifty calls at once receive the limit error, however long they wait for a connection.
  weft = await startTestWeft({ settings: { DATABASE_WAIT_TIMEOUT_MS: 60_000, WEFT_REQUEST_TIMEOUT_MS: 60_000 } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  acme = await aMaintenanceTenant(weft);
  // Values counted per hour are counted within one hour.
  const secondsLeft = async () =>
    (await owner<{ left: number }[]>`select 3600 - extract(epoch from now())::int % 3600 as left`)[0]?.left ?? 0;
  await until(async () => (await secondsLeft()) > 40, { what: "the hour has turned", deadlineMs: 60_000 });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

interface Usage {
  readonly limit: string;
  readonly used: number;
  readonly allowed: number | null;
  readonly windowEndsAt: string | null;
}

async function usageOf({ admin }: TestTenant): Promise<Record<string, Usage>> {
  const { tenant } = await admin.run<{ tenant: { usage: Usage[] } }>("{ tenant { usage { limit used allowed windowEndsAt } } }");
  return Object.fromEntries(tenant.usage.map((usage) => [usage.limit, usage]));
}

/** Allows a tenant this many more than it has now; null: no limit. The limit is reset for the next test. */
async function allowMore(tenant: TestTenant, limit: string, more: number | null): Promise<number> {
  const { used } = (await usageOf(tenant))[limit] ?? { used: 0 };
  const limits = { [limit]: more === null ? null : used + more };
  await owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
    select ${tenant.id}, 'CONTRACT', ${tenant.id}, count(*) + 1, ${owner.json({ limits })}, ${tenant.id}, 'Agreed.'
      from app.configurations where tenant_id = ${tenant.id} and level = 'CONTRACT'`;
  return used;
}

/** Makes fifty calls at once. Returns how many succeeded, and the errors of the others. */
async function fifty(who: TestUser, query: string, input: (n: number) => object): Promise<{ made: number; errors: ApiError[] }> {
  const results = await Promise.all(Array.from({ length: 50 }, (_, n) => who.send(query, { input: input(n) })));
  const errors = results.flatMap((result) => result.errors ?? []);
  return { made: results.filter((result) => result.errors === undefined).length, errors };
}

const createUser = "mutation Create($input: CreateUserInput!) { createUser(input: $input) { user { id } } }";
const someUser = (n: number | string) => ({ email: `p${n}@limits.example`, name: `Person ${n}`, type: "EMPLOYEE" });
const createDefinition = "mutation Create($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id } } }";
const someDefinition = (key: string) => ({
  source: `{"weft": 1, "key": "${key}", "name": "${key}", "initial": "open", "states": {"open": {"transitions": {"close": {"to": "closed", "allow": {"owner": true}}}}, "closed": {"final": "completed"}}}`,
});
const createRequest = "mutation Create($input: CreateRequestInput!) { createRequest(input: $input) { request { workflow { id } } } }";
const someRequest = () => ({
  typeKey: "maintenance",
  data: { summary: "The elevator grinds", estimate: 12 },
  buildingId: acme.buildingId,
  assetId: acme.assetId,
});

describe("fifty concurrent users", () => {
  test.each([
    { limit: "users", more: 7, query: createUser, input: someUser, who: () => acme.admin },
    { limit: "definitions", more: 5, query: createDefinition, input: (n: number) => someDefinition(`d${n}`), who: () => acme.admin },
    { limit: "runningInstances", more: 9, query: createRequest, input: someRequest, who: () => acme.requester },
    { limit: "executionsPerHour", more: 6, query: createRequest, input: someRequest, who: () => acme.requester },
    { limit: "executionsPerMonth", more: 3, query: createRequest, input: someRequest, who: () => acme.requester },
  ])(
    "use $limit exactly up to the limit; further calls report its name, the current usage and the maximum",
    { tags: "slow" },
    async (tried) => {
      const { limit, more, query, input, who } = tried;
      const before = await allowMore(acme.tenant, limit, more);
      const { made, errors } = await fifty(who(), query, input);
      const extensions = { code: "LIMIT_EXCEEDED", limit, used: before + more, allowed: before + more };
      for (const error of errors) expect(error.extensions).toMatchObject(extensions);
      expect(made).toBe(more);
      expect((await usageOf(acme.tenant))[limit]).toMatchObject({ used: before + more, allowed: before + more });
      await allowMore(acme.tenant, limit, null);
    },
  );
});

describe("a limit that has been reached", () => {
  test("admits a user in place of a deactivated one, refuses a reactivation, and accepts a refused idempotency key later", async () => {
    await allowMore(acme.tenant, "users", 1);
    const { createUser: first } = await acme.admin.run<{ createUser: { user: { id: string } } }>(createUser, { input: someUser("first") });
    const second = { ...someUser("second"), idempotencyKey: "second" };
    expect(await acme.admin.refusal(createUser, { input: second })).toBe("LIMIT_EXCEEDED");
    await acme.admin.run("mutation Off($input: VersionedIdInput!) { deactivateUser(input: $input) { user { id } } }", {
      input: { id: first.user.id },
    });
    await acme.admin.run(createUser, { input: second });
    await acme.admin.run(createUser, { input: second });
    const reactivate = "mutation On($input: VersionedIdInput!) { reactivateUser(input: $input) { user { id } } }";
    expect(await acme.admin.refusal(reactivate, { input: { id: first.user.id } })).toBe("LIMIT_EXCEEDED");
    await allowMore(acme.tenant, "users", null);
    await acme.admin.run(reactivate, { input: { id: first.user.id } });
  });

  test("allows further versions of a definition", async () => {
    await allowMore(acme.tenant, "definitions", 1);
    for (let version = 1; version <= 3; version++) await acme.admin.run(createDefinition, { input: someDefinition("versions") });
    expect(await acme.admin.refusal(createDefinition, { input: someDefinition("another") })).toBe("LIMIT_EXCEEDED");
    await allowMore(acme.tenant, "definitions", null);
  });

  test("for running instances no longer applies when one ends; for executions it still applies", async () => {
    const start = async () => (await acme.requester.send(createRequest, { input: someRequest() })).errors?.[0]?.extensions?.code;
    const end = async () => {
      const { createRequest: created } = await acme.requester.run<{ createRequest: { request: { workflow: { id: string } } } }>(
        createRequest,
        {
          input: someRequest(),
        },
      );
      await acme.requester.run(fireTransition, { input: { instanceId: created.request.workflow.id, transition: "cancel" } });
    };
    await allowMore(acme.tenant, "runningInstances", 1);
    await end();
    expect([await start(), await start()]).toEqual([undefined, "LIMIT_EXCEEDED"]);
    await allowMore(acme.tenant, "executionsPerMonth", 1);
    await end();
    expect(await start()).toBe("LIMIT_EXCEEDED");
    await allowMore(acme.tenant, "executionsPerMonth", null);
  });

  test("changes as soon as the plan changes", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    const { operator } = await weft.platform();
    const setPlan = (plan: string) =>
      operator.run("mutation Plan($input: SetTenantPlanInput!) { setTenantPlan(input: $input) { tenant { plan } } }", {
        input: { tenantId: encodeId("tenant", tenant.id), plan, reason: "A test" },
      });
    await setPlan("FREE");
    const made = await Promise.all(Array.from({ length: 25 }, (_, n) => tenant.admin.send(createUser, { input: someUser(n) })));
    expect(made.filter((result) => result.errors === undefined)).toHaveLength(24);
    expect((await usageOf(tenant))["users"]).toEqual({ limit: "users", used: 25, allowed: 25, windowEndsAt: null });
    await setPlan("PRO");
    await tenant.admin.run(createUser, { input: someUser("pro") });
    await setPlan("FREE");
    expect(await tenant.admin.refusal(createUser, { input: someUser("again") })).toBe("LIMIT_EXCEEDED");
    const events =
      await owner`select payload from events.log where tenant_id = ${tenant.id} and type = 'usage.threshold_reached' order by id`;
    expect(events[0]).toEqual({ payload: { limit: "users", used: 20, allowed: 25, windowEndsAt: null } });
    await weft.weft.worker.idle();
    const told = await tenant.admin.run(
      "{ notifications(filter: { kind: { eq: USAGE_THRESHOLD } }, orderBy: { field: CREATED_AT, direction: ASC }, first: 1) { edges { node { title params subject { __typename } } } } }",
    );
    const title = "The plan's limit users is nearly reached: 20 of 25 used";
    expect(told).toEqual({
      notifications: {
        edges: [{ node: { title, params: { limit: "users", used: "20", allowed: "25" }, subject: { __typename: "Tenant" } } }],
      },
    });
  });

  test("is reported as reached when a single call takes the usage there", async () => {
    const tenant = await weft.tenant();
    await owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
      select ${tenant.id}, 'CONTRACT', ${tenant.id}, 1, ${owner.json({ limits: { users: 2 } })}, id, 'A test' from identity.users where tenant_id = ${tenant.id}`;
    await tenant.admin.run(createUser, { input: someUser("second") });
    await weft.weft.worker.idle();
    expect(await tenant.admin.run("{ notifications(filter: { kind: { eq: USAGE_THRESHOLD } }) { edges { node { title } } } }")).toEqual({
      notifications: { edges: [{ node: { title: "The plan's limit users is reached: 2 of 2 used" } }] },
    });
  });
});

describe("Tenant.usage", () => {
  test("lists every limit with its usage, and the ends of the hour and the month", async () => {
    const tenant = await weft.tenant();
    const usage = await usageOf(tenant);
    expect(Object.keys(usage)).toEqual([
      "users",
      "definitions",
      "runningInstances",
      "executionsPerHour",
      "executionsPerMonth",
      "storageBytes",
    ]);
    expect(usage["users"]).toEqual({ limit: "users", used: 1, allowed: null, windowEndsAt: null });
    expect(usage["executionsPerHour"]?.windowEndsAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00:00.000Z$/);
    expect(usage["executionsPerMonth"]?.windowEndsAt).toMatch(/^\d{4}-\d\d-01T00:00:00.000Z$/);
  });

  test("is visible to platform operators for every tenant, and to no one else", async () => {
    const [one, other] = [await weft.tenant(), await weft.tenant()];
    await one.user("viewer");
    const { operator } = await weft.platform();
    const query =
      "query Usage($slugs: [String!]) { tenants(filter: { slug: { in: $slugs } }, first: 10) { edges { node { slug usage { limit used } } } } }";
    const { tenants } = await operator.run<{ tenants: { edges: { node: { slug: string; usage: Usage[] } }[] } }>(query, {
      slugs: [one.slug, other.slug],
    });
    const users = tenants.edges.map(({ node }) => [node.slug, node.usage[0]]);
    const auth = weft.weft.services.databases.auth;
    const statements = async (slugs: string[]): Promise<{ told: unknown; sent: string[] }> => {
      const sent: string[] = [];
      auth.onStatement = (text) => void (text.includes("app.usage") && sent.push(text));
      const all =
        "query Usage($slugs: [String!]) { tenants(filter: { slug: { in: $slugs } }) { edges { node { usage { limit used allowed windowEndsAt } } } } }";
      const answer = await operator.run<{ tenants: { edges: { node: { usage: Usage[] } }[] } }>(all, { slugs });
      auth.onStatement = undefined;
      return { told: answer.tenants.edges.map(({ node }) => node.usage), sent };
    };
    await owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
      select ${one.id}, 'CONTRACT', ${one.id}, 1, ${owner.json({ limits: { users: 7, definitions: null } })}, id, 'A test' from identity.users where tenant_id = ${one.id} limit 1`;
    // Operators see the same as the tenant, and many tenants cost as many statements as one.
    const { told, sent } = await statements([one.slug]);
    expect(told).toEqual([Object.values(await usageOf(one))]);
    expect(sent).toHaveLength(1);
    expect((await statements([one.slug, other.slug, acme.tenant.slug])).sent).toHaveLength(1);
    expect(Object.fromEntries(users)).toEqual({ [one.slug]: { limit: "users", used: 2 }, [other.slug]: { limit: "users", used: 1 } });
    const id = encodeId("tenant", other.id);
    expect(await one.admin.refusal("query Of($id: ID!) { tenant(id: $id) { usage { used } } }", { id })).toBe("NOT_FOUND");
    expect(await one.admin.refusal("query Of($id: ID!) { node(id: $id) { ... on Tenant { slug usage { used } } } }", { id })).toBe(
      "NOT_FOUND",
    );
  });

  test("requires tenant.read", async () => {
    const result = await acme.requester.send("{ tenant { slug usage { limit } } }");
    expect(result.errors?.map((error) => error.extensions?.code)).toEqual(["FORBIDDEN"]);
    expect(result.data).toMatchObject({ tenant: { usage: null } });
  });
});

test("the counters match the data", async () => {
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});
