import { createHash } from "node:crypto";
import { appendEvents, newId, writeAudit } from "@weft/shared";
import type { Tx, WriteMeta } from "@weft/shared";
import { standInDomain } from "./user-problems.js";
import { indexUser, insertUser, selectUserByEmail, selectUserById } from "./user.store.js";

/** A user of the platform tenant. */
export interface Operator {
  /** UUID */
  readonly id: string;
  readonly name: string;
}

/**
 * Email and user name. No mail ever gets there (RFC 2606), and no login looks it up: a stand-in has neither a password nor login names. Another one in
 * each tenant, which does not tell who the operator is elsewhere: tenants shall not compare notes, nor know of the platform's people more than the name.
 */
const addressOf = (tenantId: string, { id }: Operator): string =>
  `${createHash("sha256").update(`${tenantId}/${id}`).digest("hex").slice(0, 32)}@${standInDomain}`;

/**
 * The user that stands for a platform operator in the transaction's tenant, made at his first time there: what he does has an actor whom the tenant
 * sees by name. It has no roles; what an operator may comes from his session alone. It counts in no limit.
 * @returns its UUID
 */
export async function standInOf(tx: Tx, meta: Omit<WriteMeta, "actorId">, operator: Operator): Promise<string> {
  const { tenantId } = meta;
  const address = addressOf(tenantId, operator);
  const existing = await selectUserByEmail(tx, address);
  if (existing) return existing.id;
  const id = newId();
  const row = await insertUser(tx, {
    tenantId,
    id,
    email: address,
    username: address,
    name: `Platform operator ${operator.name}`.slice(0, 200),
    type: "OPERATOR",
    status: "ACTIVE",
  });
  await indexUser(tx, id);
  await meta.keyring.create(tx, tenantId, id);
  const asItself = { ...meta, actorId: id };
  await writeAudit(tx, asItself, [{ action: "user.create", entityType: "user", entityId: id, before: null, after: row }]);
  await appendEvents(tx, asItself, [{ type: "user.created", subjectId: id, subjectVersion: row.version, payload: { type: row.type } }]);
  return id;
}

/** Whether a user stands for a platform operator. */
export const isStandIn = async (tx: Tx, userId: string): Promise<boolean> => (await selectUserById(tx, userId))?.type === "OPERATOR";
