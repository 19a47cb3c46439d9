import { Allow, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Field, ID, ObjectType } from "type-graphql";
import type { OperatorSessionRow } from "./operator-session.store.js";

@ObjectType({ description: "A limited time in which a platform operator acts in a tenant." })
@Allow(inherit)
export class OperatorSession {
  readonly tenantUuid!: string;
  readonly standInUuid!: string;

  @Field(() => ID, { description: "TypeID, `ses_…`; audit entries name it as their session." })
  id!: string;

  @Field(() => String, { description: "Who it is." })
  operatorName!: string;

  @Field(() => String, { description: "Why, as the operator said." })
  reason!: string;

  @Field(() => Boolean, { description: "Whether it goes on: neither ended nor expired." })
  isActive!: boolean;

  @Field(() => DateTimeScalar, { description: "When it began." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it ends by itself." })
  expiresAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "When somebody ended it; null when nobody did." })
  endedAt!: string | null;
}

export function toOperatorSession(row: OperatorSessionRow): OperatorSession {
  return Object.assign(new OperatorSession(), {
    tenantUuid: row.tenantId,
    standInUuid: row.userId,
    id: encodeId("session", row.id),
    operatorName: row.operatorName,
    reason: row.reason,
    isActive: row.isActive,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    endedAt: row.revokedAt,
  });
}
