import { announceConfiguration, effectiveConfigOf, limitNames } from "@weft/platform/configuration";
import { ApiClient, aSecondMs, startTestWeft, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// Settings take effect on passwords, sessions and limits, within one second and without a restart.

let kit: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  kit = await startTestWeft({ alone: "It configures the platform." });
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
  await kit.stop();
});

const update = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
const patch = (tenant: TestTenant, changes: object) => tenant.admin.run(update, { input: { patch: changes, message: "A test" } });
const createUser = "mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }";
let made = 0;
const newUser = (password: string) => ({ input: { email: `p${++made}@example.com`, name: "P", roleKeys: ["viewer"], password } });

/** Returns the document of a level that platform operators write. */
async function writeAbove(level: "PLATFORM" | "PLAN" | "CONTRACT", subject: string, document: object, tenantId: string): Promise<void> {
  const json = owner.json(document as postgres.JSONValue);
  if (level === "CONTRACT")
    await owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
      select ${tenantId}, ${level}, ${subject}, 1 + coalesce(max(version), 0), ${json}, ${tenantId}, 'm' from app.configurations
       where tenant_id = ${tenantId} and level = ${level}`;
  else
    await owner`insert into app.shared_configurations (level, key, version, document, message)
      select ${level}, ${subject}, 1 + coalesce(max(version), 0), ${json}, 'm' from app.shared_configurations where level = ${level} and key = ${subject}`;
}

const announced = () => announceConfiguration(kit.weft.services, null);

describe("security.passwordMinLength", () => {
  it("applies to the next new user as soon as it is set", { tags: "slow" }, async () => {
    const tenant = await kit.tenant();
    expect((await tenant.admin.send(createUser, newUser("river 42"))).errors).toBeUndefined();
    await patch(tenant, { security: { passwordMinLength: 20 } });
    const { extensions } = await tenant.admin.refused(createUser, newUser("a quiet river 42"));
    expect(extensions).toMatchObject({ problems: [{ path: "input.password", message: "The password must have at least 20 characters." }] });
    expect((await tenant.admin.send(createUser, newUser("a very quiet river 4242"))).errors).toBeUndefined();
    expect((await (await kit.tenant()).admin.send(createUser, newUser("river 42"))).errors).toBeUndefined();
  });
});

describe("sessions", () => {
  const refresh = async ({ refreshToken }: TestUser) => {
    const again = "mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { refreshToken } }";
    return (await new ApiClient(kit.url).send(again, { input: { refreshToken } })).errors?.[0]?.extensions?.code ?? "renewed";
  };
  const hoursOf = async (table: "sessions" | "refresh_tokens", tenant: TestTenant) => {
    const from = table === "sessions" ? owner`created_at` : owner`issued_at`;
    const [row] = await owner`select round(extract(epoch from expires_at - ${from}) / 3600)::int as hours
      from ${owner(`identity.${table}`)} where tenant_id = ${tenant.id} order by ${from} desc limit 1`;
    return row?.["hours"] as number;
  };

  it("last as long as the configuration says when the user logs in", async () => {
    const tenant = await kit.tenant();
    expect([await hoursOf("sessions", tenant), await hoursOf("refresh_tokens", tenant)]).toEqual([2160, 336]);
    await patch(tenant, { security: { sessionLifetimeHours: 12, sessionIdleHours: 2 } });
    await tenant.admin.again();
    expect([await hoursOf("sessions", tenant), await hoursOf("refresh_tokens", tenant)]).toEqual([12, 2]);
  });

  it("are no longer renewed once they are older than the current limit for sessions", async () => {
    const tenant = await kit.tenant();
    const [old, recent] = [await tenant.user("viewer"), await tenant.user("viewer")];
    await owner`update identity.sessions s set created_at = now() - interval '3 hours' from identity.users u
      where u.tenant_id = s.tenant_id and u.id = s.user_id and u.email = ${old.login}`;
    await patch(tenant, { security: { sessionLifetimeHours: 2 } });
    expect([await refresh(old), await refresh(recent)]).toEqual(["UNAUTHENTICATED", "renewed"]);
    await patch(tenant, { security: { sessionLifetimeHours: 4 } });
    expect(await refresh(old)).toBe("renewed");
  });
});

describe("limits and features", () => {
  it("have the same values in the database and in every process, whatever the levels say", async () => {
    const tenant = await kit.tenant();
    const random = (of: readonly unknown[]) => of[Math.floor(Math.random() * of.length)];
    const someLimits = () => ({
      limits: Object.fromEntries(limitNames.filter(() => Math.random() < 0.5).map((name) => [name, random([null, 0, 7, 1_000_000])])),
    });
    for (let round = 0; round < 20; round++) {
      await writeAbove("PLATFORM", "", someLimits(), tenant.id);
      await writeAbove("PLAN", "ENTERPRISE", someLimits(), tenant.id);
      await writeAbove("CONTRACT", tenant.id, someLimits(), tenant.id);
      await announced();
      const rows = await owner.begin(async (tx) => {
        await tx`select set_config('app.tenant_id', ${tenant.id}, true)`;
        return tx<
          { name: string; limit: string | null }[]
        >`select name, app.limit_of(name) as limit from unnest(${[...limitNames]}::text[]) name`;
      });
      const inDatabase = Object.fromEntries(rows.map(({ name, limit }) => [name, limit === null ? null : Number(limit)]));
      expect((await effectiveConfigOf(kit.weft.services, tenant.id)).limits).toEqual(inDatabase);
    }
    const open = Object.fromEntries(limitNames.map((name) => [name, null]));
    await writeAbove("CONTRACT", tenant.id, { limits: open }, tenant.id);
    await writeAbove("PLAN", "ENTERPRISE", { limits: open, features: { betaSearch: true } }, tenant.id);
    await writeAbove("PLATFORM", "", {}, tenant.id);
    await announced();
    const client = await tenant.user("requester");
    const query = "{ effectiveConfiguration { value } }";
    await until(
      async () => {
        const { data } = await client.send<{ effectiveConfiguration: { value: { features?: object } } }>(query);
        return JSON.stringify(data?.effectiveConfiguration.value.features) === '{"betaSearch":true}';
      },
      { what: "a client reads its features", deadlineMs: aSecondMs },
    );
  });
});

it("a change takes effect in every process within a second, even without an announcement", async () => {
  const tenant = await kit.tenant();
  expect((await effectiveConfigOf(kit.weft.services, tenant.id)).timeZone).toBe("UTC");
  await writeAbove("CONTRACT", tenant.id, { timeZone: "Asia/Tokyo" }, tenant.id);
  await until(async () => (await effectiveConfigOf(kit.weft.services, tenant.id)).timeZone === "Asia/Tokyo", {
    what: "it counts",
    deadlineMs: aSecondMs,
  });
});
