import { Allow, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Field, ID, ObjectType } from "type-graphql";
import type { OperatorSessionRow } from "./operator-session.store.js";

@ObjectType({ description: "A session of limited duration in which a platform operator acts in a tenant." })
@Allow(inherit)
export class OperatorSession {
  readonly tenantUuid!: string;
  readonly operatorUserUuid!: string;

  @Field(() => ID, { description: "ID (`ses_…`). Audit entries reference it as their session." })
  id!: string;

  @Field(() => String, { description: "The operator." })
  operatorName!: string;

  @Field(() => String, { description: "Reason given by the operator." })
  reason!: string;

  @Field(() => Boolean, { description: "Whether the session is active: neither ended nor expired." })
  isActive!: boolean;

  @Field(() => DateTimeScalar, { description: "Start time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Expiry." })
  expiresAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the session was ended early. Null if it was not." })
  endedAt!: string | null;
}

export function toOperatorSession(row: OperatorSessionRow): OperatorSession {
  return Object.assign(new OperatorSession(), {
    tenantUuid: row.tenantId,
    operatorUserUuid: row.userId,
    id: encodeId("session", row.id),
    operatorName: row.operatorName,
    reason: row.reason,
    isActive: row.isActive,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    endedAt: row.revokedAt,
  });
}

export const OperatorSessionPayload = payloadOf(OperatorSession, "session");
export type OperatorSessionPayload = InstanceType<typeof OperatorSessionPayload>;
