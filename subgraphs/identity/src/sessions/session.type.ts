import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { User } from "../users/user.type.js";

@InputType({ description: "Who you say you are." })
export class LoginInput {
  @Field(() => String, { description: "Email or user name, in any case." })
  login!: string;

  @Field(() => String, { description: "At most 256 characters." })
  password!: string;

  @Field(() => String, {
    nullable: true,
    description: "The tenant's slug; needed when the login name is used in several tenants, and for a tenant that registered itself.",
  })
  tenant?: string | null;
}

@ObjectType({ description: "A new session." })
@Allow(inherit)
export class LoginPayload {
  @Field(() => String, { description: "For the Authorization header: `Bearer <accessToken>`." })
  accessToken!: string;

  @Field(() => DateTimeScalar, { description: "When the access token stops working; renew it before." })
  accessTokenExpiresAt!: string;

  @Field(() => String, { description: "Opens the next access token, once; keep it secret." })
  refreshToken!: string;

  @Field(() => User, { description: "The user of the session, as `me` shows that user." })
  user!: User;
}

@InputType({ description: "What `refreshSession` takes." })
export class RefreshSessionInput {
  @Field(() => String, { description: "The last one that was issued." })
  refreshToken!: string;
}

@ObjectType({ description: "The session goes on." })
@Allow(inherit)
export class RefreshSessionPayload {
  @Field(() => String, { description: "For the Authorization header: `Bearer <accessToken>`." })
  accessToken!: string;

  @Field(() => DateTimeScalar, { description: "When the access token stops working; renew it before." })
  accessTokenExpiresAt!: string;

  @Field(() => String, { description: "Replaces the one that was sent." })
  refreshToken!: string;
}

@ObjectType({ description: "The session is over: its tokens open nothing any more, its sockets close." })
@Allow(inherit)
export class LogoutPayload {
  @Field(() => ID, { description: "The session that is over; TypeID, `ses_…`." })
  sessionId!: string;
}
