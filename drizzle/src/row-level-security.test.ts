import { postgres } from "@weft/pg-driver";
import type { TransactionSql } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { seedDeletedRequest, seedFullTenant, type idsOf } from "./full-tenant.fixture.js";
import { globalTables, rolePrivileges } from "./index.js";

/** Tests only row-level security: plain SQL as weft_app, without Weft's code. */

let database: TestDatabase;
let owner: postgres.Sql;
let app: postgres.Sql;
let worker: postgres.Sql;
let acme: ReturnType<typeof idsOf>;
let globex: ReturnType<typeof idsOf>;

beforeAll(async () => {
  database = await cloneDatabase();
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  app = postgres(database.appUrl, { max: 1 });
  worker = postgres(database.workerUrl, { max: 1 });
  acme = await seedFullTenant(owner, 1);
  globex = await seedFullTenant(owner, 2);
});

afterAll(async () => {
  await Promise.all([owner.end(), app.end(), worker.end()]);
  await database.drop();
});

interface Who {
  readonly tenant?: string;
  readonly user?: string;
  readonly vendor?: string;
}

/** Runs the statements and rolls them back. */
async function as<T>({ tenant = "", user = "", vendor = "" }: Who, run: (tx: TransactionSql) => Promise<T>): Promise<T> {
  let result: T | undefined;
  const undo = new Error("undo");
  await app
    .begin(async (tx) => {
      await tx`select set_config('app.tenant_id', ${tenant}, true), set_config('app.user_id', ${user}, true), set_config('app.vendor_id', ${vendor}, true)`;
      result = await run(tx);
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return result as T;
}

const vendorUser = () => ({ tenant: acme.tenant, user: acme.vendorUser, vendor: acme.vendor });

/** Tenant tables that weft_app can read. */
const tables = Object.entries(rolePrivileges.app)
  .filter(
    ([table, verbs]) =>
      verbs.some((verb) => verb.startsWith("select")) && (!Object.hasOwn(globalTables, table) || table === "identity.login_names"),
  )
  .map(([table]) => table);

const countsOf = (who: Who) =>
  as(who, async (tx) => {
    const counts: Record<string, number> = {};
    for (const table of tables) {
      const [row] = await tx.unsafe<{ count: number }[]>(`select count(tenant_id)::int as count from ${table}`);
      counts[table] = row?.count ?? -1;
    }
    return counts;
  });

describe("a tenant", () => {
  test("sees its own rows in every table", async () => {
    expect(Object.entries(await countsOf({ tenant: acme.tenant })).filter(([, count]) => count === 0)).toEqual([]);
  });

  test("sees no row of another tenant: every visible row references the tenant", async () => {
    const foreign = await as({ tenant: acme.tenant }, async (tx) => {
      const found: string[] = [];
      for (const table of tables) {
        const rows = await tx.unsafe(`select tenant_id from ${table} where tenant_id <> '${acme.tenant}' limit 1`);
        if (rows.length > 0) found.push(table);
      }
      return found;
    });
    expect(foreign).toEqual([]);
  });

  test("is required: without one no rows are visible", async () => {
    expect(Object.entries(await countsOf({})).filter(([, count]) => count > 0)).toEqual([]);
  });

  test("sees nothing if it does not exist", async () => {
    expect(Object.entries(await countsOf({ tenant: "01890009-0000-7000-8000-000000000000" })).filter(([, count]) => count > 0)).toEqual([]);
  });

  test("cannot change a row of another tenant or write one in its name", async () => {
    const updatable = Object.entries(rolePrivileges.app).flatMap(([table, verbs]) => {
      const verb = verbs.find((each) => each.startsWith("update"));
      // The first column of a list.
      return verb !== undefined && tables.includes(table) ? [{ table, column: /\((\w+)/.exec(verb)?.[1] ?? "tenant_id" }] : [];
    });
    expect(updatable.length).toBeGreaterThan(20);
    const changed = await as({ tenant: acme.tenant }, async (tx) => {
      const counts: string[] = [];
      for (const { table, column } of updatable) {
        const { count } = await tx.unsafe(`update ${table} set ${column} = ${column} where tenant_id = '${globex.tenant}'`);
        if (count > 0) counts.push(table);
      }
      return counts;
    });
    expect(changed).toEqual([]);
    for (const statement of [
      `insert into app.counters values ('${globex.tenant}', 'x', 1, 1)`,
      `insert into events.outbox (tenant_id, event_id) values ('${globex.tenant}', '${acme.staff}')`,
      `update app.counters set tenant_id = '${globex.tenant}'`,
    ]) {
      await expect(as({ tenant: acme.tenant }, (tx) => tx.unsafe(statement))).rejects.toThrow("row-level security");
    }
  });

  test("cannot become the platform's tenant, or a sandbox, move its clock, or claim that its purge has started", async () => {
    for (const change of [
      "kind = 'PLATFORM'",
      "purge_started_at = now()",
      "clock_offset_ms = 1",
      "clock_stands_at = now()",
      "is_sandbox = true",
    ])
      await expect(as({ tenant: acme.tenant }, (tx) => tx.unsafe(`update identity.tenants set ${change}`))).rejects.toThrow(
        "permission denied",
      );
  });

  test("cannot reference a row of another tenant", async () => {
    for (const [statement, constraint] of [
      [`update requests.requests set building_id = '${globex.building}'`, "requests_building_fkey"],
      [`update workflows.instances set assignee_user_id = '${globex.staff}'`, "instances_assignee_user_fkey"],
      [`update workflows.instances set assignee_vendor_id = '${globex.vendor}'`, "instances_assignee_vendor_fkey"],
      [`insert into identity.user_roles values ('${acme.tenant}', '${acme.staff}', '${globex.role}')`, "user_roles_role_fkey"],
    ] as const) {
      await expect(as({ tenant: acme.tenant }, (tx) => tx.unsafe(statement))).rejects.toMatchObject({ constraint_name: constraint });
    }
  });
});

/** Fixed sources of the parts of numbers and of tags. The fixture's assets have no serial numbers. */
const sourcesOfParts = ["00000000-0000-7000-8000-000000000002", "00000000-0000-7000-8000-000000000003"];

describe("a vendor's user", () => {
  const idsIn = (table: string, column = "id") =>
    as(vendorUser(), async (tx) =>
      (await tx.unsafe<{ id: string }[]>(`select ${column} as id from ${table} order by 1`)).map((row) => row.id),
    );

  test.each([
    ["requests.requests", "id", () => [acme.given.request]],
    ["workflows.instances", "id", () => [acme.given.instance]],
    ["workflows.instance_heads", "id", () => [acme.given.instance]],
    ["workflows.history", "id", () => [acme.given.history]],
    ["workflows.tasks", "id", () => [acme.given.task]],
    ["workflows.task_candidates", "distinct id", () => [acme.given.task]],
    ["requests.comments", "audience", () => ["PUBLIC"]],
    ["requests.links", "kind", () => []],
    ["requests.copies", "kind", () => []],
    ["requests.former_instances", "instance_id", () => []],
    ["requests.vendor_offers", "vendor_id", () => [acme.vendor]],
    ["requests.watchers", "user_id", () => [acme.vendorUser]],
    ["requests.request_editors", "user_id", () => [acme.vendorUser]],
    ["requests.comment_versions", "text", () => ["PUBLIC"]],
    ["workflows.internal_comments", "id", () => []],
    ["requests.buildings", "id", () => [acme.building]],
    ["requests.building_contacts", "role", () => []],
    ["requests.building_users", "user_id", () => []],
    ["requests.spaces", "name", () => ["given"]],
    ["requests.assets", "id", () => [acme.asset]],
    ["requests.asset_types", "key", () => ["a"]],
    ["requests.asset_transfers", "id", () => []],
    ["requests.request_form_links", "id", () => []],
    ["requests.reply_addresses", "key", () => []],
    ["requests.inbound_mail_addresses", "id", () => []],
    ["requests.emailed_requests", "distinct user_id", () => [acme.vendorUser]],
    ["requests.asset_dates", "kind", () => []],
    ["requests.meters", "name", () => ["seen"]],
    ["requests.meter_readings", "note", () => ["seen"]],
    ["vendors.projects", "id", () => [acme.given.project]],
    ["vendors.project_members", "role", () => []],
    ["vendors.project_vendors", "vendor_id", () => [acme.vendor]],
    ["vendors.project_plans", "project_id", () => []],
    ["vendors.project_task_dependencies", "id", () => []],
    ["vendors.scope_items", "id", () => []],
    ["vendors.scope_versions", "id", () => []],
    ["vendors.scope_changes", "id", () => []],
    ["vendors.project_baselines", "id", () => []],
    ["vendors.project_baseline_tasks", "name", () => []],
    ["vendors.milestones", "name", () => ["Handover"]],
    ["vendors.milestone_tasks", "(select name from vendors.project_tasks t where t.id = task_id)", () => ["given"]],
    ["vendors.project_costs", "id", () => []],
    ["vendors.project_risks", "id", () => []],
    ["vendors.project_decisions", "id", () => []],
    ["vendors.project_templates", "id", () => []],
    ["identity.applications", "id", () => []],
    ["identity.operation_manifests", "id", () => []],
    ["identity.stored_documents", "id", () => []],
    ["identity.unlisted_operations", "id", () => []],
    ["workflows.secrets", "id", () => []],
    ["workflows.runs", "id", () => []],
    ["workflows.run_steps", "run_id", () => []],
    ["workflows.model_providers", "id", () => []],
    ["workflows.agents", "id", () => []],
    ["workflows.agent_sessions", "id", () => []],
    ["workflows.agent_calls", "id", () => []],
    ["workflows.agent_tool_calls", "id", () => []],
    ["workflows.definition_shares", "id", () => []],
    ["workflows.definition_share_uses", "id", () => []],
    ["workflows.security_profiles", "id", () => []],
    ["workflows.runs", "id", () => []],
    ["workflows.run_steps", "run_id", () => []],
    ["workflows.step_waits", "run_id", () => []],
    ["workflows.step_leases", "token", () => []],
    ["workflows.step_operations", "id", () => []],
    ["events.integrations", "id", () => []],
    ["events.integration_calls", "id", () => []],
    ["events.integration_triggers", "id", () => []],
    ["vendors.project_tasks", "name", () => ["given"]],
    ["vendors.project_task_reports", "task_id = '00000000-0000-0000-0000-000000000000'", () => [false]],
    ["vendors.vendors", "id", () => [acme.vendor]],
    ["vendors.contracts", "title", () => ["Signed"]],
    ["vendors.contract_versions", "content->>'title'", () => ["Signed"]],
    ["vendors.ratings", "vendor_id", () => [acme.vendor]],
    ["vendors.registration_links", "id", () => []],
    ["vendors.vendor_contacts", "name", () => ["given"]],
    ["vendors.vendor_rates", "amount", () => ["1"]],
    ["vendors.vendor_service_areas", "region", () => ["given"]],
    ["vendors.documents", "title", () => ["Given"]],
    ["vendors.document_requirements", "version", () => [1]],
    ["vendors.contract_obligations", "id", () => []],
    ["vendors.work", "vendor_id", () => [acme.vendor]],
    ["vendors.work_days", "distinct vendor_id", () => [acme.vendor]],
    ["vendors.availability", "vendor_id", () => [acme.vendor]],
    ["vendors.absences", "vendor_id", () => [acme.vendor]],
    ["events.inbound_webhooks", "id", () => []],
    ["events.inbound_messages", "id", () => []],
    ["events.log", "id", () => [acme.given.event]],
    ["audit.entries", "id", () => [acme.given.entry]],
    ["audit.notifications", "id", () => [acme.given.notification]],
    ["identity.users", "id", () => [acme.vendorUser]],
    ["identity.user_search_terms", "distinct user_id", () => [acme.vendorUser]],
    ["identity.sessions", "id", () => [acme.session]],
    ["identity.user_roles", "user_id", () => [acme.vendorUser]],
    ["identity.user_permissions", "user_id", () => [acme.vendorUser]],
    ["identity.role_parents", "role_id", () => []],
    ["app.idempotency_keys", "user_id", () => [acme.vendorUser]],
    ["app.object_access", "distinct vendor_id", () => [acme.vendor]],
    ["app.object_versions", "object_id", () => [acme.given.request]],
    ["app.search_words", "distinct object_id", () => [acme.asset, acme.given.request, acme.given.project]],
    [
      "app.search_words",
      "distinct source_id",
      () => [...sourcesOfParts, acme.asset, acme.given.request, acme.given.task, acme.given.project],
    ],
    ["app.files", "name", () => ["shared.txt"]],
    ["app.saved_views", "id", () => []],
    ["audit.notification_templates", "id", () => []],
    ["audit.notification_template_versions", "template_id", () => []],
    ["app.exports", "id", () => []],
    ["audit.exports", "id", () => []],
    ["app.imports", "id", () => []],
    ["app.import_problems", "id", () => []],
    ["app.external_ids", "object_id", () => []],
    ["app.attachments", "object_id", () => [acme.building, acme.given.instance, acme.given.task].toSorted()],
    ["workflows.definitions", "id", () => [acme.definition]],
    ["requests.request_types", "id", () => [acme.type]],
    ["identity.teams", "id", () => []],
    ["identity.team_members", "user_id", () => []],
    ["app.counters", "name", () => []],
    ["app.mails", "id", () => []],
    ["app.tenant_keys", "number", () => []],
    ["audit.notification_preferences", "user_id", () => [acme.vendorUser]],
    ["audit.notification_destinations", "user_id", () => [acme.vendorUser]],
    ["audit.text_messages", "user_id", () => [acme.vendorUser]],
    ["audit.notification_deliveries", "id", () => []],
    ["audit.mail_suppressions", "user_id", () => []],
    ["identity.one_time_tokens", "id", () => []],
    ["identity.identity_providers", "id", () => []],
    ["identity.user_identities", "id", () => []],
    ["identity.provider_logins", "id", () => []],
    ["identity.logout_tokens", "token_hash", () => []],
    ["identity.domains", "id", () => []],
    ["identity.password_history", "id", () => []],
    ["identity.second_factors", "id", () => []],
    ["identity.recovery_codes", "id", () => []],
    ["identity.passkeys", "id", () => []],
    ["identity.used_challenges", "challenge_hash", () => []],
    ["identity.wrong_codes", "user_id", () => []],
    ["identity.gateway_reports", "gateway_id is not null", () => [true]],
    ["identity.session_connections", "session_id", () => [acme.session]],
    ["identity.pending_logins", "id", () => []],
    ["workflows.task_links", "id", () => []],
    ["app.configurations", "level", () => ["TENANT"]],
    ["audit.seals", "entry_id", () => []],
    ["audit.verifications", "id", () => []],
    ["audit.compliance_reports", "id", () => []],
    ["audit.compliance_report_files", "file_id", () => []],
    ["audit.compliance_report_schedules", "id", () => []],
    ["identity.clock_advances", "id", () => []],
    ["audit.verified_ends", "sequence", () => []],
    ["events.outbox", "event_id", () => []],
    ["events.webhooks", "id", () => []],
    ["events.webhook_states", "webhook_id", () => []],
    ["events.webhook_deliveries", "id", () => []],
    ["events.delivery_pauses", "channel", () => []],
    ["events.webhook_attempts", "id", () => []],
    ["events.replays", "id", () => []],
  ])("sees only the vendor's rows of %s", async (table, column, expected) => {
    expect(await idsIn(table, column)).toEqual(expected());
  });

  test("sees only their own role and one refresh token", async () => {
    expect(await idsIn("identity.roles", "key")).toEqual(["own"]);
    expect(await idsIn("identity.role_permissions", "scope")).toEqual(["ASSIGNED"]);
    expect(await idsIn("identity.role_ancestors", "role_id = ancestor_id")).toEqual([true]);
    expect(await idsIn("identity.refresh_tokens")).toHaveLength(1);
  });

  test("changes only visible rows", async () => {
    const { count } = await as(vendorUser(), (tx) => tx`update workflows.instances set state = 'moved'`);
    expect(count).toBe(1);
    const changes = {
      "workflows.definitions": "status = 'RETIRED'",
      "requests.buildings": "name = 'x'",
      "vendors.vendors": "name = 'x'",
      "identity.tenants": "name = 'x'",
    };
    for (const [table, change] of Object.entries(changes)) {
      await expect(as(vendorUser(), (tx) => tx.unsafe(`update ${table} set ${change}`))).rejects.toThrow("row-level security");
    }
  });

  test("cannot grant their vendor more, and cannot delete anything", async () => {
    const grant = as(
      vendorUser(),
      (tx) => tx`insert into app.object_access values (${acme.tenant}, ${acme.hidden.instance}, ${acme.vendor})`,
    );
    await expect(grant).rejects.toThrow("row-level security");
    for (const table of [
      "app.object_access",
      "app.idempotency_keys",
      "identity.user_roles",
      "identity.role_permissions",
      "identity.user_permissions",
      "identity.user_search_terms",
    ]) {
      expect((await as(vendorUser(), (tx) => tx.unsafe(`delete from ${table}`))).count).toBe(0);
    }
  });
});

describe("a deleted request or project", () => {
  let ids: Record<string, string>;
  beforeAll(async () => {
    const { request, instance, task, notification, project } = await seedDeletedRequest(owner, 2);
    ids = {
      "requests.requests": request,
      "workflows.instances": instance,
      "workflows.instance_heads": instance,
      "workflows.tasks": task,
      "audit.notifications": notification,
      "vendors.projects": project,
    };
  });
  const users = {
    "users of the organization": () => ({ tenant: globex.tenant, user: globex.staff }),
    "users of a vendor that it was assigned to": () => ({ tenant: globex.tenant, user: globex.vendorUser, vendor: globex.vendor }),
  };
  /** Returns those of the tables in which the user sees the row of the deleted request, and those in which a write reaches it. */
  const reached = (who: Who, showsDeleted: boolean) =>
    as(who, async (tx) => {
      await tx`select set_config('app.shows_deleted', ${showsDeleted ? "true" : ""}, true)`;
      const [seen, written]: [string[], string[]] = [[], []];
      for (const [table, id] of Object.entries(ids)) {
        if ((await tx.unsafe(`select from ${table} where id = '${id}'`)).count > 0) seen.push(table);
        if (table === "workflows.instance_heads") continue;
        if ((await tx.unsafe(`update ${table} set is_deleted = true where id = '${id}'`)).count > 0) written.push(table);
      }
      return { seen, written };
    });

  test.each(Object.entries(users))("is hidden from %s with its workflow, its tasks and the notifications about it", async (_who, user) => {
    expect(await reached(user(), false)).toEqual({ seen: [], written: [] });
    const seen = await as(user(), (tx) => tx`select id from requests.requests order by id`);
    expect(seen.map(({ id }) => id as string)).toContain(globex.given.request);
  });

  test("is seen by transactions that restore it, with all of these", async () => {
    const tables = Object.keys(ids);
    expect((await reached(users["users of the organization"](), true)).seen).toEqual(tables);
    expect((await reached(users["users of a vendor that it was assigned to"](), true)).seen).toEqual(tables);
  });

  test("is not seen by another tenant's transactions that restore", async () => {
    expect(await reached({ tenant: acme.tenant, user: acme.staff }, true)).toEqual({ seen: [], written: [] });
  });
});

describe("the search terms of a user", () => {
  const termsOf = (tx: TransactionSql, user: string) =>
    tx<{ term: string }[]>`select term from identity.user_search_terms where user_id = ${user} order by 1`.then((rows) =>
      rows.map(({ term }) => term),
    );

  test("follow the user's new name even if the caller cannot delete rows, and no other row follows", async () => {
    await as(vendorUser(), async (tx) => {
      await tx`update identity.users set name = 'Zoë-Maé' where id = ${acme.vendorUser}`;
      await tx`call app.index_user(${acme.vendorUser})`;
      expect(await termsOf(tx, acme.vendorUser)).toEqual(["ae", "e", "mae", "oe", "v", "x", "zoe"]);
      expect(await tx`select app.vendor() as vendor`).toEqual([{ vendor: acme.vendor }]);
      await tx`call app.index_user(${acme.otherVendorUser})`;
      await tx`call app.index_user(${globex.staff})`;
      expect(await tx`select distinct user_id from identity.user_search_terms`).toHaveLength(1);
    });
  });
});

describe("rows for the candidates of a task with several candidates", () => {
  const rowsOf = async (tx: TransactionSql) =>
    (
      await tx<{ row: string }[]>`select queue_key || ' ' || priority || ' ' || due_order as row from workflows.task_candidates
        where id = ${acme.given.task} order by 1`
    ).map(({ row }) => row);

  test("match the task while it is open, even if its state is changed by a role that cannot delete rows", async () => {
    await as(vendorUser(), async (tx) => {
      expect(await rowsOf(tx)).toEqual(["role:own 1 infinity", "role:r 1 infinity"]);
      const change = (set: string) => tx.unsafe(`update workflows.tasks set ${set} where id = '${acme.given.task}'`);
      await change("priority = 3, due_at = '2026-02-01T00:00:00Z'");
      expect(await rowsOf(tx)).toEqual([expect.stringMatching(/^role:own 3 2026-0/), expect.stringMatching(/^role:r 3 2026-0/)]);
      await change(`candidate_roles = '{r,r}', candidate_vendor_ids = '{${acme.vendor}}', due_at = null`);
      expect(await rowsOf(tx)).toEqual(["role:r 3 infinity", `vendor:${acme.vendor} 3 infinity`]);
      await change(`status = 'CLAIMED', assignee_id = '${acme.staff}', claimed_at = now()`);
      expect(await rowsOf(tx)).toHaveLength(2);
      await change("status = 'CLOSED', closed_at = now()");
      expect(await rowsOf(tx)).toEqual([]);
      expect(await tx`select app.vendor() as vendor`).toEqual([{ vendor: acme.vendor }]);
    });
  });

  test("do not exist for a task with one candidate, and return with a second one", async () => {
    await as({ tenant: acme.tenant }, async (tx) => {
      await tx`update workflows.tasks set candidate_roles = '{r}' where id = ${acme.given.task}`;
      expect(await rowsOf(tx)).toEqual([]);
      await tx`update workflows.tasks set candidate_team_ids = ${[acme.team]} where id = ${acme.given.task}`;
      expect(await rowsOf(tx)).toEqual(["role:r 1 infinity", `team:${acme.team} 1 infinity`]);
    });
  });

  test("are not written for objects granted to another vendor", async () => {
    await as(vendorUser(), async (tx) => {
      await tx`update workflows.tasks set priority = 2`;
      expect((await tx`select distinct id from workflows.task_candidates`).map((row) => row["id"] as string)).toEqual([acme.given.task]);
    });
  });
});

describe("the background roles", () => {
  test("weft_worker can read, without a tenant, the rows to relay and seal, and no business data", async () => {
    for (const table of ["events.log", "events.outbox", "audit.entries", "audit.unsealed"]) {
      const [row] = await worker.unsafe<{ tenants: number }[]>(`select count(distinct tenant_id)::int as tenants from ${table}`);
      expect(row?.tenants).toBe(2);
    }
    for (const table of ["requests.requests", "audit.notifications", "identity.users"]) {
      await expect(worker.unsafe(`select tenant_id from ${table}`)).rejects.toThrow("permission denied");
    }
    // Which instances have ended, inside a tenant.
    await expect(worker`select state from workflows.instances`).rejects.toThrow(/permission denied/);
    expect(await worker`select id from workflows.instances`).toEqual([]);
    // Only whose deadlines have passed.
    await expect(worker`select title from workflows.tasks`).rejects.toThrow(/permission denied/);
  });

  test("weft_auth can find a login across tenants and write nothing", async () => {
    const auth = postgres(database.authUrl, { max: 1 });
    try {
      expect(await auth`select user_id from identity.login_names where name_hash in ('hash-1', 'hash-2')`).toHaveLength(2);
      await expect(auth`update identity.users set name = 'x'`).rejects.toThrow("permission denied");
      await expect(auth`select tenant_id from workflows.instances`).rejects.toThrow("permission denied");
    } finally {
      await auth.end();
    }
  });

  test("weft_app cannot read the hashes of login names, even those of its own tenant", async () => {
    await expect(as({ tenant: acme.tenant }, (tx) => tx`select name_hash from identity.login_names`)).rejects.toThrow("permission denied");
  });
});
