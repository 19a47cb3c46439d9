import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { User } from "../users/user.type.js";

@InputType({ description: "Who you say you are." })
export class LoginInput {
  @Field(() => String, { description: "Email or user name, in any case." })
  login!: string;

  @Field(() => String)
  password!: string;

  @Field(() => String, { nullable: true, description: "The tenant's slug; needed when the login name is used in several tenants." })
  tenant?: string | null;
}

@ObjectType({ description: "A new session." })
@Allow(inherit)
export class LoginPayload {
  @Field(() => String, { description: "For the Authorization header: `Bearer <accessToken>`." })
  accessToken!: string;

  @Field(() => DateTimeScalar)
  accessTokenExpiresAt!: string;

  @Field(() => String, { description: "Opens the next access token, once; keep it secret." })
  refreshToken!: string;

  @Field(() => User)
  user!: User;
}

@InputType()
export class RefreshSessionInput {
  @Field(() => String)
  refreshToken!: string;
}

@ObjectType({ description: "The session goes on." })
@Allow(inherit)
export class RefreshSessionPayload {
  @Field(() => String)
  accessToken!: string;

  @Field(() => DateTimeScalar)
  accessTokenExpiresAt!: string;

  @Field(() => String, { description: "Replaces the one that was sent." })
  refreshToken!: string;
}

@ObjectType({ description: "The session is over: its tokens open nothing any more, its sockets close." })
@Allow(inherit)
export class LogoutPayload {
  @Field(() => ID)
  sessionId!: string;
}
