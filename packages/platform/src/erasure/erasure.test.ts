import { randomBytes } from "node:crypto";
import { columnsWithCopies, personalColumns, tables } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { sql } from "drizzle-orm";
import { getTableConfig } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seedFullTenant } from "@weft/drizzle/full-tenant.fixture";
import { oneMasterKey } from "../secrets/master-keys.js";
import { tenantSecrets } from "../secrets/tenant-secrets.js";
import { webhookBodyField } from "../webhooks/event-body.js";
import { asTenant } from "../db/as-tenant.js";
import type { Tx } from "../db/database.js";
import { beginStep, isHeld, lockErasures } from "./erase-rows.store.js";
import { type ErasedPerson, ErasureNotDue, ErasureWaits } from "./due-transactions.js";
import { type ErasureState, erasePerson } from "./erase-person.js";
import { emptyReceipt } from "./receipt.js";

let bare: BareDatabase;
const secrets = tenantSecrets(oneMasterKey(randomBytes(32)));
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

let tenants = 500;
const user = { email: "zyxwv.user@example.com", username: "zyxwv.user", name: "Zyxwv O'Person", phone: "+41 79 000 zyxwv" };
const copy = `Ask ${user.name} (${user.email}, ${user.phone}) today`;

/** Values that constraints require alongside a marker. */
const companions: Readonly<Record<string, string>> = {
  "requests.meter_readings.reason": ", replaces_id = id",
  "app.calendar_changes.message": ", is_shared = false",
  "audit.notification_destinations.reason": ", status = 'DISABLED'",
  "vendors.documents.review_note": ", reviewed_at = now()",
  "vendors.registration_links.email": ", max_registrations = 1, expires_at = now()",
};

/** Rows that an erasure changes, of tables of which it keeps others. */
const erasedRows: Readonly<Record<string, string>> = {
  "app.files": "name = 'own.txt'",
  "app.saved_views": "visibility = 'PRIVATE'",
  "identity.legal_holds": "ended_at is not null",
};

/** Tables of tenants. Others contain nothing of a tenant's users. */
const ofTenants: ReadonlySet<string> = new Set(
  tables
    .map(getTableConfig)
    .filter(({ columns }) => columns.some(({ name }) => name === "tenant_id"))
    .map(({ schema, name }) => `${schema}.${name}`),
);

function markerOf(table: string, column: string, type: string): string {
  if (table === "identity.users" && Object.hasOwn(user, column)) return user[column as keyof typeof user];
  if (table === "vendors.registration_links" && column === "email") return user.email;
  if (column === "avatar_url") return "https://example.com/zyxwv.png";
  if (column.startsWith("provider_")) return '[{"value": "zyxwv"}]';
  return type === "jsonb" ? '{"eq": "zyxwv"}' : `zyxwv ${column}`;
}

/** A tenant with rows in every table. Each column that the register lists has a marker of the person, and each with copies quotes the person. */
async function aTenantWithMarkers(): Promise<{ tenantId: string; personId: string; otherId: string; planted: number }> {
  const {
    tenant: tenantId,
    staff: personId,
    vendorUser: otherId,
  } = await bare.owner.begin((sql) => seedFullTenant(sql as never, tenants++));
  const types = new Map(
    (
      await bare.owner<{ name: string; type: string }[]>`
        select table_schema || '.' || table_name || '.' || column_name as name, data_type as type from information_schema.columns`
    ).map(({ name, type }) => [name, type]),
  );
  // Keys of another installation.
  await bare.owner`delete from app.person_keys where tenant_id = ${tenantId}`;
  await bare.owner`delete from app.tenant_keys where tenant_id = ${tenantId}`;
  await bare.owner`insert into app.files (tenant_id, id, name, size, type, sha256, status, is_attached, created_by, stored_at)
    values (${tenantId}, ${newId()}, 'own.txt', 1, 'text/plain', 'h', 'STORED', true, ${personId}, now())`;
  let planted = 0;
  await bare.owner.begin(async (owner) => {
    // The person's rows need not fit together.
    await owner`set local session_replication_role = replica`;
    const plant = async (
      table: string,
      column: string,
      { value, set, row }: { value: string; set: string; row: string },
    ): Promise<void> => {
      const text = `update ${table} set ${column} = $1::text::${types.get(`${table}.${column}`)}${set} where tenant_id = $2 and ${row}`;
      planted += (await owner.unsafe(text, [value, tenantId])).count;
    };
    const one = (table: string, order: string): string =>
      `ctid = (select ctid from ${table} where tenant_id = '${tenantId}' and ${erasedRows[table] ?? "true"} order by ${order}, ctid limit 1)`;
    for (const { table, column, person, isCiphertext } of personalColumns) {
      if (isCiphertext || !ofTenants.has(table) || table === "vendors.vendor_contacts") continue;
      const type = types.get(`${table}.${column}`) ?? "";
      const isRegistered = person !== "id";
      await plant(table, column, {
        value: markerOf(table, column, type),
        set: `${companions[`${table}.${column}`] ?? ""}${isRegistered ? `, ${person} = '${personId}'` : ""}`,
        row:
          table === "identity.users"
            ? `id = '${personId}'`
            : one(table, isRegistered ? `(${person} = '${personId}') desc nulls last` : "1"),
      });
    }
    for (const { table, column } of columnsWithCopies) {
      // Its marker is an address, not a sentence.
      if (table === "vendors.registration_links" || personalColumns.some((each) => each.table === table && each.column === column))
        continue;
      const isJson = types.get(`${table}.${column}`) === "jsonb";
      await plant(table, column, {
        value: isJson ? JSON.stringify({ quoted: copy }) : copy,
        set: "",
        row: one(table, `(${column} is not null) desc`),
      });
    }
  });
  return { tenantId, personId, otherId, planted };
}

/** Returns the rows of the tenant, as text, that match. */
async function dumpOf(tenantId: string, pattern: RegExp): Promise<string[]> {
  const rows = await bare.owner.unsafe<{ line: string }[]>(
    [...ofTenants]
      .map((table) => `select '${table} ' || t::text as line from ${table} t where tenant_id = '${tenantId}'`)
      .join(" union all "),
  );
  return rows.map(({ line }) => line).filter((line) => pattern.test(line));
}

async function approve(kind: "ANONYMISE" | "ERASE", tenantId: string, personId: string): Promise<void> {
  await bare.owner`insert into identity.privacy_requests
    (tenant_id, id, kind, person_type, person_id, status, reason, requested_by, session_id, decided_by, decided_at, due_at)
    values (${tenantId}, ${newId()}, ${kind}, 'user', ${personId}, 'APPROVED', 'R', ${newId()}, ${newId()}, ${newId()}, now(), now())`;
}

const erase = (person: Pick<ErasedPerson, "tenantId" | "personId" | "kind">) =>
  erasePerson({ databases: bare.databases, keyring: bare.keyring, secrets }, { ...person, table: "identity.users" });

test("X8: a marker in each column of the register, and in each that can contain copies, is in no row of the tenant after an erasure", async () => {
  const { tenantId, personId, planted } = await aTenantWithMarkers();
  const before = await dumpOf(tenantId, /zyxwv/i);
  // Every column was planted, so that none passes because it was empty.
  const columns = personalColumns.filter(
    ({ table, isCiphertext }) => !isCiphertext && ofTenants.has(table) && table !== "vendors.vendor_contacts",
  );
  expect(planted).toBeGreaterThanOrEqual(columns.length);
  expect(before.length).toBeGreaterThan(45);
  await approve("ERASE", tenantId, personId);
  const receipt = await erase({ tenantId, personId, kind: "ERASE" });
  expect(await dumpOf(tenantId, /zyxwv/i)).toEqual([]);
  expect(receipt.rows).toMatchObject({ "identity.users": 1, "requests.comments": 4, "workflows.history": 1 });
  expect(receipt.copies).toMatchObject({ "audit.notifications": 2, "events.log": 1 });
  // The other text of a row with a copy stays.
  expect((await dumpOf(tenantId, /today/)).length).toBeGreaterThan(3);
});

test("an anonymization replaces what identifies the person, and keeps what the person has written", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  const written = await dumpOf(tenantId, /zyxwv text/);
  expect(written.length).toBeGreaterThan(3);
  await approve("ANONYMISE", tenantId, personId);
  const receipt = await erase({ tenantId, personId, kind: "ANONYMISE" });
  expect(Object.keys(receipt.rows)).toContain("identity.sessions");
  expect(Object.keys(receipt.rows)).not.toContain("requests.comments");
  expect(await dumpOf(tenantId, /zyxwv\.user|Zyxwv O'Person/)).toEqual([]);
  expect(await dumpOf(tenantId, /zyxwv text/)).toEqual(written);
});

test("a repeated erasure changes nothing more", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  await approve("ERASE", tenantId, personId);
  await erase({ tenantId, personId, kind: "ERASE" });
  expect(await erase({ tenantId, personId, kind: "ERASE" })).toEqual({ rows: {}, copies: {}, files: 0, sharedValues: 0 });
});

test("an erasure changes no row of another user", async () => {
  const { tenantId, personId, otherId } = await aTenantWithMarkers();
  const [before] = await bare.owner`select u::text as row from identity.users u where tenant_id = ${tenantId} and id = ${otherId}`;
  await approve("ERASE", tenantId, personId);
  await erase({ tenantId, personId, kind: "ERASE" });
  const [after] = await bare.owner`select u::text as row from identity.users u where tenant_id = ${tenantId} and id = ${otherId}`;
  expect(after).toEqual(before);
});

test("nothing is erased without an approved request: the database itself changes no row", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  const before = await dumpOf(tenantId, /zyxwv/i);
  await expect(erase({ tenantId, personId, kind: "ERASE" })).rejects.toThrow(ErasureNotDue);
  expect(await dumpOf(tenantId, /zyxwv/i)).toEqual(before);
  const changed = await bare.databases.worker.begin(async (tx) => {
    await tx.execute(sql.raw(`set local app.tenant_id = '${tenantId}'`));
    await tx.execute(sql`select set_config('role', current_user || '_purge', true)`);
    return tx.execute(sql`update requests.comments set text = 'x' where tenant_id = app.tenant() returning id`);
  }, "write");
  expect([...changed]).toEqual([]);
});

test.each([
  ["the person", "user", (ids: { personId: string }) => ids.personId],
  ["the organization", "tenant", (ids: { tenantId: string }) => ids.tenantId],
] as const)("a legal hold on %s stops the erasure, and its end lets it go on", async (_name, objectType, idOf) => {
  const ids = await aTenantWithMarkers();
  const { tenantId, personId } = ids;
  await approve("ERASE", tenantId, personId);
  await bare.owner`insert into identity.legal_holds (tenant_id, id, object_type, object_id, reason, created_by)
    values (${tenantId}, ${newId()}, ${objectType}, ${idOf(ids)}, 'Case 7', ${newId()})`;
  await expect(erase({ tenantId, personId, kind: "ERASE" })).rejects.toThrow(ErasureNotDue);
  await bare.owner`update identity.legal_holds set ended_at = now(), ended_by = ${newId()} where tenant_id = ${tenantId} and ended_at is null`;
  expect((await erase({ tenantId, personId, kind: "ERASE" })).rows).toMatchObject({ "identity.users": 1 });
});

test("a legal hold on a request stops the erasure of a user who commented on it", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  await approve("ERASE", tenantId, personId);
  await bare.owner`insert into identity.legal_holds (tenant_id, id, object_type, object_id, reason, created_by)
    select tenant_id, ${newId()}, 'request', request_id, 'Case 8', ${newId()} from requests.comments
     where tenant_id = ${tenantId} and author_id = ${personId} limit 1`;
  await expect(erase({ tenantId, personId, kind: "ERASE" })).rejects.toThrow(ErasureNotDue);
});

test.each([
  ["requests.requests", "created_by", ""],
  ["requests.comments", "author_id", ""],
  ["requests.comments", "on_behalf_of", ""],
  ["workflows.history", "actor_id", "instance_id"],
  ["workflows.tasks", "assignee_id", "instance_id"],
  ["workflows.task_comments", "author_id", "instance_id"],
  ["workflows.internal_comments", "author_id", "instance_id"],
])("a legal hold on a request covers whoever is in %s.%s, also before the request was converted", async (table, column, instance) => {
  const { tenantId } = await aTenantWithMarkers();
  const [personId, former] = [newId(), newId()];
  const [request] = await bare.owner<
    { id: string }[]
  >`select request_id as id from requests.comments where tenant_id = ${tenantId} limit 1`;
  const requestId = request?.id ?? "";
  await bare.owner.begin(async (owner) => {
    await owner`set local session_replication_role = replica`;
    await owner`insert into requests.former_instances (tenant_id, instance_id, request_id, type_id, actor_id, created_at, converted_at)
      values (${tenantId}, ${former}, ${requestId}, ${newId()}, ${newId()}, now(), now())`;
    const row =
      table === "requests.requests" ? `id = '${requestId}'` : table === "requests.comments" ? `request_id = '${requestId}'` : "true";
    const place = instance === "" ? "" : `, ${instance} = '${former}'`;
    await owner.unsafe(`update ${table} set ${column} = '${personId}'${place}
      where tenant_id = '${tenantId}' and ctid = (select ctid from ${table} where tenant_id = '${tenantId}' and ${row} limit 1)`);
    await owner`insert into identity.legal_holds (tenant_id, id, object_type, object_id, reason, created_by)
      values (${tenantId}, ${newId()}, 'request', ${requestId}, 'Case 8', ${newId()})`;
  });
  const heldOf = (id: string): Promise<boolean> => asTenant(bare.databases.app, { tenantId }, "write", (tx) => isHeld(tx, id));
  expect([await heldOf(personId), await heldOf(newId())]).toEqual([true, false]);
});

test("a contact of a vendor is erased", async () => {
  const { tenantId } = await aTenantWithMarkers();
  const [contact] = await bare.owner<
    { id: string }[]
  >`update vendors.vendor_contacts set name = 'Zyxwv Contact', email = 'zyxwv.contact@example.com',
    phone = '+41 79 111 zyxwv' where tenant_id = ${tenantId} and id = (select id from vendors.vendor_contacts where tenant_id = ${tenantId} limit 1) returning id`;
  const personId = contact?.id ?? "";
  await bare.owner`update audit.notifications set title = 'Call Zyxwv Contact' where tenant_id = ${tenantId}`;
  await approve("ERASE", tenantId, personId);
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets };
  const { rows, copies } = await erasePerson(parts, { tenantId, personId, kind: "ERASE", table: "vendors.vendor_contacts" });
  expect(rows).toEqual({ "vendors.vendor_contacts": 1 });
  expect(copies["audit.notifications"]).toBeGreaterThan(0);
  expect(await dumpOf(tenantId, /zyxwv.contact|111 zyxwv/i)).toEqual([]);
});

test("a legal hold waits for the step of an erasure that is in progress, and no step follows it", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  await approve("ERASE", tenantId, personId);
  const comments = async (): Promise<readonly unknown[]> =>
    bare.owner`select text from requests.comments where tenant_id = ${tenantId} and author_id = ${personId} order by id`;
  const before = await comments();
  const placed: string[] = [];
  const placeHold = (): Promise<void> =>
    asTenant(bare.databases.app, { tenantId }, "write", async (tx) => {
      await lockErasures(tx);
      placed.push("hold");
      await tx.execute(sql`insert into identity.legal_holds (tenant_id, id, object_type, object_id, reason, created_by)
        values (app.tenant(), ${newId()}, 'user', ${personId}, 'Case 9', ${newId()})`);
    });
  let hold: Promise<void> | undefined;
  // A step holds the lock while the hold is requested, and the erasure goes on once the hold is there.
  const onBegin = async (): Promise<void> => {
    await asTenant(bare.databases.app, { tenantId }, "write", async (tx) => {
      await beginStep(tx);
      hold = placeHold();
      await untilLockIsAwaited();
      placed.push("step");
    });
    await hold;
  };
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets, onBegin };
  await expect(erasePerson(parts, { tenantId, personId, kind: "ERASE", table: "identity.users" })).rejects.toThrow(ErasureNotDue);
  expect(placed).toEqual(["step", "hold"]);
  expect(await comments()).toEqual(before);
});

test("a legal hold and a step wait for each other longer than statements of users may", async () => {
  const { tenantId } = await aTenantWithMarkers();
  const locks = [lockErasures, beginStep] as const;
  for (const [held, awaited] of [locks, locks.toReversed()] as [typeof beginStep, typeof beginStep][]) {
    let waiting: Promise<void> | undefined;
    await asTenant(bare.databases.app, { tenantId }, "write", async (tx) => {
      await held(tx);
      waiting = asTenant(bare.databases.app, { tenantId }, "write", async (other) => {
        await other.execute(sql`select set_config('statement_timeout', '100ms', true), set_config('lock_timeout', '100ms', true)`);
        await awaited(other);
      });
      await untilLockIsAwaited();
      await tx.execute(sql`select pg_sleep(0.3)`);
    });
    await expect(waiting).resolves.toBeUndefined();
  }
});

async function untilLockIsAwaited(): Promise<void> {
  for (;;) {
    const [row] = await bare.owner<{ waits: boolean }[]>`select exists (select from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())) as waits`;
    if (row?.waits === true) return;
  }
}

type Earlier = ErasureState & { readonly values: readonly string[] };

/** Erases a person until it stops, at the latest after the transaction that `isEnough` says. Returns what an erasure continues from. */
async function eraseUntil(
  person: ErasedPerson,
  isEnough: (state: ErasureState) => boolean,
  reason = "The worker stops.",
): Promise<Earlier> {
  const stop = new AbortController();
  let earlier: Earlier = { receipt: emptyReceipt, progress: null, values: [] };
  const record = (_tx: Tx, state: ErasureState): Promise<void> => {
    earlier = { ...earlier, ...state };
    if (isEnough(state)) stop.abort(new Error("The worker stops."));
    return Promise.resolve();
  };
  const keepValues = (values: readonly string[]): Promise<void> => {
    earlier = { ...earlier, values };
    return Promise.resolve();
  };
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets, record, keepValues, signal: stop.signal };
  await expect(erasePerson(parts, person)).rejects.toThrow(reason);
  return earlier;
}

test("an interrupted erasure is continued, and its receipt counts both attempts", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  await approve("ERASE", tenantId, personId);
  const person = { tenantId, personId, kind: "ERASE", table: "identity.users" } as const;
  const earlier = await eraseUntil(person, ({ receipt }) => Object.keys(receipt.rows).length === 3);
  expect(await dumpOf(tenantId, /zyxwv/i)).not.toEqual([]);
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets };
  const { rows } = await erasePerson({ ...parts, earlier }, person);
  expect(await dumpOf(tenantId, /zyxwv/i)).toEqual([]);
  expect(rows).toMatchObject({ "identity.users": 1, "requests.comments": 4, "workflows.history": 1 });
});

test("a search for copies continues where it was interrupted, and finds them by the values that the person's own row has lost", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  const quoting = async (count: number): Promise<void> => {
    await bare.owner`insert into events.log
      (tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, request_id, occurred_at)
      select ${tenantId}, gen_random_uuid(), 'custom.published', 1, 'request', ${newId()}, 1, '{}', jsonb_build_object('text', ${copy}::text), ${newId()}, 'r', now()
        from generate_series(1, ${count})`;
  };
  await quoting(10_500);
  await approve("ERASE", tenantId, personId);
  const person = { tenantId, personId, kind: "ERASE", table: "identity.users" } as const;
  const earlier = await eraseUntil(person, ({ receipt }) => receipt.copies["events.log"] !== undefined);
  expect(earlier.receipt.copies["events.log"]).toBeGreaterThan(9_000);
  expect(earlier.receipt.copies["events.log"]).toBeLessThan(10_500);
  const searches: (readonly unknown[])[] = [];
  bare.databases.worker.onStatement = (text, params) => {
    if (text.includes("findCopies") && text.includes("events.log")) searches.push(params);
  };
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets };
  const { copies } = await erasePerson({ ...parts, earlier }, person).finally(() => (bare.databases.worker.onStatement = undefined));
  expect(searches).toHaveLength(1);
  expect(copies["events.log"]).toBe(10_501);
  expect(await dumpOf(tenantId, /zyxwv/i)).toEqual([]);
});

/** Statements that search copies while `fn` runs. */
async function searchesDuring(fn: () => Promise<unknown>): Promise<number> {
  let searches = 0;
  bare.databases.worker.onStatement = (text) => {
    if (text.includes("findCopies")) searches++;
  };
  await fn().finally(() => (bare.databases.worker.onStatement = undefined));
  return searches;
}

test("what was written while copies were searched is erased by the next attempt, which does not search them again", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  await approve("ERASE", tenantId, personId);
  const person = { tenantId, personId, kind: "ERASE", table: "identity.users" } as const;
  const write = () =>
    bare.owner`update requests.comments set text = 'zyxwv again' where tenant_id = ${tenantId} and author_id = ${personId}`;
  const { left, earlier } = await eraseWhile(person, async ({ receipt }) => receipt.copies["events.log"] !== undefined && (await write()));
  expect(left).toBe("Personal values are left in requests.comments.");
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets };
  expect(await searchesDuring(() => erasePerson({ ...parts, earlier }, person))).toBe(0);
  expect(await dumpOf(tenantId, /zyxwv/i)).toEqual([]);
});

test("copies are searched again if the person's own row has values again", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  await approve("ERASE", tenantId, personId);
  const person = { tenantId, personId, kind: "ERASE", table: "identity.users" } as const;
  const rename = () => bare.owner`update identity.users set name = ${user.name} where tenant_id = ${tenantId} and id = ${personId}`;
  const { left, earlier } = await eraseWhile(person, async ({ receipt }) => receipt.copies["events.log"] !== undefined && (await rename()));
  expect(left).toBe("Personal values are left in identity.users.");
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets };
  // The events. What comes after them waits, because deliveries had copies.
  const again = () => expect(erasePerson({ ...parts, earlier }, person)).rejects.toThrow(ErasureWaits);
  expect(await searchesDuring(again)).toBe(1);
  expect(await dumpOf(tenantId, /zyxwv/i)).toEqual([]);
});

/** Erases a person, and runs `fn` after each of its transactions until it returns something. Returns why the erasure fails, and what it continues from. */
async function eraseWhile(person: ErasedPerson, fn: (state: ErasureState) => Promise<unknown>) {
  let earlier: Earlier = { receipt: emptyReceipt, progress: null, values: [] };
  let isOver = false;
  const record = async (_tx: Tx, state: ErasureState): Promise<void> => {
    earlier = { ...earlier, ...state };
    if (!isOver) isOver = Boolean(await fn(state));
  };
  const keepValues = (values: readonly string[]): Promise<void> => {
    earlier = { ...earlier, values };
    return Promise.resolve();
  };
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets, record, keepValues };
  const left = await erasePerson(parts, person).then(
    () => "nothing",
    (error: unknown) => (error instanceof Error ? error.message : ""),
  );
  return { left, earlier };
}

test("nothing of a transaction remains that another worker has superseded", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  await approve("ERASE", tenantId, personId);
  const before = await dumpOf(tenantId, /zyxwv/i);
  const record = (): Promise<void> => Promise.reject(new Error("Another worker has continued the erasure."));
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets, record };
  await expect(erasePerson(parts, { tenantId, personId, kind: "ERASE", table: "identity.users" })).rejects.toThrow("Another worker");
  expect(await dumpOf(tenantId, /zyxwv/i)).toEqual(before);
});

test("statements of an erasure can take five minutes, whichever role runs them", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  await approve("ERASE", tenantId, personId);
  const limits = new Set<string>();
  const record = async (tx: Tx): Promise<void> => {
    const [row] = await tx.execute<{ limit: string }>(sql`select current_user || ' ' || current_setting('statement_timeout') as limit`);
    limits.add(row?.limit ?? "");
  };
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets, record };
  await erasePerson(parts, { tenantId, personId, kind: "ERASE", table: "identity.users" });
  expect([...limits].toSorted()).toEqual(["weft_app 5min", "weft_worker_purge 5min"]);
});

test("numbers of an event keep all of their digits when a name next to them is replaced", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  const id = newId();
  await bare.owner`insert into events.log
    (tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, request_id, occurred_at)
    values (${tenantId}, ${id}, 'custom.published', 1, 'request', ${newId()}, 1, '{}',
      jsonb_build_object('big', 12345678901234567890, 'small', 0.1234567890123456789, 'text', ${copy}::text), ${newId()}, 'r', now())`;
  await approve("ERASE", tenantId, personId);
  await erase({ tenantId, personId, kind: "ERASE" });
  const [event] = await bare.owner`select payload::text as payload from events.log where tenant_id = ${tenantId} and id = ${id}`;
  expect(event).toEqual({
    payload: '{"big": 12345678901234567890, "text": "Ask [erased] ([erased], [erased]) today", "small": 0.1234567890123456789}',
  });
});

test("the reason of an open legal hold on somebody else stays, and that of an ended one is replaced", async () => {
  const { tenantId, personId, otherId } = await aTenantWithMarkers();
  const [open, ended] = [newId(), newId()];
  await bare.owner`insert into identity.legal_holds (tenant_id, id, object_type, object_id, reason, created_by, ended_at, ended_by) values
    (${tenantId}, ${open}, 'user', ${otherId}, ${copy}, ${personId}, null, null), (${tenantId}, ${ended}, 'user', ${otherId}, ${copy}, ${newId()}, now(), ${newId()})`;
  await approve("ERASE", tenantId, personId);
  await erase({ tenantId, personId, kind: "ERASE" });
  const rows =
    await bare.owner`select id, reason from identity.legal_holds where tenant_id = ${tenantId} and id in (${open}, ${ended}) order by id`;
  expect([...rows]).toEqual([
    { id: open, reason: copy },
    { id: ended, reason: "Ask [erased] ([erased], [erased]) today" },
  ]);
});

test("private views of the person are deleted, and shared ones keep their name and filter, so that none shows everything", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  const [shared, own] = [newId(), newId()];
  await bare.owner`insert into app.saved_views (tenant_id, id, list, name, visibility, owner_id, filter) values
    (${tenantId}, ${shared}, 'REQUESTS', 'Open leaks', 'TENANT', ${personId}, '{"tags": {"has": "leak"}}'),
    (${tenantId}, ${own}, 'REQUESTS', 'Mine', 'PRIVATE', ${personId}, '{"tags": {"has": "leak"}}')`;
  await approve("ERASE", tenantId, personId);
  await erase({ tenantId, personId, kind: "ERASE" });
  const rows = await bare.owner`select id, name, filter from app.saved_views where tenant_id = ${tenantId} and id in (${shared}, ${own})`;
  expect([...rows]).toEqual([{ id: shared, name: "Open leaks", filter: { tags: { has: "leak" } } }]);
});

/** Writes encrypted payloads of a webhook with these bodies; the third one was delivered. Returns the IDs of the deliveries. */
async function aPayloadOfEach(tenantId: string, bodies: readonly object[]): Promise<string[]> {
  const [webhook] = await bare.owner<{ id: string }[]>`select id from events.webhooks where tenant_id = ${tenantId} limit 1`;
  const webhookId = webhook?.id ?? "";
  const ids = bodies.map(() => newId());
  await asTenant(bare.databases.app, { tenantId }, "write", async (tx) => {
    for (const [at, body] of bodies.entries()) {
      const [id, eventId] = [ids[at] ?? "", newId()];
      const [sealed] = await secrets.seal(tx, tenantId, [{ field: webhookBodyField(webhookId, eventId), value: JSON.stringify(body) }]);
      const ended = at === 2;
      await tx.execute(sql`insert into events.webhook_deliveries
        (tenant_id, id, webhook_id, message_id, event_id, event_type, subject_id, has_payload, body, status, next_attempt_at, finished_at)
        values (app.tenant(), ${id}, ${webhookId}, ${id}, ${eventId}, 'request.created', ${newId()}, true, ${sealed},
          ${ended ? "DELIVERED" : "PENDING"}, case when ${!ended} then now() end, case when ${ended} then now() end)`);
    }
  });
  return ids;
}

/** An erasure that does not wait any longer. */
const afterWait = (earlier: Earlier): Earlier => ({
  ...earlier,
  progress: earlier.progress && { ...earlier.progress, after: "2026-01-01T00:00:00Z" },
});

test("an encrypted payload of a webhook that contains the person's address is deleted, and built again if it waits; others stay", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  const ids = await aPayloadOfEach(tenantId, [{ to: user.email.toUpperCase() }, { to: `not-${user.email}` }, { to: user.name }]);
  await approve("ERASE", tenantId, personId);
  await expect(erase({ tenantId, personId, kind: "ERASE" })).rejects.toThrow(ErasureWaits);
  const rows = await bare.owner`select body is null as "isGone", payload_due_at is not null as "isDue" from events.webhook_deliveries
    where tenant_id = ${tenantId} and id = any(${ids}::uuid[]) order by id`;
  expect([...rows]).toEqual([
    { isGone: true, isDue: true },
    { isGone: false, isDue: false },
    { isGone: true, isDue: false },
  ]);
});

test("what an endpoint answers to a payload that was sent before it was deleted is replaced, too", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  const [sent] = await aPayloadOfEach(tenantId, [{ to: user.email }]);
  await approve("ERASE", tenantId, personId);
  const person = { tenantId, personId, kind: "ERASE", table: "identity.users" } as const;
  const earlier = await eraseUntil(person, () => false, "The erasure continues in 60 seconds.");
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets };
  await expect(erasePerson({ ...parts, earlier }, person)).rejects.toThrow(ErasureWaits);
  await bare.owner`insert into events.webhook_attempts (tenant_id, id, delivery_id, number, started_at, latency_ms, request_headers, status, response_body)
    values (${tenantId}, ${newId()}, ${sent ?? ""}, 1, now(), 14000, '{}', 200, ${copy})`;
  await erasePerson({ ...parts, earlier: afterWait(earlier) }, person);
  expect(await dumpOf(tenantId, /zyxwv/i)).toEqual([]);
});

test("payloads are searched before the answers of endpoints, which can repeat them, and nothing waits if none was deleted", async () => {
  const { tenantId, personId } = await aTenantWithMarkers();
  await approve("ERASE", tenantId, personId);
  const steps: string[] = [];
  const record = (_tx: Tx, { progress }: ErasureState): Promise<void> => {
    const step = progress?.step ?? "";
    if (steps.at(-1) !== step) steps.push(step);
    return Promise.resolve();
  };
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets, record };
  await erasePerson(parts, { tenantId, personId, kind: "ERASE", table: "identity.users" });
  const places = ["payloads", "copies events.webhook_attempts", "files"].map((step) => steps.indexOf(step));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((one, other) => one - other));
});

test("the words of the person's comments are deleted, on requests and on their workflows; those of others stay", async () => {
  const { tenantId, personId, otherId } = await aTenantWithMarkers();
  const sources = async (authorId: string): Promise<string[]> => {
    const rows = await bare.owner<{ id: string; request: string }[]>`
      select c.id, c.request_id as request from requests.comments c where c.tenant_id = ${tenantId} and c.author_id = ${authorId}
      union all select c.id, i.subject_id from workflows.internal_comments c join workflows.instances i on i.tenant_id = c.tenant_id and i.id = c.instance_id
       where c.tenant_id = ${tenantId} and c.author_id = ${authorId}
      union all select h.id, i.subject_id from workflows.history h join workflows.instances i on i.tenant_id = h.tenant_id and i.id = h.instance_id
       where h.tenant_id = ${tenantId} and h.actor_id = ${authorId} and h.comment is not null`;
    for (const { id, request } of rows)
      await bare.owner`insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
        values (${tenantId}, 'request', ${request}, ${id}, 'INTERNAL', 'leak')`;
    return rows.map(({ id }) => id);
  };
  await bare.owner`update workflows.instances set subject_type = 'request', subject_id = (select request_id from requests.comments
    where tenant_id = ${tenantId} limit 1) where tenant_id = ${tenantId}`;
  const [own, others] = [await sources(personId), await sources(otherId)];
  expect(own.length).toBeGreaterThan(5);
  const [of] = await bare.owner<
    { id: string }[]
  >`insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
    select ${tenantId}, 'request', object_id, ${newId()}, 'INTERNAL', 'leak' from app.search_words where tenant_id = ${tenantId} and source_id = ${own[0] ?? ""} limit 1
    returning source_id as id`;
  await approve("ERASE", tenantId, personId);
  await erase({ tenantId, personId, kind: "ERASE" });
  const left = await bare.owner<
    { id: string }[]
  >`select source_id as id from app.search_words where tenant_id = ${tenantId} and word = 'leak'`;
  expect(left.map(({ id }) => id).toSorted()).toEqual([...others, of?.id ?? ""].toSorted());
});
