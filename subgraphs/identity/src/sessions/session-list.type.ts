import { Allow, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { User } from "../users/user.type.js";
import { deviceOf } from "./device.js";
import type { SessionRow } from "./session-list.store.js";

@ObjectType({ description: "What the client said about itself when it logged in. Clients can send anything." })
@Allow(inherit)
export class SessionDevice {
  @Field(() => String, { nullable: true, description: "Browser with its version, such as `Firefox 128`. Null if it is not known." })
  browser!: string | null;

  @Field(() => String, { nullable: true, description: "Operating system, such as `Windows 10`. Null if it is not known." })
  operatingSystem!: string | null;

  @Field(() => String, { nullable: true, description: "The whole user agent." })
  userAgent!: string | null;
}

@ObjectType({ description: "An open session: a login on a device." })
@Allow(inherit)
export class Session {
  readonly uuid!: string;

  @Field(() => ID, { description: "ID (`ses_…`)." })
  id!: string;

  @Field(() => Boolean, { description: "Whether this request is part of the session." })
  isCurrent!: boolean;

  @Field(() => SessionDevice, { description: "Device of the login." })
  device!: SessionDevice;

  @Field(() => String, { nullable: true, description: "IP address of the login." })
  address!: string | null;

  @Field(() => DateTimeScalar, { description: "Time of the login." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Last use, up to five minutes late." })
  lastUsedAt!: string;

  @Field(() => DateTimeScalar, { description: "Time at which the session ends, however much it is used." })
  expiresAt!: string;

  @Field(() => DateTimeScalar, { description: "Time at which the session ends if it is not used until then." })
  idleExpiresAt!: string;
}

export function toSession(row: SessionRow, currentId: string): Session {
  const { id, userAgent, address, createdAt, lastUsedAt, expiresAt, idleExpiresAt } = row;
  const device = Object.assign(new SessionDevice(), { ...deviceOf(userAgent), userAgent });
  const times = { createdAt, lastUsedAt, expiresAt, idleExpiresAt };
  return Object.assign(new Session(), { uuid: id, id: encodeId("session", id), isCurrent: id === currentId, device, address, ...times });
}

@ObjectType({ description: "Your other sessions have ended." })
@Allow(inherit)
export class RevokeOtherSessionsPayload {
  @Field(() => Int, { description: "Number of sessions that this call ended." })
  endedCount!: number;
}

@InputType({ description: "Input of `revokeUserSessions`." })
export class RevokeUserSessionsInput {
  @Field(() => ID, { description: "The user." })
  userId!: string;

  @Field(() => ID, { nullable: true, description: "One session of the user. Omit it to end all." })
  sessionId?: string | null;
}

@ObjectType({ description: "Sessions of the user have ended." })
@Allow(inherit)
export class RevokeUserSessionsPayload {
  @Field(() => User, { description: "The user." })
  user!: User;

  @Field(() => Int, { description: "Number of sessions that this call ended." })
  endedCount!: number;
}
