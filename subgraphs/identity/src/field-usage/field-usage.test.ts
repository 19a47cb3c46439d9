import { encodeId } from "@weft/shared/ids";
import { postgres } from "@weft/pg-driver";
import { openLive } from "@weft/testkit/live/live-client";
import { startTestWeft, type TestPlatform, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { asTenant } from "@weft/platform/db";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pastFieldUses } from "./past-field-uses.js";

interface Use {
  readonly coordinate: string;
  readonly clientName: string | null;
  readonly clientVersion: string | null;
  readonly operations: number;
  readonly lastUsedOn: string;
  readonly deprecationReason: string | null;
  readonly tenant: { readonly slug: string } | null;
}

const usageQuery = `query Usage($filter: FieldUsageFilter) {
  fieldUsage(filter: $filter) { coordinate clientName clientVersion operations firstUsedOn lastUsedOn deprecationReason tenant { slug } }
}`;

let kit: TestWeft;
let platform: TestPlatform;
let owner: postgres.Sql;
beforeAll(async () => {
  kit = await startTestWeft({ settings: { WEFT_FIELD_USAGE_SECONDS: 1 } });
  platform = await kit.platform();
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
  await kit.stop();
});

const usageFor = async (user: TestUser, filter: Record<string, unknown> = {}): Promise<readonly Use[]> =>
  (await user.run<{ fieldUsage: Use[] }>(usageQuery, { filter })).fieldUsage;

/** Sends an operation as a client that names itself. */
async function send(user: TestUser, query: string, client: { name?: string; version?: string } = {}): Promise<void> {
  const response = await fetch(`${kit.url}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${user.token}`,
      ...(client.name !== undefined && { "apollographql-client-name": client.name }),
      ...(client.version !== undefined && { "apollographql-client-version": client.version }),
    },
    body: JSON.stringify({ query }),
  });
  expect(((await response.json()) as { errors?: unknown }).errors).toBeUndefined();
}

/** Waits until the uses that a filter selects are written. */
const written = (user: TestUser, filter: Record<string, unknown>, count: number): Promise<readonly Use[]> =>
  until(
    async () => {
      const uses = await usageFor(user, filter);
      return uses.reduce((sum, { operations }) => sum + operations, 0) >= count ? uses : undefined;
    },
    { what: `${count} uses are written`, everyMs: 100 },
  );

describe("field usage", () => {
  let acme: TestTenant;
  beforeAll(async () => {
    acme = await kit.tenant("Acme");
  });

  test("says which client, in which version, uses a field, and how often", async () => {
    const { admin } = acme;
    for (const version of ["1.0", "1.0", "1.1"]) await send(admin, "{ me { username } }", { name: "desk", version });
    await send(admin, "{ me { name } }", { name: "desk", version: "1.1" });
    await send(admin, "{ me { username } }");
    const uses = await written(admin, { coordinate: "User.username" }, 4);
    const today = new Date().toISOString().slice(0, 10);
    const of = (clientName: string | null, clientVersion: string | null, operations: number) => ({
      coordinate: "User.username",
      clientName,
      clientVersion,
      operations,
      firstUsedOn: today,
      lastUsedOn: today,
      deprecationReason: null,
      tenant: { slug: acme.slug },
    });
    expect(uses).toEqual([of("desk", "1.0", 2), of(null, null, 1), of("desk", "1.1", 1)]);
  });

  test("counts arguments, input fields and values of enums in the document, and fragments once per operation", async () => {
    const query = `{ users(first: 5, orderBy: { field: NAME, direction: DESC }) { edges { node { ...A ...A } } } } fragment A on User { id }`;
    await send(acme.admin, query, { name: "parts" });
    const uses = await written(acme.admin, { clientName: "parts" }, 8);
    expect(uses.map(({ coordinate, operations }) => [coordinate, operations])).toEqual(
      expect.arrayContaining([
        ["Query.users", 1],
        ["Query.users(first:)", 1],
        ["UserOrder.field", 1],
        ["UserOrderField.NAME", 1],
        ["OrderDirection.DESC", 1],
        ["User.id", 1],
      ]),
    );
  });

  test("selects the elements of a type", async () => {
    await send(acme.admin, "{ me { id roles { key } } }", { name: "typed" });
    const uses = await written(acme.admin, { clientName: "typed", type: "Role" }, 1);
    expect(uses.map(({ coordinate }) => coordinate)).toEqual(["Role.key"]);
  });

  test("counts a subscription when it begins, with the name in connection_init", async () => {
    const client = await openLive(kit.url, { token: acme.admin.token, init: { "ApolloGraphQL-Client-Name": "board" } });
    client.send({ type: "subscribe", id: "1", payload: { query: "subscription { configurationChanged { cursor } }" } });
    const uses = await written(acme.admin, { clientName: "board" }, 2);
    expect(uses.map(({ coordinate }) => coordinate).toSorted()).toEqual([
      "ConfigurationChanged.cursor",
      "Subscription.configurationChanged",
    ]);
    client.close();
  });

  test("does not count an operation that was refused", async () => {
    const response = await fetch(`${kit.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${acme.admin.token}`, "apollographql-client-name": "wrong" },
      body: JSON.stringify({ query: "{ me { id } nothing }" }),
    });
    expect(response.status).toBe(400);
    await send(acme.admin, "{ me { id } }", { name: "right" });
    await written(acme.admin, { clientName: "right" }, 2);
    expect(await usageFor(acme.admin, { clientName: "wrong" })).toEqual([]);
  });

  test("keeps 50 clients of a day apart, and counts others together", async () => {
    const { admin } = await kit.tenant("Many");
    for (let number = 0; number < 60; number++) await send(admin, "{ me { email } }", { name: `client ${number}`, version: "1" });
    const uses = await written(admin, { coordinate: "User.email" }, 60);
    expect(uses.reduce((sum, { operations }) => sum + operations, 0)).toBe(60);
    // The queries of this test come from a client without a name.
    expect(uses.length).toBeLessThanOrEqual(51);
    expect(uses.find(({ clientName }) => clientName === "(other clients)")?.operations).toBeGreaterThanOrEqual(10);
  });

  test("shows deprecated elements first, with the reason that they had when they were used, also if others were used more often", async () => {
    const { admin, id } = await kit.tenant("Deprecated");
    const today = new Date().toISOString().slice(0, 10);
    const reason = "Use `name`. Removed after 2027-06-30.";
    await owner`insert into app.field_uses (tenant_id, day, client_name, client_version, fields, deprecated) values
      (${id}, ${today}, 'old', '1', ${owner.json({ "User.fullName": 1, "User.name": 9 })}, ${owner.json({ "User.fullName": reason })}),
      (${id}, ${today}::date - 1, 'old', '1', ${owner.json({ "User.email": 3 })}, ${owner.json({ "User.email": "Undone." })}),
      (${id}, ${today}, 'old', '2', ${owner.json({ "User.email": 3 })}, '{}')`;
    const shown = (await usageFor(admin, { type: "User" })).map((use) => [use.coordinate, use.clientVersion, use.deprecationReason]);
    expect(shown.slice(0, 3)).toEqual([
      ["User.email", "1", "Undone."],
      ["User.fullName", "1", reason],
      ["User.name", "1", null],
    ]);
    expect((await usageFor(admin, { isDeprecated: true })).map(({ coordinate }) => coordinate)).toEqual(["User.email", "User.fullName"]);
  });

  test("counts from a day on", async () => {
    const { admin, id } = await kit.tenant("Past");
    await owner`insert into app.field_uses (tenant_id, day, client_name, client_version, fields) values
      (${id}, now()::date - 40, 'old', '1', '{"User.name": 1}'), (${id}, now()::date - 20, 'old', '1', '{"User.name": 2}')`;
    const count = async (since?: string): Promise<number | undefined> =>
      (await usageFor(admin, { coordinate: "User.name", ...(since !== undefined && { since }) }))[0]?.operations;
    expect(await count()).toBe(2);
    expect(await count(new Date(Date.now() - 40 * 86_400_000).toISOString())).toBe(3);
  });

  test("is deleted when its days are over", async () => {
    const { id } = await kit.tenant("Old");
    await owner`insert into app.field_uses (tenant_id, day, client_name, client_version, fields) values
      (${id}, now()::date - 91, 'old', '1', '{}'), (${id}, now()::date - 89, 'old', '1', '{}')`;
    const chore = pastFieldUses(() => Promise.resolve(90));
    expect(await asTenant(kit.weft.services.databases.worker, { tenantId: id }, "write", (tx) => chore.deleteSome(tx, 100, id))).toBe(1);
    expect(await owner`select day from app.field_uses where tenant_id = ${id}`).toHaveLength(1);
  });
});

describe("who sees field usage", () => {
  test("administrators and developers see their tenant's, and nobody else's", async () => {
    const [one, other] = [await kit.tenant("One"), await kit.tenant("Other")];
    for (const { id } of [one, other])
      await owner`insert into app.field_uses (tenant_id, day, client_name, client_version, fields) values (${id}, now()::date, 'desk', '1', '{"User.name": 1}')`;
    for (const user of [one.admin, await one.user("developer")])
      expect((await usageFor(user, { clientName: "desk" })).map(({ tenant }) => tenant?.slug)).toEqual([one.slug]);
    expect(await usageFor(one.admin, { tenantId: encodeId("tenant", other.id) })).toEqual([]);
    for (const role of ["viewer", "workflow_manager"] as const) {
      const { errors: refused } = await (await one.user(role)).send(usageQuery, {});
      expect(refused).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    }
  });

  test("operators see that of all tenants, or of one", async () => {
    const [one, other] = [await kit.tenant("One"), await kit.tenant("Other")];
    for (const { id } of [one, other])
      await owner`insert into app.field_uses (tenant_id, day, client_name, client_version, fields) values (${id}, now()::date, 'kiosk', '1', '{"User.name": 1}')`;
    const slugs = async (filter: Record<string, unknown>) =>
      (await usageFor(platform.operator, { clientName: "kiosk", ...filter })).map(({ tenant }) => tenant?.slug ?? "").toSorted();
    expect(await slugs({})).toEqual([one.slug, other.slug].toSorted());
    expect(await slugs({ tenantId: encodeId("tenant", other.id) })).toEqual([other.slug]);
  });
});
