import { audit, identity } from "@weft/drizzle";
import { idField } from "@weft/api/filters";
import { sql } from "drizzle-orm";

const { auditEntries } = audit;
const { apiKeys } = identity;

const byId = idField("apiKey", auditEntries.sessionId, "API key with which the actor acted.");
const isOfKey = sql`exists (select from ${apiKeys} where ${apiKeys.tenantId} = ${auditEntries.tenantId} and ${apiKeys.id} = ${auditEntries.sessionId})`;

/**
 * Conditions on the API key of an entry, which takes the place of a session. Entries of a key are those of its owner, so they are found by the index of
 * actors.
 */
export const apiKeyField: typeof byId = {
  ...byId,
  condition: (operator, operand, path, by) => {
    if (operator === "isNull") return operand === true ? sql`(not ${isOfKey})` : isOfKey;
    const condition = byId.condition(operator, operand, path, by);
    if (operator === "ne") return sql`(${isOfKey} and ${condition})`;
    const owners = sql`select ${apiKeys.userId} from ${apiKeys} where ${byIdOfKeys.condition(operator, operand, path, by)}`;
    return sql`(${condition} and ${auditEntries.actorId} ${operator === "in" ? sql`in` : sql`=`} (${owners}))`;
  },
};

const byIdOfKeys = idField("apiKey", apiKeys.id);
