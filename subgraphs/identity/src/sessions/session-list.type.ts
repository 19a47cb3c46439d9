import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { User } from "../users/user.type.js";
import { deviceOf } from "./device.js";
import type { SessionRow } from "./session-list.store.js";

const deviceColumns = columns({
  browser: column.text("Browser with its version, such as `Firefox 128`. Null if it is not known.", { nullable: true }),
  operatingSystem: column.text("Operating system, such as `Windows 10`. Null if it is not known.", { nullable: true }),
  userAgent: column.text("The whole user agent.", { nullable: true }),
});

@ShowColumns(deviceColumns)
@ObjectType({ description: "What the client said about itself when it logged in. Clients can send anything." })
@Allow(inherit)
export class SessionDevice extends shapeOf(deviceColumns) {}

const sessionColumns = columns({
  id: column.id("ID (`ses_…`)."),
  isCurrent: column.flag("Whether this request is part of the session."),
  device: column.of(() => SessionDevice, "Device of the login."),
  address: column.text("IP address of the login.", { nullable: true }),
  createdAt: column.time("Time of the login."),
  lastUsedAt: column.time("Last use, up to five minutes late."),
  expiresAt: column.time("Time at which the session ends, however much it is used."),
  idleExpiresAt: column.time("Time at which the session ends if it is not used until then."),
});

@ShowColumns(sessionColumns)
@ObjectType({ description: "An open session: a login on a device." })
@Allow(inherit)
export class Session extends shapeOf(sessionColumns) {
  readonly uuid!: string;
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
