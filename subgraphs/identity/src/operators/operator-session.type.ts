import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import type { OperatorSessionRow } from "./operator-session.store.js";

const operatorSessionColumns = columns({
  id: column.id("ID (`ses_…`). Audit entries reference it as their session.", { created: false, isKey: true }),
  ...column.shownOnly({ operatorName: column.text("The operator.") }),
  tenantId: column.id("The tenant.", { shown: false }),
  reason: column.text("Reason given by the operator.", {
    created: "Reason (1 to 2000 characters). The tenant's administrators can read it.",
  }),
  minutes: column.int("Duration in minutes (1 to 60).", { shown: false, initial: 15 }),
  ...column.shownOnly({
    isActive: column.flag("Whether the session is active: neither ended nor expired."),
    createdAt: column.time("Start time."),
    expiresAt: column.time("Expiry."),
    endedAt: column.time("Time at which the session was ended early. Null if it was not.", { nullable: true }),
  }),
});

@ShowColumns(operatorSessionColumns)
@ObjectType({ description: "A session of limited duration in which a platform operator acts in a tenant." })
@Allow(inherit)
export class OperatorSession extends shapeOf(operatorSessionColumns) {
  readonly tenantUuid!: string;
  readonly operatorUserUuid!: string;
}

export const ActAsTenantInput = createInputOf("ActAsTenantInput", operatorSessionColumns);
export type ActAsTenantInput = InstanceType<typeof ActAsTenantInput>;

export function toOperatorSession(row: OperatorSessionRow): OperatorSession {
  return Object.assign(new OperatorSession(), operatorSessionColumns.shown(row), {
    tenantUuid: row.tenantId,
    operatorUserUuid: row.userId,
    id: encodeId("session", row.id),
    endedAt: row.revokedAt,
  });
}

export const OperatorSessionPayload = payloadOf(OperatorSession, "session");
export type OperatorSessionPayload = InstanceType<typeof OperatorSessionPayload>;
