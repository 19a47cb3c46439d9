import { sharedWeft, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

const good = `weft: 1
key: loan
name: Loan
data: { type: object, properties: { amount: { type: number } } }
initial: draft
states:
  draft: { transitions: { submit: { to: done } } }
  done: { final: completed }
`;

/** One mistake on each of six lines. */
const bad = `weft: 1
key: loan
name: Loan
data: { type: object, properties: { amount: { type: number } } }
initial: drft
states:
  draft:
    transitions:
      submit: { to: reviw }
      hurry: { to: review, when: "data.amout > 5" }
      skip: { to: review, allow: { roles: [operatons] } }
  review:
    task: { title: "Check {{ data.nothing }}", candidates: { roles: [operations] } }
    transitions:
      approve: { to: done, color: red }
  done: { final: completed }
`;
const mistakes = [5, 9, 10, 11, 13, 15];

const create = `mutation ($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id key number status version createdBy { name } } } }`;
const publish = `mutation ($input: PublishDefinitionInput!) { publishDefinition(input: $input) { definition { id number status version publishedAt } } }`;
const validate = `query ($source: String!) { validateDefinition(source: $source) { isValid problems { path message code line column } } }`;
const read = `query ($id: ID!) { definition(id: $id) { key } }`;

type Created = { createDefinition: { definition: { id: string; key: string; number: number; status: string; version: number } } };
type Problems = readonly { path: string; message: string; line: number }[];

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

test("a definition with six errors gets all six, each with its line", async () => {
  const { admin } = await weft.tenant();
  const { validateDefinition } = await admin.run<{ validateDefinition: { isValid: boolean; problems: Problems } }>(validate, {
    source: bad,
  });
  expect(validateDefinition.isValid).toBe(false);
  expect(validateDefinition.problems.map((problem) => problem.line)).toEqual(expect.arrayContaining(mistakes));
  const error = await admin.refused(create, { input: { source: bad } });
  expect(error.extensions?.code).toBe("DEFINITION_INVALID");
  expect((error.extensions as unknown as { problems: Problems }).problems).toHaveLength(validateDefinition.problems.length);
});

test("a valid text has no problems, in YAML and in JSON", async () => {
  const { admin } = await weft.tenant();
  const json = JSON.stringify({
    weft: 1,
    key: "loan",
    name: "Loan",
    initial: "a",
    states: { a: { transitions: { go: { to: "b" } } }, b: { final: "completed" } },
  });
  for (const source of [good, json])
    expect(await admin.run(validate, { source })).toEqual({ validateDefinition: { isValid: true, problems: [] } });
});

test("users and teams appear in a definition as their IDs; one that the tenant does not have is a problem with its line", async () => {
  const [tenant, globex] = [await weft.tenant(), await weft.tenant()];
  const team = await tenant.team("night");
  const olga = await tenant.user("operations");
  const source = (user: string) => `weft: 1
key: watch
name: Watch
initial: open
states:
  open:
    task: { title: Watch, candidates: { teams: [${team}], users: [${user}] } }
    transitions: { close: { to: closed } }
  closed: { final: completed }
`;
  await tenant.definition(source(olga.id));
  await tenant.admin.run(`mutation { startWorkflow(input: { definitionKey: "watch" }) { instance { id } } }`);
  expect(await olga.run(`{ tasks(queue: OFFERED_TO_ME) { totalCount } }`)).toEqual({ tasks: { totalCount: 1 } });
  for (const user of [globex.admin.id, team, "olga"]) {
    expect(await tenant.admin.run(validate, { source: source(user) })).toMatchObject({
      validateDefinition: { problems: [{ code: "UNKNOWN_ID", path: "states.open.task.candidates.users[0]", line: 7 }] },
    });
  }
});

test("versions of a key are numbered, and published ones are immutable", async () => {
  const { admin } = await weft.tenant();
  const first = (await admin.run<Created>(create, { input: { source: good } })).createDefinition.definition;
  expect(first).toMatchObject({ key: "loan", number: 1, status: "DRAFT", version: 1 });
  expect(await admin.run(publish, { input: { id: first.id, expectedVersion: 1 } })).toMatchObject({
    publishDefinition: { definition: { status: "PUBLISHED", version: 2, publishedAt: expect.any(String) as string } },
  });
  expect(await admin.refusal(publish, { input: { id: first.id, expectedVersion: 1 } })).toBe("CONFLICT");
  expect(await admin.refusal(publish, { input: { id: first.id } })).toBe("BAD_USER_INPUT");
  const second = (await admin.run<Created>(create, { input: { source: good } })).createDefinition.definition;
  expect(second.number).toBe(2);
});

test("lists and references read texts only if they are selected, and then all in one statement", async () => {
  const { admin } = await weft.tenant();
  const ids: string[] = [];
  for (let number = 1; number <= 3; number++)
    ids.push(
      (await admin.run<Created>(create, { input: { source: good.replace("Loan", `Loan ${number}`) } })).createDefinition.definition.id,
    );
  const ofTexts = async (query: string, variables: Record<string, unknown> = {}) =>
    (await weft.statements(() => admin.run(query, variables))).filter(
      (text) => text.includes('"definitions"') && text.includes('"document"'),
    );
  const list = (fields: string) => `{ definitions(orderBy: { field: NUMBER, direction: ASC }) { edges { node { ${fields} } } } }`;
  expect(await ofTexts(list("id name status"))).toEqual([]);
  expect(await ofTexts(list("source document"))).toHaveLength(1);
  expect(await ofTexts("query ($id: ID!) { definition(id: $id) { source document } }", { id: ids[0] })).toHaveLength(1);
  const { definitions } = await admin.run<{ definitions: { edges: { node: { source: string; document: { name: string } } }[] } }>(
    list("source document"),
  );
  expect(definitions.edges.map(({ node }) => node)).toEqual(
    [1, 2, 3].map((number) => ({
      source: good.replace("Loan", `Loan ${number}`),
      document: expect.objectContaining({ key: "loan", name: `Loan ${number}` }) as object,
    })),
  );
});

test("the same idempotency key creates one draft; with another text it is a conflict", async () => {
  const { admin } = await weft.tenant();
  const input = { source: good, idempotencyKey: "k1" };
  const [a, b] = await Promise.all([admin.run<Created>(create, { input }), admin.run<Created>(create, { input })]);
  expect(a.createDefinition.definition.id).toBe(b.createDefinition.definition.id);
  expect(await admin.refusal(create, { input: { ...input, source: `${good}\n` } })).toBe("CONFLICT");
});

test("a requester reads definitions but cannot write them", async () => {
  const tenant = await weft.tenant();
  const requester = await tenant.user("requester");
  const id = await tenant.definition(good);
  expect(await requester.run(read, { id })).toEqual({ definition: { key: "loan" } });
  expect(await requester.refusal(create, { input: { source: good } })).toBe("FORBIDDEN");
  const list = `{ definitions(filter: { key: { eq: "loan" }, status: { in: [PUBLISHED] } }, orderBy: { field: NAME }) { totalCount edges { node { id } } } }`;
  expect(await requester.run(list)).toEqual({ definitions: { totalCount: 1, edges: [{ node: { id } }] } });
});

test("a vendor's user reads only the definitions that the vendor's work runs on", async () => {
  const tenant = await weft.tenant();
  const { definitionId } = await tenant.maintenance();
  const { id: vendorId, user } = await tenant.vendor();
  const hidden = await tenant.definition(good);
  const list = `{ definitions { totalCount edges { node { id } } } }`;
  expect(await user.run(list)).toEqual({ definitions: { totalCount: 0, edges: [] } });
  const { createRequest } = await tenant.admin.run<{ createRequest: { request: { id: string } } }>(
    `mutation { createRequest(input: { typeKey: "maintenance", data: { summary: "Lift", estimate: 1 } }) { request { id } } }`,
  );
  await tenant.admin.run(
    `mutation ($id: ID!, $vendorId: ID!) { assignRequest(input: { id: $id, assignee: { vendorId: $vendorId } }) { request { id } } }`,
    {
      id: createRequest.request.id,
      vendorId,
    },
  );
  expect(await user.run(list)).toEqual({ definitions: { totalCount: 1, edges: [{ node: { id: definitionId } }] } });
  expect(await user.refusal(read, { id: hidden })).toBe("NOT_FOUND");
});

test("an invalid ID, or the ID of another type, is refused as bad input with an explanation", async () => {
  const tenant = await weft.tenant();
  const { admin } = tenant;
  expect(await admin.refusal(read, { id: "nonsense" })).toBe("BAD_USER_INPUT");
  const error = await admin.refused(read, { id: admin.id });
  expect(error.message).toMatch(/is the ID of a user; expected the ID of a definition/);
});

describe("another tenant", () => {
  test("cannot find our definitions", async () => {
    const [ours, theirs] = [await weft.tenant(), await weft.tenant()];
    const id = await ours.definition(good);
    expect(await theirs.admin.refusal(read, { id })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(publish, { input: { id } })).toBe("NOT_FOUND");
    expect(await theirs.admin.run(`{ definitions { totalCount } }`)).toEqual({ definitions: { totalCount: 0 } });
  });
});
