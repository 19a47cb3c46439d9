import { Allow, ConnectionArgs, connectionOf, DateTimeScalar, inherit } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { OperatorSession } from "./operator-session.type.js";

export const { Connection: OperatorSessionConnection } = connectionOf(OperatorSession);

@ArgsType()
export class OperatorSessionsArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: "Of this tenant alone; what you see reaches no further than it does without." })
  tenantId?: string | null;

  @Field(() => Boolean, { nullable: true, description: "true: those that go on; false: those that are over." })
  isActive?: boolean | null;
}

@InputType({ description: "What `actAsTenant` takes." })
export class ActAsTenantInput {
  @Field(() => ID, { description: "The tenant." })
  tenantId!: string;

  @Field(() => String, { description: "Why; 1 to 2000 characters. The tenant's administrators read it." })
  reason!: string;

  @Field(() => Int, { defaultValue: 15, description: "How long; 1 to 60." })
  minutes!: number;
}

@ObjectType({ description: "What `actAsTenant` answers." })
@Allow(inherit)
export class ActAsTenantPayload {
  @Field(() => String, { description: "For the Authorization header: `Bearer <accessToken>`. It cannot be renewed." })
  accessToken!: string;

  @Field(() => DateTimeScalar, { description: "When it ends, whatever is under way." })
  accessTokenExpiresAt!: string;

  @Field(() => OperatorSession, { description: "As the tenant's administrators see it." })
  session!: OperatorSession;
}

@InputType({ description: "What `endOperatorSession` takes." })
export class EndOperatorSessionInput {
  @Field(() => ID, { description: "The session." })
  id!: string;
}

@ObjectType({ description: "What `endOperatorSession` answers." })
@Allow(inherit)
export class EndOperatorSessionPayload {
  @Field(() => OperatorSession, { description: "The session as it is now." })
  session!: OperatorSession;
}
