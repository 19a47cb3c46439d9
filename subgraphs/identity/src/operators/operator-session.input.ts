import { ConnectionArgs, connectionOf } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { ArgsType, Field, ID, ObjectType } from "type-graphql";
import { OperatorSession } from "./operator-session.type.js";

export const { Connection: OperatorSessionConnection } = connectionOf(OperatorSession);

@ArgsType()
export class OperatorSessionsArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: "Only sessions in this tenant, among those you can see." })
  tenantId?: string | null;

  @Field(() => Boolean, { nullable: true, description: "`true` for active sessions, `false` for ended sessions." })
  isActive?: boolean | null;
}

@ObjectType({ description: "Payload of `actAsTenant`." })
@Allow(inherit)
export class ActAsTenantPayload {
  @Field(() => String, { description: "Access token. Send it as `Authorization: Bearer <accessToken>`. It cannot be renewed." })
  accessToken!: string;

  @Field(() => DateTimeScalar, { description: "Time at which the session ends, even during an operation." })
  accessTokenExpiresAt!: string;

  @Field(() => OperatorSession, { description: "The session, as the tenant's administrators see it." })
  session!: OperatorSession;
}
