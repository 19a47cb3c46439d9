import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startCleaner } from "../cleaning/cleaner.js";
import { asTenant } from "../db/as-tenant.js";
import { pastChallenges, pastPendingLogins } from "../passwords/past-pending-logins.js";
import { pastMails } from "./past-mails.js";
import { pastTokens } from "./past-tokens.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

test("deletes finished mails and one-time tokens after a month, and keeps pending ones regardless of their age", async () => {
  const { tenantId, actorId } = await bare.tenant();
  await bare.owner`insert into app.mails (tenant_id, id, person_id, template, destination_hash, status, content, finished_at, created_at)
    select ${tenantId}, gen_random_uuid(), ${actorId}, 'invitation', status || days, status,
           case when status = 'PENDING' then 'sealed' end, case when status <> 'PENDING' then now() end, now() - make_interval(days => days)
      from unnest(array['PENDING', 'SENT', 'FAILED', 'DROPPED']) status, unnest(array[29, 31, 32]) days`;
  const users = await bare.owner<{ id: string }[]>`insert into identity.users (tenant_id, id, type, email, username, name, status)
    select ${tenantId}, gen_random_uuid(), 'EMPLOYEE', n || '@past.example', 'past' || n, 'N', 'INVITED' from generate_series(1, 3) n returning id`;
  await bare.owner`insert into identity.one_time_tokens (tenant_id, id, user_id, purpose, email_hash, created_at, expires_at, used_at, revoked_at)
    select ${tenantId}::uuid, gen_random_uuid(), u.id, 'INVITATION', kind || days, now() - make_interval(days => days), now(),
           case when kind = 'used' then now() end, case when kind = 'void' then now() end
      from unnest(array['used', 'void']) kind, unnest(array[29, 31, 32]) days, (select ${users[0]?.id ?? ""}::uuid as id) u
    union all
    select ${tenantId}::uuid, gen_random_uuid(), ${users[1]?.id ?? ""}::uuid, 'INVITATION', 'waits31', now() - interval '31 days', now(), null::timestamptz, null::timestamptz`;
  const cleaner = startCleaner({
    databases: bare.databases,
    log: { info: () => undefined, error: () => undefined },
    chores: [pastMails, pastTokens],
    firstAfterMs: 0,
  });
  const left = async () => ({
    mails: (await bare.owner`select destination_hash as name from app.mails where tenant_id = ${tenantId} order by 1`).map(({ name }) =>
      String(name),
    ),
    tokens: (await bare.owner`select email_hash as name from identity.one_time_tokens where tenant_id = ${tenantId} order by 1`).map(
      ({ name }) => String(name),
    ),
  });
  await until(async () => (await left()).tokens.length <= 3, { what: "what is over is gone" });
  await cleaner.stop();
  expect(await left()).toEqual({
    mails: ["DROPPED29", "FAILED29", "PENDING29", "PENDING31", "PENDING32", "SENT29"],
    tokens: ["used29", "void29", "waits31"],
  });
});

test("deletes logins that wait for a second factor a day after they expired, the oldest first", async () => {
  const { tenantId } = await bare.tenant();
  const [user] = await bare.owner<{ id: string }[]>`insert into identity.users (tenant_id, id, type, email, username, name, status)
    values (${tenantId}, gen_random_uuid(), 'EMPLOYEE', 'waits@past.example', 'waits', 'N', 'ACTIVE') returning id`;
  await bare.owner`insert into identity.pending_logins (tenant_id, id, user_id, password_fingerprint, name_hash, address, expires_at)
    select ${tenantId}, gen_random_uuid(), ${user?.id ?? ""}, 'f', 'n', 'h' || hours, now() - make_interval(hours => hours)
      from unnest(array[-1, 23, 25, 26]) hours`;
  const left = async () =>
    (await bare.owner`select address from identity.pending_logins where tenant_id = ${tenantId} order by expires_at`).map(({ address }) =>
      String(address),
    );
  const forget = (limit: number) =>
    asTenant(bare.databases.worker, { tenantId }, "write", (tx) => pastPendingLogins.deleteSome(tx, limit, tenantId));
  expect([await forget(1), await left()]).toEqual([1, ["h25", "h23", "h-1"]]);
  expect([await forget(9), await forget(9), await left()]).toEqual([1, 0, ["h23", "h-1"]]);
});

test("deletes used challenges of passkeys a day after they expired", async () => {
  const { tenantId } = await bare.tenant();
  const [user] = await bare.owner<{ id: string }[]>`insert into identity.users (tenant_id, id, type, email, username, name, status)
    values (${tenantId}, gen_random_uuid(), 'EMPLOYEE', 'keys@past.example', 'keys', 'N', 'ACTIVE') returning id`;
  await bare.owner`insert into identity.used_challenges (tenant_id, user_id, challenge_hash, expires_at)
    select ${tenantId}, ${user?.id ?? ""}, 'h' || hours, now() - make_interval(hours => hours) from unnest(array[-1, 23, 25, 26]) hours`;
  const forget = (limit: number) =>
    asTenant(bare.databases.worker, { tenantId }, "write", (tx) => pastChallenges.deleteSome(tx, limit, tenantId));
  expect([await forget(1), await forget(9), await forget(9)]).toEqual([1, 1, 0]);
  const left = await bare.owner`select challenge_hash from identity.used_challenges where tenant_id = ${tenantId} order by expires_at`;
  expect(left.map((row) => String(row["challenge_hash"]))).toEqual(["h23", "h-1"]);
});
