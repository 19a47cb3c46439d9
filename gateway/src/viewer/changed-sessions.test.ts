import { newId } from "@weft/shared/ids";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway, TestPerson } from "../testing/start-gateway.js";
import { findChangedSessions, knownSession, sessionList } from "./changed-sessions.store.js";
import type { KnownSession } from "./changed-sessions.store.js";
import { loadViewers, sessionKeyOf } from "./viewer.store.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase());
});
afterAll(() => weft.stop());

/** Loads the rights of the persons, as a new socket does. */
async function known(persons: readonly TestPerson[]): Promise<KnownSession[]> {
  const states = await loadViewers(weft.services.databases.auth, persons);
  return persons.map((person) => {
    const state = states.get(sessionKeyOf(person));
    if (!state || !("viewer" in state)) throw new Error("The session has no viewer.");
    return knownSession(state.viewer);
  });
}
const changed = (sessions: readonly KnownSession[]) => findChangedSessions(weft.services.databases.auth, sessionList(sessions));

/** Gives the person one more role, which inherits from another. */
async function addRoles({ tenantId, userId }: TestPerson): Promise<{ parentId: string }> {
  const [roleId, parentId] = [newId(), newId()];
  for (const [id, key] of [
    [roleId, `clerk"{}\\,-${roleId}`],
    [parentId, `base-${parentId}`],
  ] as const) {
    await weft.sql`insert into identity.roles (tenant_id, id, key, name) values (${tenantId}, ${id}, ${key}, 'Role')`;
    await weft.sql`insert into identity.role_ancestors (tenant_id, role_id, ancestor_id) values (${tenantId}, ${id}, ${id})`;
  }
  await weft.sql`insert into identity.role_ancestors (tenant_id, role_id, ancestor_id) values (${tenantId}, ${roleId}, ${parentId})`;
  await weft.sql`insert into identity.user_roles (tenant_id, user_id, role_id) values (${tenantId}, ${userId}, ${roleId})`;
  return { parentId };
}

/** Makes the person a user of a new vendor. */
async function joinVendor({ tenantId, userId }: TestPerson): Promise<void> {
  const id = newId();
  await weft.sql`insert into vendors.vendors (tenant_id, id, code, name) values (${tenantId}, ${id}, ${id}, 'Vendor')`;
  await weft.sql`update identity.users set type = 'VENDOR', vendor_id = ${id} where id = ${userId}`;
}

test("finds no change in sessions whose rights are those that were loaded: with one role, several, inherited ones, none, or as a vendor", async () => {
  const [plain, clerk, idle, vendor] = [await weft.person(), await weft.person(), await weft.person(), await weft.person()];
  await addRoles(clerk);
  await weft.sql`delete from identity.user_roles where user_id = ${idle.userId}`;
  await joinVendor(vendor);
  expect(await changed(await known([plain, clerk, idle, vendor, plain]))).toEqual([]);
  expect(await changed([])).toEqual([]);
});

test("finds every change that closes a socket, and no other session", async () => {
  const { sql } = weft;
  const changes: Record<string, (person: TestPerson) => Promise<unknown>> = {
    "the session is revoked": ({ sessionId }) => sql`update identity.sessions set revoked_at = now() where id = ${sessionId}`,
    "the session has expired": ({ sessionId }) => sql`update identity.sessions set expires_at = now() where id = ${sessionId}`,
    "the session is older than the default": ({ sessionId }) =>
      sql`update identity.sessions set created_at = now() - interval '2161 hours' where id = ${sessionId}`,
    "the session was not used for longer than the default": ({ sessionId }) =>
      sql`update identity.sessions set last_used_at = now() - interval '337 hours' where id = ${sessionId}`,
    "the session is older than the tenant allows": async ({ tenantId, sessionId }) => {
      await sql`update identity.sessions set created_at = now() - interval '2 hours' where id = ${sessionId}`;
      await sql`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
        values (${tenantId}, 'TENANT', ${tenantId}, 1, '{"security":{"sessionLifetimeHours":1}}', ${tenantId}, 'm')`;
    },
    "the session is deleted": ({ sessionId }) => sql`delete from identity.sessions where id = ${sessionId}`,
    "the user is disabled": ({ userId }) => sql`update identity.users set status = 'DISABLED' where id = ${userId}`,
    "the tenant is suspended": ({ tenantId }) => sql`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${tenantId}`,
    "the user's rights change": ({ userId }) => sql`update identity.users set rights_version = rights_version + 1 where id = ${userId}`,
    "the user joins a vendor": joinVendor,
    "the user becomes a service": ({ userId }) => sql`update identity.users set type = 'SERVICE' where id = ${userId}`,
    "a role changes": ({ tenantId }) => sql`update identity.roles set version = version + 1 where tenant_id = ${tenantId}`,
    "a role is taken away": ({ userId }) => sql`delete from identity.user_roles where user_id = ${userId}`,
    "a role is added": addRoles,
  };
  const persons = await Promise.all(Object.keys(changes).flatMap(() => [weft.person(), weft.person()]));
  const sessions = await known(persons);
  for (const [index, [what, change]] of Object.entries(changes).entries()) {
    const person = persons[2 * index];
    if (!person) throw new Error(`There is nobody for: ${what}.`);
    await change(person);
    expect(await changed(sessions), what).toEqual(Array.from({ length: index + 1 }, (_, n) => 2 * n));
  }
});

test("finds a change of an inherited role, and sessions of another user or tenant than is known", async () => {
  const [clerk, other] = [await weft.person(), await weft.person()];
  const { parentId } = await addRoles(clerk);
  const [session, foreign] = await known([clerk, other]);
  if (!session || !foreign) throw new Error("A session is missing.");
  const mixed = [{ ...session, digest: foreign.digest }, { ...session, tenantId: foreign.tenantId }, foreign];
  expect(await changed([session, ...mixed])).toEqual([1, 2]);
  await weft.sql`update identity.roles set version = version + 1 where id = ${parentId}`;
  expect(await changed([session, foreign])).toEqual([0]);
});

test("treats an API key as a session: finds no change while it is the same, and finds its end and every change of it", async () => {
  const { sql } = weft;
  const changes: Record<string, (id: string, person: TestPerson) => Promise<unknown>> = {
    "the key is revoked": (id, { userId }) => sql`update identity.api_keys set revoked_at = now(), revoked_by = ${userId} where id = ${id}`,
    "the key has expired": (id) => sql`update identity.api_keys set expires_at = now() where id = ${id}`,
    "the key is changed": (id) => sql`update identity.api_keys set version = version + 1 where id = ${id}`,
    "the rights of its user change": (_, { userId }) =>
      sql`update identity.users set rights_version = rights_version + 1 where id = ${userId}`,
  };
  const keys: { readonly id: string; readonly person: TestPerson }[] = [];
  for (const _ of Object.keys(changes)) {
    const person = await weft.person({ permissions: { "role.update": "TENANT" } });
    const id = newId();
    await sql`insert into identity.api_keys (tenant_id, id, user_id, name, secret_hash, hint, permissions, created_by)
      values (${person.tenantId}, ${id}, ${person.userId}, 'Key', 'h', 'h', '[]', ${person.userId})`;
    keys.push({ id, person });
  }
  const claims = keys.map(({ id, person }) => ({ tenantId: person.tenantId, userId: null, sessionId: id }));
  const states = await loadViewers(weft.services.databases.auth, claims);
  const sessions = claims.map((claim) => {
    const state = states.get(sessionKeyOf(claim));
    if (!state || !("viewer" in state)) throw new Error("The key has no viewer.");
    expect(state.viewer.permissions).toEqual({});
    return knownSession(state.viewer);
  });
  expect(await changed(sessions)).toEqual([]);
  for (const [index, [what, change]] of Object.entries(changes).entries()) {
    const key = keys[index];
    if (!key) throw new Error(`There is no key for: ${what}.`);
    await change(key.id, key.person);
    expect(await changed(sessions), what).toEqual(Array.from({ length: index + 1 }, (_, n) => n));
  }
});
