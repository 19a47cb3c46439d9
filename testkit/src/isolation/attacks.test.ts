import type { CallContext } from "@weft/shared/viewer";
import { gatewayHeader, maxSkewMs, type ServedSubgraph, serveSubgraph, signCall } from "@weft/api/subgraph";
import type { ApiResult } from "@weft/standalone";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isTried } from "../sizes.js";
import { callerOf, composedApi, operationFor, type RootField, rootFieldsOf } from "./api-schema.js";
import { codesOf, idsWithin } from "./answers.js";
import { mutationCases, queryArguments, lookupCases } from "./cases.js";
import { callOf, startTwoTenants, type TwoTenants } from "./two-tenants.js";
import type { Fixture } from "./fixture.js";

let tenants: TwoTenants;
let acme: Fixture;
let globex: Fixture;
let acmeCall: CallContext;
const served = new Map<string, ServedSubgraph>();

beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ acme, globex } = tenants);
  acmeCall = await callOf(tenants.weft, acme.admin);
  const { services, subgraphs } = tenants.weft.weft;
  for (const subgraph of subgraphs) served.set(subgraph.name, await serveSubgraph(subgraph, services, { port: 0, host: "127.0.0.1" }));
});

afterAll(async () => {
  await Promise.all([...served.values()].map((each) => each.drain()));
  await tenants.stop();
});

const body = JSON.stringify({ query: "{ __typename }" });

async function post(name: string, headers: Record<string, string>, text = body): Promise<{ status: number; text: string }> {
  const response = await fetch(served.get(name)?.url ?? "", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: text,
  });
  return { status: response.status, text: await response.text() };
}

describe.each(["identity", "workflows", "requests", "vendors", "audit"])("%s, called directly", (name) => {
  const sign = (changes: Partial<Parameters<typeof signCall>[1]> = {}, key: Uint8Array = tenants.weft.keys.internalCall, nowMs?: number) =>
    signCall(key, { subgraph: name, body, ...acmeCall, ...changes }, nowMs);

  test("answers requests signed by the gateway, once", async () => {
    const signature = sign();
    expect(await post(name, { [gatewayHeader]: signature })).toEqual({ status: 200, text: expect.stringContaining('"Query"') as string });
    expect((await post(name, { [gatewayHeader]: signature })).status).toBe(401);
  });

  test("answers everything else with 401 and the same message", async () => {
    const [payload = "", mac = ""] = sign().split(".");
    const forgedPayload = Buffer.from(
      JSON.stringify({ ...(JSON.parse(Buffer.from(payload, "base64url").toString()) as object), nonce: "another nonce, of 16" }),
    ).toString("base64url");
    const attempts: Record<string, Record<string, string>> = {
      "no signature": {},
      "an access token": { authorization: `Bearer ${acme.admin.token}` },
      "made-up headers": {
        "x-user-id": acme.admin.id,
        "x-tenant-id": acme.tenant.id,
        "x-viewer": JSON.stringify(acmeCall.viewer),
        "x-forwarded-user": "admin",
      },
      "a viewer without a signature": { [gatewayHeader]: payload },
      "a payload that was edited": { [gatewayHeader]: `${forgedPayload}.${mac}` },
      "no algorithm": { [gatewayHeader]: `${payload}.` },
      "another key": { [gatewayHeader]: sign({}, new Uint8Array(32)) },
      "another subgraph's": { [gatewayHeader]: sign({ subgraph: name === "audit" ? "identity" : "audit" }) },
      "another body's": { [gatewayHeader]: sign({ body: JSON.stringify({ query: "{ me { id } }" }) }) },
      "one of a minute ago": { [gatewayHeader]: sign({}, undefined, Date.now() - 2 * maxSkewMs) },
      "one of the future": { [gatewayHeader]: sign({}, undefined, Date.now() + 2 * maxSkewMs) },
      rubbish: { [gatewayHeader]: "a.b" },
      "too many parts": { [gatewayHeader]: "a.b.c" },
    };
    const answers = await Promise.all(Object.entries(attempts).map(async ([what, headers]) => [what, await post(name, headers)] as const));
    expect(answers.filter(([, { status }]) => status !== 401).map(([what, answer]) => [what, answer])).toEqual([]);
    const words = answers.map(([, { text }]) => text.replace(/"requestId":"[^"]*"/, ""));
    expect(new Set(words).size).toBe(1);
  });

  test("shows its document only to the gateway and has no GET endpoint", async () => {
    const text = JSON.stringify({ query: "{ _service { sdl } }" });
    expect((await post(name, {}, text)).status).toBe(401);
    const response = await fetch(`${served.get(name)?.url}?query={__typename}`);
    expect(response.status).toBe(404);
  });
});

test("headers that name a viewer have no effect at the gateway", async () => {
  const query = "{ me { id } requests(first: 100) { edges { node { id } } } }";
  const ask = async (headers: Record<string, string>) => {
    const response = await fetch(new URL("/graphql", tenants.weft.url), {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as { data: unknown; errors?: { extensions: { code: string } }[] };
  };
  const forged = {
    [gatewayHeader]: signCall(tenants.weft.keys.internalCall, { subgraph: "identity", body: JSON.stringify({ query }), ...acmeCall }),
    "x-user-id": acme.admin.id,
    "x-tenant-id": acme.tenant.id,
    "x-weft-viewer": JSON.stringify(acmeCall.viewer),
  };
  expect((await ask(forged)).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
  const mine = { authorization: `Bearer ${globex.requester.token}` };
  expect(await ask({ ...mine, ...forged })).toEqual(await ask(mine));
});

test("hundreds of mixed requests of many viewers at once: nobody gets a row of another", async () => {
  const people = [acme, globex].flatMap((fixture, at) => {
    const other = at === 0 ? globex : acme;
    return [
      { user: fixture.admin, other, hidden: [] as readonly string[] },
      { user: fixture.operations, other, hidden: [] },
      { user: fixture.requester, other, hidden: fixture.hiddenFromRequester },
      { user: fixture.vendorUser, other, hidden: fixture.hiddenFromVendor },
    ].map((person) => ({ ...person, fixture }));
  });
  const queries = [
    "{ me { id name tenant { id name } roles { id } teams { id } } }",
    "{ requests(first: 20) { totalCount edges { node { id number createdBy { id } workflow { id data owner { id } } } } } }",
    "{ workflowInstances(first: 20) { edges { node { id subjectType history { actor { id } } } } } }",
    "{ notifications(first: 20) { edges { node { id title subject { id } } } } }",
    "{ buildings(first: 5) { edges { node { id assets(first: 5) { edges { node { id requests(first: 5) { totalCount } } } } } } } }",
    "query ($id: ID!) { node(id: $id) { id ... on Request { number building { id } } } }",
  ];
  const total = 400;
  let sent = 0;
  const found: string[] = [];
  const work = async (seed: number): Promise<void> => {
    for (let n = seed; n < total; n += 25) {
      const person = people[n % people.length];
      const query = queries[(n * 7) % queries.length] ?? "";
      if (person === undefined) continue;
      const id = (n % 3 === 0 ? person.other : person.fixture).given.requestId;
      const answer = await person.user.send(query, query.includes("$id") ? { id } : {});
      sent++;
      const text = JSON.stringify(answer);
      found.push(...idsWithin(answer, person.other, [id]), ...person.hidden.filter((each) => text.includes(each.slice(4))));
      const me = (answer.data as { me?: { id: string } } | null)?.me;
      if (me !== undefined && me.id !== person.user.id) found.push(`${person.user.id} was taken for ${me.id}`);
    }
  };
  await Promise.all(Array.from({ length: 25 }, (_, seed) => work(seed)));
  expect(found).toEqual([]);
  expect(sent).toBe(total);
}, 60_000);

describe("an error reveals no internals", () => {
  const roots = rootFieldsOf(composedApi());
  /** Words that reveal internals. */
  const inside =
    /select |insert into|update .* set|\bwhere\b|postgres|drizzle|\bpg_|relation "|column "|constraint|violates|syntax error at or near|sqlstate|weft_app|tenant_id|\.(ts|js):\d|node_modules|\/packages\/|\/subgraphs\/|ECONN|127\.0\.0\.1|localhost|\bat \w+[. ]?\w* \(|stacktrace|"identity"|"workflows"|"requests"|"vendors"|"audit"|serviceName|subgraph|secret trigger/i;
  const clean = ({ errors = [] }: ApiResult): boolean =>
    !inside.test(JSON.stringify(errors.map(({ message, extensions }) => ({ message, extensions }))));

  const probes = (fixture: Fixture): { root: RootField; query: string; variables: Record<string, unknown> }[] =>
    roots
      // Without its input, a mutation reads little or nothing.
      .filter(({ kind, name }) => kind !== "subscription" && isTried(name, { of: kind === "mutation" ? 10 : 1 }))
      .map((root) => ({ root, query: operationFor(root, 1), variables: variablesFor(root, fixture) }));

  function variablesFor(root: RootField, fixture: Fixture): Record<string, unknown> {
    const [path] = root.idPaths.filter((each) => `${root.name}.${each}` in lookupCases);
    return { ...(path !== undefined && { [path]: lookupCases[`${root.name}.${path}`]?.own(fixture) }), ...queryArguments[root.name] };
  }

  test("for any input", async () => {
    const odd = [
      "'",
      '"; drop table identity.users; --',
      "\\",
      "%",
      "a".repeat(5_000),
      "../../etc/passwd",
      "#{7*7}",
      "\ufeff",
      "😀".repeat(100),
      "0x00",
      "NaN",
      "1e309",
    ];
    const documents = [
      ...odd.map((text) => ({ query: "query ($id: ID!) { request(id: $id) { id } }", variables: { id: text } })),
      ...odd.map((text) => ({ query: "query ($text: String) { requests(after: $text) { totalCount } }", variables: { text } })),
      ...odd.map((text) => ({
        query: "query ($text: String) { users(filter: { search: { contains: $text } }) { totalCount } }",
        variables: { text },
      })),
      ...odd.map((text) => ({
        query: "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }",
        variables: { input: { typeKey: text, data: { summary: text } } },
      })),
      ...odd.map((text) => ({
        query: "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
        variables: { input: { code: text, name: text, idempotencyKey: text } },
      })),
      ...odd.map((text) => ({
        query: "mutation ($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id } } }",
        variables: { input: { source: text } },
      })),
      ...odd.map((text) => ({ query: text, variables: {} })),
      { query: "{ requests(first: -1) { totalCount } }", variables: {} },
      { query: "{ requests(first: 99999999999) { totalCount } }", variables: {} },
      { query: "{ nothing }", variables: {} },
      { query: "{ request { id } }", variables: {} },
      { query: "query ($id: ID!) { request(id: $id) { id } }", variables: { id: { a: 1 } } },
    ];
    for (const { query, variables } of documents) {
      const answer = await acme.admin.send(query, variables);
      expect([query, variables, clean(answer), answer.errors]).toEqual([query, variables, true, answer.errors]);
      expect(codesOf(answer)).not.toContain("INTERNAL");
    }
  });

  test("when a table has lost a column, every answer that reads it is INTERNAL with a request id", { timeout: 180_000 }, async () => {
    const lost = [
      ["requests.requests", "number"],
      ["workflows.instances", "state"],
      ["identity.users", "name"],
      ["vendors.vendors", "code"],
      ["audit.entries", "action"],
    ] as const;
    for (const [table, column] of lost) await tenants.owner.unsafe(`alter table ${table} rename column ${column} to ${column}_secret`);
    const codes = new Set<string>();
    try {
      for (const { root, query, variables } of probes(acme)) {
        const answer = await callerOf(root, acme.admin).send(query, variables);
        for (const code of codesOf(answer)) codes.add(code);
        expect([query, clean(answer), answer.errors]).toEqual([query, true, answer.errors]);
        expect(
          (answer.errors ?? []).filter(({ extensions }) => extensions?.code === "INTERNAL" && typeof extensions["requestId"] !== "string"),
        ).toEqual([]);
      }
    } finally {
      for (const [table, column] of lost) await tenants.owner.unsafe(`alter table ${table} rename column ${column}_secret to ${column}`);
    }
    expect(codes).toContain("INTERNAL");
    expect(codes, "operations that were not executed").not.toContain("GRAPHQL_VALIDATION_FAILED");
    expect((await acme.admin.send("{ requests(first: 1) { totalCount } }")).errors).toBeUndefined();
  });

  test("if a statement fails in the middle of a mutation", async () => {
    const calls: { readonly root: RootField; readonly input: Record<string, unknown> }[] = [];
    for (const name of ["createBuilding", "createRequest", "createVendor", "createTeam", "startWorkflow", "fireTransition"]) {
      const root = roots.find((each) => each.kind === "mutation" && each.name === name);
      const given = mutationCases[name];
      if (root === undefined || given === undefined) throw new Error(`There is no mutation ${name}.`);
      const input =
        name === "fireTransition" ? { instanceId: acme.hidden.instanceId, transition: "approve" } : await given.input(acme, acme.admin);
      calls.push({ root, input });
    }
    await tenants.owner
      .unsafe(`create function app.refuse() returns trigger language plpgsql as $$ begin raise exception 'secret trigger of %', tg_table_name; end $$;
      create trigger refuse before insert on audit.entries for each row execute function app.refuse();`);
    try {
      for (const { root, input } of calls) {
        const answer = await (root.name === "fireTransition" ? acme.operations : acme.admin).send(operationFor(root, 1), { input });
        expect([root.name, codesOf(answer), clean(answer)]).toEqual([root.name, ["INTERNAL"], true]);
      }
    } finally {
      await tenants.owner.unsafe("drop trigger refuse on audit.entries; drop function app.refuse();");
    }
  });

  test("when the database is unavailable", async () => {
    const before = tenants.weft.weft.services.databases.app.load().size;
    expect(before).toBeGreaterThan(0);
    await tenants.owner.unsafe(`alter database ${tenants.weft.database.name} allow_connections false`).catch(() => undefined);
    try {
      const cut = async () =>
        tenants.owner`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${tenants.weft.database.name} and usename = 'weft_app'`;
      for (const { root, query, variables } of probes(acme).slice(0, 8)) {
        await cut();
        const answer = await callerOf(root, acme.admin).send(query, variables);
        expect([query, clean(answer), answer.errors]).toEqual([query, true, answer.errors]);
        expect(codesOf(answer).filter((code) => code === "INTERNAL")).toEqual([]);
      }
    } finally {
      await tenants.owner.unsafe(`alter database ${tenants.weft.database.name} allow_connections true`);
    }
  });
});
