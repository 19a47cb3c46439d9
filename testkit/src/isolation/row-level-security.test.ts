import { parseAnyId } from "@weft/shared/ids";
import { type CallContext, customerPermissions, type Viewer } from "@weft/shared/viewer";
import { asTenant, type TenantContext } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isTried, sized } from "../sizes.js";
import { idsWithin } from "./answers.js";
import { operationFor, type RootField, rootFieldsOf } from "./api-schema.js";
import { withIdAt } from "./attempts.js";
import { lookupCases, mutationCases, queryArguments } from "./cases.js";
import { callOf, startTwoTenants, type TwoTenants } from "./two-tenants.js";
import { neverIssued, typeOfId, type Fixture } from "./fixture.js";

// The code's own checks are switched off. The checks of the database must be sufficient.

let tenants: TwoTenants;
let acme: Fixture;
let globex: Fixture;
let globexAdmin: CallContext;
let vendorUser: CallContext;

beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ acme, globex } = tenants);
  [globexAdmin, vendorUser] = [await callOf(tenants.weft, globex.admin), await callOf(tenants.weft, acme.vendorUser)];
});

afterAll(() => tenants.stop());

/**
 * Returns a call whose viewer satisfies every rule and visibility predicate. Platform permissions are excluded, because they allow access across
 * tenants and the gateway grants them only to operators.
 */
function withoutChecks(call: CallContext): CallContext {
  const permissions = Object.fromEntries(
    customerPermissions.map((permission) => [permission, ["TENANT"]]),
  ) as unknown as Viewer["permissions"];
  return { ...call, viewer: call.viewer && { ...call.viewer, permissions } };
}

/** Returns all rows of each table that a transaction of the application can see, as text. */
async function rowsSeen(who: TenantContext): Promise<Record<string, string>> {
  const { app } = tenants.weft.weft.services.databases;
  const tables = await tenants.owner<{ name: string }[]>`
    select distinct format('%I.%I', table_schema, table_name) as name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where column_name = 'tenant_id' and table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`;
  const seen: Record<string, string> = {};
  for (const { name } of tables) {
    const readable = await tenants.owner<{ columns: string | null }[]>`
      select string_agg(format('%I', attname), ', ') as columns from pg_attribute
      where attrelid = ${name}::regclass and attnum > 0 and not attisdropped and has_column_privilege('weft_app', attrelid, attnum, 'select')`;
    const columns = readable[0]?.columns;
    if (!columns) continue;
    const rows = await asTenant(app, who, "read", (tx) => tx.execute(sql.raw(`select ${columns} from ${name}`)));
    seen[name] = JSON.stringify(rows);
  }
  return seen;
}

const uuidsOf = (ids: readonly string[]): string[] => ids.map((id) => parseAnyId(id)?.uuid ?? "");

test("no table shows a row of Acme to a transaction of Globex, and most show Globex's own rows", async () => {
  const seen = await rowsSeen({ tenantId: globex.tenant.id, userId: parseAnyId(globex.admin.id)?.uuid });
  const acmes = uuidsOf([...acme.ids.values()].flat());
  expect(Object.entries(seen).filter(([, rows]) => acmes.some((id) => rows.includes(id)))).toEqual([]);
  expect(Object.values(seen).filter((rows) => rows !== "[]").length).toBeGreaterThan(20);
});

test("no table shows a row to a transaction without a tenant", async () => {
  const { app } = tenants.weft.weft.services.databases;
  for (const [table] of Object.entries(await rowsSeen({ tenantId: globex.tenant.id }))) {
    if (table === "identity.login_names") continue;
    const rows = await app.begin((tx) => tx.execute(sql.raw(`select 1 from ${table}`)), "read");
    expect([table, rows.length]).toEqual([table, 0]);
  }
});

test("a transaction of the vendor shows no row about objects that were not granted to the vendor", async () => {
  const vendorId = parseAnyId(acme.vendorId)?.uuid ?? null;
  const seen = await rowsSeen({ tenantId: acme.tenant.id, userId: parseAnyId(acme.vendorUser.id)?.uuid, vendorId });
  // IDs of people and rights occur in rows that the vendor can see, for example the ID of the user who fired a transition of the request, or the ID of a
  // contact, which has a key for its personal values.
  // So do those of the project and of the task above a task that is assigned to the vendor; the API shows nothing there.
  const things = acme.hiddenFromVendor.filter(
    (id) => !["user", "vendorContact", "auditEntry", "project", "projectTask"].includes(typeOfId(id)),
  );
  const hidden = uuidsOf(things);
  expect(Object.entries(seen).flatMap(([table, rows]) => hidden.filter((id) => rows.includes(id)).map((id) => `${table} ${id}`))).toEqual(
    [],
  );
  const shown = ["vendors.projects", "vendors.project_tasks"].flatMap((table) => JSON.parse(seen[table] ?? "[]") as { id: string }[]);
  const above = uuidsOf(acme.hiddenFromVendor.filter((id) => ["project", "projectTask"].includes(typeOfId(id))));
  expect([shown.length, above.length].every((count) => count > 0)).toBe(true);
  expect(shown.filter(({ id }) => above.includes(id))).toEqual([]);
  expect(seen["requests.requests"]).toContain(uuidsOf([acme.given.requestId])[0]);
});

test("a transaction of Globex cannot change rows of Acme or insert rows into it", async () => {
  const { app } = tenants.weft.weft.services.databases;
  const who = { tenantId: globex.tenant.id };
  const requestId = uuidsOf([acme.given.requestId])[0] ?? "";
  const updated = await asTenant(app, who, "write", (tx) =>
    tx.execute(sql`update requests.requests set building_id = null where id = ${requestId} returning id`),
  );
  expect(updated).toHaveLength(0);
  const insert = asTenant(app, who, "write", (tx) =>
    tx.execute(sql`insert into requests.buildings (tenant_id, id, code, name) values (${acme.tenant.id}, gen_random_uuid(), 'X', 'X')`),
  );
  await expect(insert).rejects.toMatchObject({ cause: { code: "42501" } });
  // A composite foreign key: an asset of Globex cannot be in a building of Acme.
  const linked = asTenant(app, who, "write", (tx) =>
    tx.execute(sql`insert into requests.assets (tenant_id, id, building_id, tag, name, type)
      values (${globex.tenant.id}, gen_random_uuid(), ${uuidsOf([acme.buildingId])[0] ?? ""}, 'X', 'X', 'x')`),
  );
  await expect(linked).rejects.toMatchObject({ cause: { code: "23503" } });
});

describe.each(["identity", "workflows", "requests", "vendors", "audit"])("%s, with every permission in every scope", (name) => {
  const subgraph = () => {
    const found = tenants.weft.weft.subgraphs.find((each) => each.name === name);
    if (found === undefined) throw new Error(`There is no subgraph ${name}.`);
    return found;
  };
  const send = (root: RootField, call: CallContext, variables: Record<string, unknown>) =>
    subgraph().execute({ services: tenants.weft.weft.services, call, query: operationFor(root, 1), variables });
  const roots = (kind: RootField["kind"]) =>
    rootFieldsOf(subgraph().schema).filter((root) => root.kind === kind && !root.name.startsWith("_") && isTried(root.name, { of: 1 }));

  test("Globex reads nothing of Acme, even in the name of a user of Acme", async () => {
    const forged = withoutChecks({
      ...globexAdmin,
      viewer: globexAdmin.viewer && { ...globexAdmin.viewer, userId: parseAnyId(acme.admin.id)?.uuid ?? "" },
    });
    for (const call of [withoutChecks(globexAdmin), forged]) {
      for (const { root, variables, sent } of roots("query").flatMap((each) =>
        readsOf(
          each,
          acme,
          [...acme.ids.values()].flatMap((ids) => ids.slice(0, 3)),
        ),
      )) {
        expect(idsWithin((await send(root, call, variables)).data, acme, sent)).toEqual([]);
      }
    }
  });

  test("the vendor's user reads nothing that the vendor was not given", async () => {
    const call = withoutChecks(vendorUser);
    const hidden = acme.hiddenFromVendor.filter((id) => typeOfId(id) !== "auditEntry");
    for (const { root, variables, sent } of roots("query").flatMap((each) => readsOf(each, acme, hidden))) {
      // The images of an audit entry show the row of what the vendor was given, with the IDs of what it references.
      const withoutImages = (key: string, value: unknown) => (key === "before" || key === "after" ? undefined : value);
      const text = JSON.stringify((await send(root, call, variables)).data, withoutImages);
      const people = (id: string) => typeOfId(id) === "user" && name !== "identity";
      expect(
        hidden.filter((id) => !sent.includes(id) && !people(id) && text.includes(id.slice(4))).map((id) => `${root.name} ${id}`),
      ).toEqual([]);
    }
  });

  test("objects that were not granted to the vendor cannot be acted on", async () => {
    const call = withoutChecks(vendorUser);
    for (const root of roots("mutation")) {
      const given = mutationCases[root.name];
      for (const [path, refusal] of Object.entries(given?.ids ?? {})) {
        if (given === undefined || refusal !== "object") continue;
        // Its rights come from the provider's signature, whoever sends it, and the two providers here have one issuer.
        if (root.name === "receiveLogoutToken") continue;
        // A second factor, for example, would stop the further logins of other cases.
        const maker = given.inOwnLogin ? await acme.tenant.user("viewer") : acme[given.as ?? "admin"];
        const input = await given.input(acme, maker);
        const prefix = String(input[path]).slice(0, 3);
        const hidden = acme.hiddenFromVendor.filter((each) => each.startsWith(prefix));
        for (const id of hidden.slice(0, sized({ sample: 1, part: 2, whole: hidden.length }))) {
          const codeFor = async (each: string) =>
            (await send(root, call, withIdAt(root, { input }, `input.${path}`, each))).errors?.[0]?.extensions?.["code"];
          // Mutations that a vendor's users cannot run at all are refused before the ID is looked up, in the same way for every ID.
          const neverThere = await codeFor(neverIssued(id));
          expect(["NOT_FOUND", "FORBIDDEN"]).toContain(neverThere);
          expect([root.name, id, await codeFor(id)]).toEqual([root.name, id, neverThere]);
        }
      }
    }
  });
});

/** Returns the calls of a query: the list, or one call for each ID that its argument takes. */
function readsOf(
  root: RootField,
  fixture: Fixture,
  ids: readonly string[],
): { root: RootField; variables: Record<string, unknown>; sent: string[] }[] {
  const base = { ...(root.field.args.some((argument) => argument.name === "first") && { first: 100 }), ...queryArguments[root.name] };
  const [path] = root.idPaths.filter((each) => `${root.name}.${each}` in lookupCases);
  if (path === undefined) return [{ root, variables: base, sent: [] }];
  const { own: ownId, with: more } = lookupCases[`${root.name}.${path}`] ?? {};
  const own = ownId?.(fixture);
  const fitting = typeof own === "string" && root.name !== "node" ? ids.filter((id) => typeOfId(id) === typeOfId(own)) : ids;
  const variables = { ...base, ...more?.(fixture.admin, fixture) };
  return fitting.map((id) => ({
    root,
    variables: withIdAt(root, variables, path, id),
    sent: [id, ...textsIn(more?.(fixture.admin, fixture))],
  }));
}

/** Returns the texts in the arguments, which can occur in an answer. */
const textsIn = (values: Record<string, unknown> = {}): string[] => Object.values(values).filter((value) => typeof value === "string");
