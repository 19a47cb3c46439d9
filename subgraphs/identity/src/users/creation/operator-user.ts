import { createHash } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { operatorUserDomain } from "../user-problems.js";
import { indexUser, insertUser, selectUserByEmail, selectUserById } from "../user.store.js";

/** A user of the platform tenant. */
export interface Operator {
  /** UUID */
  readonly id: string;
  readonly name: string;
}

/**
 * Email address and user name of an operator user. No email reaches it (RFC 2606), and no login finds it: operator users have neither a password nor
 * login names. It differs per tenant, so that tenants cannot correlate operators, or learn more about them than the name.
 */
const addressOf = (tenantId: string, { id }: Operator): string =>
  `${createHash("sha256").update(`${tenantId}/${id}`).digest("hex").slice(0, 32)}@${operatorUserDomain}`;

/**
 * Returns the operator user of a platform operator in the transaction's tenant, and creates it on the operator's first visit. With it, the operator's
 * changes have an actor whose name the tenant can see. It has no roles, because an operator's permissions come only from the session. It does not
 * count towards any limit.
 * @returns its UUID
 */
export async function operatorUserOf(tx: Tx, meta: Omit<WriteMeta, "actorId">, operator: Operator): Promise<string> {
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

/** Returns whether a user is an operator user. */
export const isOperatorUser = async (tx: Tx, userId: string): Promise<boolean> => (await selectUserById(tx, userId))?.type === "OPERATOR";
