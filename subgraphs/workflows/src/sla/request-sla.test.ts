import { fireTransition, setClock, sharedWeft, type TestTenant, type TestUser, type SharedWeft, until } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const definition = `weft: 1
key: repair
name: Repair
data: { type: object, properties: { priority: { type: string } } }
initial: draft
slas:
  resolution:
    target:
      - { when: "request.type == 'breakdown' && data.priority == 'urgent'", target: 1 working hour }
      - { when: "request.type == 'breakdown'", target: 4 working hours }
      - { target: 8 working hours }
    start: { states: [open] }
    pause: { states: [waiting] }
    stop: { states: [done] }
states:
  draft: { transitions: { submit: { to: open }, drop: { to: dropped } } }
  open: { sla: 2 working hours, transitions: { wait: { to: waiting }, solve: { to: done } } }
  waiting: { transitions: { answer: { to: open } } }
  done: { final: completed }
  dropped: { final: cancelled }
`;
const createType = "mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }";
const createRequest =
  "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } slaStatus { name } } } }";
const submitRequest = "mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id slaStatus { name status } } } }";
const page = "{ requests { edges { node { id slaStatus { name status dueAt } } } } }";

type Made = { readonly id: string; readonly instanceId: string };
type Page = { requests: { edges: { node: { id: string; slaStatus: { name: string; status: string }[] } }[] } };

let weft: SharedWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
});

type Company = { readonly tenant: TestTenant; readonly requester: TestUser; readonly goTo: (time: string) => Promise<void> };

/** A tenant with its own clock, which begins on a Monday at 09:00 UTC, and a type of requests that have clocks. */
async function aCompany(): Promise<Company> {
  const tenant = await weft.tenant();
  const goTo = (time: string): Promise<void> => setClock(owner, tenant, time);
  await goTo("2030-03-04T09:00:02Z");
  await tenant.definition(definition);
  await newType(tenant, "repair");
  await newType(tenant, "breakdown");
  return { tenant, requester: await tenant.user("requester"), goTo };
}

const newType = (tenant: TestTenant, key: string) =>
  tenant.admin.run(createType, {
    input: {
      key,
      name: key,
      description: "",
      definitionKey: "repair",
      numberPrefix: key.slice(0, 2).toUpperCase(),
      submitTransition: "submit",
      cancelTransition: "drop",
      fields: ["priority"],
    },
  });

async function draft(who: TestUser, { typeKey = "repair", data = {} }: { typeKey?: string; data?: object } = {}): Promise<Made> {
  const made = await who.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(createRequest, {
    input: { typeKey, data },
  });
  const { id, workflow } = made.createRequest.request;
  return { id, instanceId: workflow.id };
}

async function submitted(who: TestUser, options: Parameters<typeof draft>[1] = {}): Promise<Made> {
  const made = await draft(who, options);
  await who.run(submitRequest, { id: made.id });
  return made;
}

const fire = ({ tenant }: Company, { instanceId }: Made, transition: string) =>
  tenant.admin.run(fireTransition, { input: { instanceId, transition } });

test("a request shows the clocks of its workflow, as the instance does", async () => {
  const acme = await aCompany();
  const { requester } = acme;
  const made = await draft(requester);
  const read = `query ($id: ID!) { request(id: $id) { slaStatus { id status } workflow { slaStatus { id status } } } }`;
  expect(await requester.run(read, { id: made.id })).toEqual({ request: { slaStatus: [], workflow: { slaStatus: [] } } });
  expect(await requester.run(submitRequest, { id: made.id })).toMatchObject({
    submitRequest: {
      request: {
        slaStatus: [
          { name: "resolution", status: "ON_TRACK" },
          { name: "open", status: "ON_TRACK" },
        ],
      },
    },
  });
  await acme.goTo("2030-03-04T11:30:00Z");
  const { request } = await requester.run<{ request: { slaStatus: object[]; workflow: { slaStatus: object[] } } }>(read, { id: made.id });
  expect(request.slaStatus).toHaveLength(2);
  expect(request.slaStatus).toEqual(request.workflow.slaStatus);
  expect(request.slaStatus).toMatchObject([{ status: "ON_TRACK" }, { status: "BREACHED" }]);
  await fire(acme, made, "wait");
  expect(await requester.run(read, { id: made.id })).toMatchObject({
    request: { slaStatus: [{ status: "PAUSED" }, { status: "MISSED" }] },
  });
});

test("a page of requests reads the clocks of all of them with a fixed number of statements", { tags: "slow" }, async () => {
  const { requester } = await aCompany();
  const read = async (): Promise<string[]> => (await weft.statements(() => requester.run(page))).filter((one) => one.includes("sla_"));
  await submitted(requester);
  await read();
  const few = await read();
  expect(few.length).toBeGreaterThan(0);
  for (let n = 0; n < 4; n++) await submitted(requester);
  expect(await read()).toHaveLength(few.length);
});

test(
  "clocks are shown to viewers who can see the workflow; requests of others, and of other tenants, show none",
  { tags: "slow" },
  async () => {
    const acme = await aCompany();
    const { tenant, requester } = acme;
    const made = await submitted(requester);
    const role = async (key: string, permissions: object[]): Promise<TestUser> => {
      await tenant.admin.run(`mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }`, {
        input: { key, name: key, permissions },
      });
      return tenant.user(key);
    };
    const counter = await role("counter", [
      { permission: "request.read", scope: "TENANT" },
      { permission: "workflow.read", scope: "OWN" },
    ]);
    expect(await counter.run<Page>(page)).toEqual({ requests: { edges: [{ node: { id: made.id, slaStatus: [] } }] } });
    const clerk = await role("clerk", [{ permission: "request.read", scope: "TENANT" }]);
    expect(await clerk.refusal(page)).toBe("FORBIDDEN");
    const colleague = await tenant.user("requester");
    const read = `query ($id: ID!) { request(id: $id) { slaStatus { id } } }`;
    expect(await colleague.refusal(read, { id: made.id })).toBe("NOT_FOUND");
    const other = await weft.tenant();
    expect(await other.admin.refusal(read, { id: made.id })).toBe("NOT_FOUND");
  },
);

test("targets depend on the type of the request and its priority, and the ledger keeps a change of the priority", async () => {
  const { tenant, requester } = await aCompany();
  const { admin } = tenant;
  const targets = async (who: TestUser, { id }: Made) => {
    const { request } = await who.run<{ request: { version: number; slaStatus: { id: string; targetSeconds: number }[] } }>(
      "query ($id: ID!) { request(id: $id) { version slaStatus { id targetSeconds } } }",
      { id },
    );
    return { version: request.version, clock: request.slaStatus[0] };
  };
  const [repair, breakdown] = [await submitted(requester), await submitted(requester, { typeKey: "breakdown" })];
  const urgent = await submitted(requester, { typeKey: "breakdown", data: { priority: "urgent" } });
  const urgentRepair = await submitted(requester, { data: { priority: "urgent" } });
  const found = await Promise.all([repair, breakdown, urgent, urgentRepair].map((made) => targets(requester, made)));
  expect(found.map(({ clock }) => clock?.targetSeconds)).toEqual([8, 4, 1, 8].map((hours) => hours * 3600));
  await admin.run("mutation ($input: UpdateRequestInput!) { updateRequest(input: $input) { request { id } } }", {
    input: { id: breakdown.id, data: { priority: "urgent" }, expectedVersion: found[1]?.version },
  });
  const explain = "query ($id: ID!) { slaExplain(id: $id) { isRecounted intervals { cause targetSeconds } } }";
  expect(await admin.run(explain, { id: found[1]?.clock?.id })).toEqual({
    slaExplain: {
      isRecounted: true,
      intervals: [
        { cause: "START", targetSeconds: 4 * 3600 },
        { cause: "PRIORITY_CHANGE", targetSeconds: 3600 },
      ],
    },
  });
});

test(
  "an SLA policy can apply to the requests of a type, and a misspelled path is refused when a definition is saved",
  { tags: "slow" },
  async () => {
    const { tenant, requester } = await aCompany();
    const { admin } = tenant;
    const create = "mutation ($input: CreateSlaPolicyInput!) { createSlaPolicy(input: $input) { policy { id } } }";
    const input = { key: "gold", name: "Gold", definitionKey: "repair", sla: "resolution", target: "30 working minutes" };
    expect(await admin.refusal(create, { input: { ...input, condition: "request.kind == 'repair'" } })).toBe("BAD_USER_INPUT");
    await admin.run(create, { input: { ...input, condition: "request.type == 'repair'" } });
    for (const [typeKey, seconds] of [
      ["repair", 1800],
      ["breakdown", 4 * 3600],
    ] as const) {
      const { id } = await submitted(requester, { typeKey });
      expect(await requester.run("query ($id: ID!) { request(id: $id) { slaStatus { targetSeconds } } }", { id })).toMatchObject({
        request: { slaStatus: [{ targetSeconds: seconds }, { targetSeconds: 2 * 3600 }] },
      });
    }
    const wrong = definition.replace("request.type == 'breakdown'\"", "request.typ == 'breakdown'\"");
    expect(wrong).not.toBe(definition);
    await expect(tenant.definition(wrong)).rejects.toThrow(/request\.typ/);
    const started = await admin.run(
      `mutation { startWorkflow(input: { definitionKey: "repair", data: {} }) { instance { slaStatus { id } } } }`,
    );
    expect(started).toMatchObject({ startWorkflow: { instance: { slaStatus: [] } } });
  },
);

const list =
  "query ($filter: RequestFilter, $first: Int, $after: String, $last: Int, $before: String, $direction: OrderDirection = ASC) { requests(filter: $filter, first: $first, after: $after, last: $last, before: $before, orderBy: { field: SLA_DUE_AT, direction: $direction }) { totalCount pageInfo { hasNextPage endCursor hasPreviousPage startCursor } edges { node { id } } } }";
type Listed = {
  requests: {
    totalCount: number;
    pageInfo: { hasNextPage: boolean; endCursor: string; hasPreviousPage: boolean; startCursor: string };
    edges: { node: { id: string } }[];
  };
};

/** Requests in each status on Monday at 12:00: one that is late, one with a warning, one that is paused, one that has just begun, and a draft. */
async function aQueue() {
  const acme = await aCompany();
  const { requester, goTo } = acme;
  const [late, paused] = [await submitted(requester), await submitted(requester)];
  await fire(acme, paused, "wait");
  await goTo("2030-03-04T10:15:00Z");
  const warned = await submitted(requester);
  await goTo("2030-03-04T12:00:00Z");
  const fresh = await submitted(requester);
  const done = await submitted(requester);
  await fire(acme, done, "solve");
  return { ...acme, late, paused, warned, fresh, done, waiting: await draft(requester) };
}

async function find(who: TestUser, sla: object, filter: object = {}): Promise<string[]> {
  const { requests } = await who.run<Listed>(list, { filter: { sla, ...filter } });
  expect(requests.totalCount).toBe(requests.edges.length);
  return requests.edges.map(({ node }) => node.id).toSorted();
}
const idsOf = (...made: Made[]): string[] => made.map(({ id }) => id).toSorted();

test("requests are found by the status, the name, and the due time of a clock", { tags: "slow" }, async () => {
  const { requester, late, paused, warned, fresh, done, waiting } = await aQueue();
  const by = (sla: object) => find(requester, sla);
  expect(await by({ status: { eq: "BREACHED" } })).toEqual(idsOf(late));
  expect(await by({ status: { eq: "WARNING" } })).toEqual(idsOf(warned));
  expect(await by({ status: { eq: "PAUSED" } })).toEqual(idsOf(paused));
  expect(await by({ status: { eq: "ON_TRACK" }, name: { eq: "resolution" } })).toEqual(idsOf(late, warned, fresh));
  expect(await by({ status: { eq: "MET" }, name: { eq: "resolution" } })).toEqual(idsOf(done));
  expect(await by({ status: { in: ["BREACHED", "WARNING"] } })).toEqual(idsOf(late, warned));
  expect(await by({ status: { in: ["BREACHED"] }, name: { eq: "resolution" } })).toEqual([]);
  expect(await by({ dueAt: { lt: "2030-03-04T13:00:00Z" } })).toEqual(idsOf(late, warned));
  expect(await by({ dueAt: { lt: "2030-03-04T13:00:00Z" }, not: { status: { eq: "BREACHED" } } })).toEqual(idsOf(warned));
  expect(await by({ name: { eq: "resolution" }, dueAt: { isNull: true } })).toEqual(idsOf(paused, done));
  const never = await requester.run<Listed>(list, { filter: { not: { sla: { name: { eq: "resolution" } } } } });
  expect(never.requests.edges.map(({ node }) => node.id)).toEqual(idsOf(waiting));
});

test.each(["ASC", "DESC"])(
  "pages of requests by the next target, %s, have each request once, also backward",
  { tags: "slow" },
  async (direction) => {
    const { requester, late, paused, warned, fresh, done, waiting } = await aQueue();
    const without = idsOf(paused, done, waiting);
    const expected = [late.id, warned.id, fresh.id, ...without];
    const ordered = direction === "ASC" ? expected : expected.toReversed();
    const read = async (args: object) => (await requester.run<Listed>(list, { direction, ...args })).requests;
    expect((await read({})).edges.map(({ node }) => node.id)).toEqual(ordered);
    for (const size of [1, 2, 4]) {
      const forward: string[] = [];
      for (let after: string | null = null, isMore = true; isMore;) {
        const { edges, pageInfo } = await read({ first: size, after });
        forward.push(...edges.map(({ node }) => node.id));
        ({ endCursor: after, hasNextPage: isMore } = pageInfo);
      }
      expect(forward).toEqual(ordered);
      const backward: string[] = [];
      for (let before: string | null = null, isMore = true; isMore;) {
        const { edges, pageInfo } = await read({ last: size, before });
        backward.unshift(...edges.map(({ node }) => node.id));
        ({ startCursor: before, hasPreviousPage: isMore } = pageInfo);
      }
      expect(backward).toEqual(ordered);
    }
  },
);

test("filters and orders by clocks reveal nothing about workflows that the viewer cannot see", { tags: "slow" }, async () => {
  const { tenant, requester, late, paused, warned, fresh, done, waiting } = await aQueue();
  const everything = idsOf(late, paused, warned, fresh, done, waiting);
  const roles = [
    { key: "counter", permissions: ["request.read TENANT", "workflow.read OWN"] },
    { key: "clerk", permissions: ["request.read TENANT"] },
  ];
  for (const { key, permissions } of roles) {
    const granted = permissions.map((text) => ({ permission: text.split(" ")[0], scope: text.split(" ")[1] }));
    await tenant.admin.run(`mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }`, {
      input: { key, name: key, permissions: granted },
    });
  }
  const counter = await tenant.user("counter");
  expect(await find(counter, { status: { ne: "MET" } })).toEqual([]);
  expect(await find(counter, { dueAt: { isNull: true } })).toEqual([]);
  // By ID, not by time: the clocks are as good as absent.
  const { requests } = await counter.run<Listed>(list);
  expect(requests.edges.map(({ node }) => node.id)).toEqual(everything);
  const clerk = await tenant.user("clerk");
  expect(await clerk.refusal(list)).toBe("FORBIDDEN");
  expect(await clerk.refusal("{ requests(filter: { sla: { status: { eq: BREACHED } } }) { edges { node { id } } } }")).toBe("FORBIDDEN");
  const colleague = await tenant.user("requester");
  expect(await find(colleague, { status: { eq: "BREACHED" } })).toEqual([]);
  const vendor = await tenant.vendor();
  expect(await find(vendor.user, { status: { eq: "BREACHED" } })).toEqual([]);
  await tenant.admin.run("mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }", {
    input: { id: late.id, assignee: { vendorId: vendor.id } },
  });
  expect(await find(vendor.user, { status: { in: ["BREACHED", "WARNING", "ON_TRACK"] } })).toEqual(idsOf(late));
  const other = await weft.tenant();
  expect(await find(other.admin, { status: { ne: "MET" } })).toEqual([]);
  expect(await find(requester, { status: { eq: "BREACHED" } })).toEqual(idsOf(late));
});

test("a policy of a request type concerns its requests only: new clocks at once, open ones after a preview", { tags: "slow" }, async () => {
  const acme = await aCompany();
  const { tenant, requester } = acme;
  const [breakdown, repair] = [await submitted(requester, { typeKey: "breakdown" }), await submitted(requester)];
  const targetOf = async ({ id }: Made): Promise<number | undefined> => {
    const read = "query ($id: ID!) { request(id: $id) { slaStatus { name targetSeconds } } }";
    const { request } = await requester.run<{ request: { slaStatus: { name: string; targetSeconds: number }[] } }>(read, { id });
    return request.slaStatus.find(({ name }) => name === "resolution")?.targetSeconds;
  };
  const input = { requestType: "breakdown", definitionKey: "repair", sla: "resolution", target: "30 working minutes" };
  const previewed = "query ($input: PreviewSlaPolicyInput!) { previewSlaPolicy(input: $input) { changes { after { targetSeconds } } } }";
  expect(await tenant.admin.run(previewed, { input })).toEqual({
    previewSlaPolicy: { changes: [{ after: { targetSeconds: 1800 } }] },
  });
  const create = "mutation ($input: CreateSlaPolicyInput!) { createSlaPolicy(input: $input) { policy { id } } }";
  const { createSlaPolicy } = await tenant.admin.run<{ createSlaPolicy: { policy: { id: string } } }>(create, {
    input: { ...input, key: "breakdowns", name: "Breakdowns" },
  });
  await until(async () => (await targetOf(breakdown)) === 1800, { what: "the clock is recomputed", deadlineMs: 50_000 });
  expect(await targetOf(repair)).toBe(8 * 3600);
  expect(await targetOf(await submitted(requester, { typeKey: "breakdown" }))).toBe(1800);
  const update = `mutation ($input: UpdateSlaPolicyInput!) { updateSlaPolicy(input: $input) { policy { requestType versions { terms } } } }`;
  expect(await tenant.admin.run(update, { input: { id: createSlaPolicy.policy.id, requestType: "repair" } })).toMatchObject({
    updateSlaPolicy: {
      policy: { requestType: "repair", versions: [{ terms: { requestType: "repair" } }, { terms: { requestType: "breakdown" } }] },
    },
  });
});

test("a request type shows the policies that concern it, in the order in which they are tried, to users who can read them", async () => {
  const { tenant, requester } = await aCompany();
  const create = "mutation ($input: CreateSlaPolicyInput!) { createSlaPolicy(input: $input) { policy { id } } }";
  const policies = [
    { key: "everything", target: "9 working hours", position: 5 },
    { key: "repairs", requestType: "repair", target: "1 working hour", position: 1 },
    { key: "breakdowns", requestType: "breakdown", target: "1 working hour" },
    { key: "definition", definitionKey: "repair", target: "1 working hour" },
  ];
  for (const policy of policies) await tenant.admin.run(create, { input: { ...policy, name: policy.key } });
  const read = "{ requestTypes(orderBy: { field: KEY }) { edges { node { key slaPolicies { key } } } } }";
  interface Types {
    readonly requestTypes: {
      readonly edges: { readonly node: { readonly key: string; readonly slaPolicies: { readonly key: string }[] } }[];
    };
  }
  const { requestTypes } = await tenant.admin.run<Types>(read);
  const shown = Object.fromEntries(requestTypes.edges.map(({ node }) => [node.key, node.slaPolicies.map(({ key }) => key)]));
  expect(shown).toEqual({ repair: ["repairs", "everything", "definition"], breakdown: ["everything", "breakdowns", "definition"] });
  const statements = await weft.statements(() => tenant.admin.run(read));
  expect(statements.filter((one) => one.includes("sla_policies"))).toHaveLength(1);
  expect((await requester.send(read)).errors?.map(({ extensions }) => extensions?.["code"])).toContain("FORBIDDEN");
  const { extensions } = await tenant.admin.refused(create, {
    input: { key: "x", name: "X", target: "1 working hour", requestType: "cooling" },
  });
  expect(extensions?.["problems"]).toEqual([{ path: "input.requestType", message: 'There is no request type with the key "cooling".' }]);
  const other = await weft.tenant();
  expect(await other.admin.refusal(create, { input: { key: "x", name: "X", target: "1 working hour", requestType: "repair" } })).toBe(
    "BAD_USER_INPUT",
  );
});
