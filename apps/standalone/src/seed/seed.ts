import { identity, vendors } from "@weft/drizzle";
import { createPlatformTenant, createTenantWithBuiltInRoles, createUserWithRoles } from "@weft/identity";
import { type DemoLogin, demoTenants } from "@weft/shared/demo";
import { encodeId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import type { Services } from "@weft/platform/services";
import { count, eq } from "drizzle-orm";
import type { ApiClient } from "../api-client.js";
import { type TenantClock, tenantClock } from "../demo-data/clock.js";
import { historyDays, type HistoryOptions, seedHistory } from "../demo-data/history.js";
import { type DemoOrganization, demoOrganizations, usersOf } from "./demo-people.js";
import { loadExampleDefinition } from "../examples.js";
import { allowPrograms } from "./allow-programs.js";
import { discardTenant } from "./discard-tenant.js";
import { inspectedEvery } from "../story/story-steps.js";
import { seedOperations as operations } from "./seed-operations.js";
import { withServiceLevels, workingTime } from "./service-levels.js";

/** Code of the project that is created last. */
const lastProject = "LOBBY";

const demoLimits = { users: 100, definitions: 200, executionsPerMonth: 10_000 };

export interface SeedOptions {
  /** Creates Acme's history. Absent: no history. */
  readonly history?: Pick<HistoryOptions, "idle" | "modelsUrl" | "onFailure" | "onComplete" | "signal"> | undefined;
}

/**
 * Creates the demo organizations through the public API of a Weft that need not listen yet. `api` is an anonymous client. Every step has an
 * idempotency key, so an interrupted seed continues where it stopped. An interrupted history is created again, with its tenant. A completed seed is not
 * touched, because its users may have changed their names, rights, and passwords.
 *
 * @returns a function that creates Acme's history, and returns whether all of it was created; absent if there is none to create. It takes longer than a
 * first login should wait, so call it once Weft is listening
 */
export async function seedDemo(
  services: Services,
  api: ApiClient,
  { history }: SeedOptions = {},
): Promise<(() => Promise<boolean>) | undefined> {
  await seedPlatform(services);
  let makeHistory: (() => Promise<boolean>) | undefined;
  for (const organization of demoOrganizations) {
    let tenant = await findTenant(services, organization.slug);
    if (tenant && isUnfinished(tenant)) {
      services.log.info("creating the demo data was interrupted; it is created again");
      await discardTenant(services, tenant.id);
      tenant = undefined;
    }
    if (tenant?.isSeeded === true) continue;
    const isPast = history !== undefined && organization.slug === "acme";
    const tenantId = await createOrganization(services, organization);
    await agreeOnLimits(api, tenantId);
    const clock = clockOf(services, tenantId);
    if (isPast) await clock?.daysAgo(historyDays);
    await seedOrganization(api, organization, { allowsPrograms: services.config.isOwnDemo && !isPast });
    if (isPast && clock)
      makeHistory = () => historyOf({ log: services.log, api, clock, allowsPrograms: services.config.isOwnDemo, ...history });
    else await clock?.close();
  }
  return makeHistory;
}

interface FoundTenant {
  readonly id: string;
  readonly isSandbox: boolean;
  readonly isArchived: boolean;
  readonly isSeeded: boolean;
}

/**
 * Whether a start ended between the seed and the end of the history, or while such a tenant was being deleted. Its stories cannot be continued, so it
 * is replaced. Mutations of its users, and of clients without a login, were refused (`refusalOfChanges`). What uploads, SCIM and inbound webhooks changed is lost.
 */
const isUnfinished = ({ isSandbox, isSeeded, isArchived }: FoundTenant): boolean => isSandbox && (isSeeded || isArchived);

/** Only the owner of the tables can change a clock. Without the owner's connection, Acme has no history. */
function clockOf({ config }: Services, tenantId: string): TenantClock | undefined {
  const { ownerUrl } = config.database;
  return ownerUrl === undefined ? undefined : tenantClock(ownerUrl, tenantId);
}

/** Acme works as a demo without its history, so a failure is only logged. The next start tries again. @returns whether all of it was created */
async function historyOf(options: HistoryOptions): Promise<boolean> {
  const { log, clock } = options;
  let isFinished = false;
  try {
    isFinished = await seedHistory(options);
  } catch (error) {
    if (options.signal?.aborted !== true) log.error({ err: error }, "the demo data is incomplete; the next start creates Acme again");
  }
  try {
    // A finished tenant already has the actual time. Setting it again would mark it as unfinished.
    if (!isFinished) await clock.now();
  } catch (error) {
    log.error({ err: error }, "Acme's clock could not be set to the current time; the next start creates Acme again");
  } finally {
    await clock.close();
  }
  return isFinished;
}

/** Not through the API, because no user exists yet who could call it. */
async function seedPlatform(services: Services): Promise<void> {
  const { tenants, users } = identity;
  const [admin, ...others] = usersOf("platform");
  if (admin === undefined) throw new Error("The demo platform has no users.");
  const [platform] = await services.databases.auth.begin(
    (tx) =>
      tx
        .select({ id: tenants.tenantId, people: count(users.id) })
        .from(tenants)
        .leftJoin(users, eq(users.tenantId, tenants.tenantId))
        .where(eq(tenants.kind, "PLATFORM"))
        .groupBy(tenants.tenantId),
    "read",
  );
  // If there is a second user, seeding was completed, even if the users have changed since.
  if (platform && platform.people > 1) return;
  const tenantId =
    platform?.id ?? (await createPlatformTenant(services, { name: demoTenants.platform.name, admin: personOf(admin) })).tenantId;
  for (const user of others) await createUserWithRoles(services, tenantId, { ...personOf(user), roles: user.roles });
}

const personOf = ({ email, name, password }: DemoLogin) => ({ email, name, password });

async function findTenant({ databases }: Services, slug: string): Promise<FoundTenant | undefined> {
  const { tenants } = identity;
  const { projects } = vendors;
  const [tenant] = await databases.auth.begin(
    (tx) =>
      tx.select({ id: tenants.tenantId, isSandbox: tenants.isSandbox, status: tenants.status }).from(tenants).where(eq(tenants.slug, slug)),
    "read",
  );
  if (!tenant) return undefined;
  const last = await asTenant(databases.app, { tenantId: tenant.id }, "read", (tx) =>
    tx.select({ id: projects.id }).from(projects).where(eq(projects.code, lastProject)),
  );
  return { id: tenant.id, isSandbox: tenant.isSandbox, isArchived: tenant.status === "ARCHIVED", isSeeded: last.length > 0 };
}

/** Creates the tenant with only its administrator. @returns its UUID */
async function createOrganization(services: Services, { slug, name, plan, users: [admin] }: DemoOrganization): Promise<string> {
  if (admin === undefined) throw new Error(`The demo organization ${name} has no users.`);
  const made = await createTenantWithBuiltInRoles(services, {
    slug,
    name,
    plan,
    admin: { ...personOf(admin), username: usernameOf(admin.email) },
  });
  return made.tenantId;
}

/** What the operators of the platform have agreed with a demo organization: its plan alone has no limits. */
async function agreeOnLimits(anonymous: ApiClient, tenantId: string): Promise<void> {
  const [operator] = usersOf("platform");
  if (operator === undefined) throw new Error("The demo platform has no users.");
  const api = await loggedIn(anonymous, operator);
  const input = { tenantId: encodeId("tenant", tenantId), patch: { limits: demoLimits }, message: "Limits of a demo" };
  await api.run(operations.updateContractConfiguration, { input: { ...input, idempotencyKey: `seed:limits:${tenantId}` } });
}

/** @param allowsPrograms whether its automations can run programs at once. The history of Acme allows them at its end */
async function seedOrganization(
  anonymous: ApiClient,
  organization: DemoOrganization,
  { allowsPrograms }: { readonly allowsPrograms: boolean },
): Promise<void> {
  const [admin, ...others] = organization.users;
  if (admin === undefined) throw new Error(`The demo organization ${organization.name} has no users.`);
  const api = await loggedIn(anonymous, admin);
  for (const team of organization.teams)
    await api.run(operations.createTeam, { input: { ...team, idempotencyKey: `seed:team:${team.key}` } });
  const { code, name, categories } = organization.vendor;
  const vendor = await api.run<{ createVendor: { vendor: { id: string } } }>(operations.createVendor, {
    input: {
      code,
      name,
      categories,
      email: `office@${organization.vendor.code.toLowerCase()}.example`,
      idempotencyKey: `seed:vendor:${code}`,
    },
  });
  for (const user of others) {
    await api.run(operations.createUser, {
      input: {
        ...personOf(user),
        username: usernameOf(user.email),
        type: user.vendor === undefined ? "EMPLOYEE" : "VENDOR",
        roleKeys: user.roles,
        teamKeys: user.teams,
        ...(user.vendor === undefined ? {} : { vendorId: vendor.createVendor.vendor.id }),
        idempotencyKey: `seed:user:${user.email}`,
      },
    });
  }
  await seedPlaces(api, organization);
  if (organization.hasServiceLevels)
    await api.run(operations.updateConfiguration, { input: { patch: workingTime, message: "Opening hours" } });
  if (allowsPrograms) await allowPrograms(api);
  await seedDefinitions(api, organization);
}

async function seedPlaces(api: ApiClient, organization: DemoOrganization): Promise<void> {
  for (const { assets, ...building } of organization.buildings) {
    const { createBuilding: created } = await api.run<{ createBuilding: { building: { id: string } } }>(operations.createBuilding, {
      input: { ...building, idempotencyKey: `seed:building:${building.code}` },
    });
    for (const { meter, ...asset } of assets) {
      const { createAsset } = await api.run<{ createAsset: { asset: { id: string } } }>(operations.createAsset, {
        input: { ...asset, buildingId: created.building.id, idempotencyKey: `seed:asset:${asset.tag}` },
      });
      if (meter) await seedMeter(api, { ...meter, assetId: createAsset.asset.id });
    }
  }
}

/** Creates a meter with its first reading, from which on it counts. */
async function seedMeter(api: ApiClient, meter: { readonly name: string; readonly unit: string; readonly assetId: string }): Promise<void> {
  const { createMeter } = await api.run<{ createMeter: { meter: { id: string } } }>(operations.createMeter, {
    input: { ...meter, kind: "CUMULATIVE", every: String(inspectedEvery), idempotencyKey: `seed:meter:${meter.name}` },
  });
  await api.run(operations.recordMeterReading, {
    input: { meterId: createMeter.meter.id, value: "0", idempotencyKey: `seed:reading:${meter.name}` },
  });
}

async function seedDefinitions(api: ApiClient, { definitions, hasServiceLevels }: DemoOrganization): Promise<void> {
  for (const key of definitions) {
    const example = await loadExampleDefinition(key);
    const source = hasServiceLevels && key === "maintenance-request" ? withServiceLevels(example) : example;
    const { createDefinition: created } = await api.run<{ createDefinition: { definition: { id: string; status: string } } }>(
      operations.createDefinition,
      {
        input: { source, idempotencyKey: `seed:definition:${key}` },
      },
    );
    if (created.definition.status === "DRAFT") await api.run(operations.publishDefinition, { input: { id: created.definition.id } });
  }
  await api.run(operations.createTrigger, {
    input: {
      name: "Inspect what a meter says is due",
      eventType: "meter.threshold_reached",
      action: "START",
      definitionKey: "inspection",
      data: { tag: "payload.assetTag", name: "payload.assetName" },
      idempotencyKey: "seed:trigger:inspection",
    },
  });
  await api.run(operations.createRequestType, {
    input: {
      key: "maintenance",
      name: "Maintenance",
      description: "Something in a building is broken or needs service.",
      definitionKey: "maintenance-request",
      numberPrefix: "MR",
      submitTransition: "submit",
      cancelTransition: "cancel",
      fields: ["summary", "estimate"],
      idempotencyKey: "seed:request-type:maintenance",
    },
  });
  await api.run(operations.createProject, {
    input: { code: lastProject, name: "Lobby renovation", description: "New floor, new lights.", idempotencyKey: "seed:project:LOBBY" },
  });
}

/** Returns a client for a demo user. */
async function loggedIn(api: ApiClient, { email, password }: DemoLogin): Promise<ApiClient> {
  const answer = await api.run<{ login: { accessToken: string } }>(
    "mutation SeedLogin($login: String!, $password: String!) { login(input: { login: $login, password: $password }) { accessToken } }",
    { login: email, password },
  );
  return api.as(answer.login.accessToken);
}

const usernameOf = (login: string): string => login.slice(0, login.indexOf("@"));
