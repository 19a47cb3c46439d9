import { decodeId, encodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { IdInput } from "@weft/api/inputs";
import { allOf, Allow, anyOf, can, inherit, inPerson, self, VendorPortal } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { toUser, User } from "../users/user.type.js";
import * as service from "./session-list.service.js";
import { RevokeOtherSessionsPayload, RevokeUserSessionsInput, RevokeUserSessionsPayload, Session, toSession } from "./session-list.type.js";
import { EndedSessionPayload } from "./session.type.js";

/** An API key reads its user's profile, but not where the user is logged in. */
const own = allOf(inPerson, self);

@Resolver()
export class SessionListResolver {
  @Query(() => [Session], { nullable: true, description: "Your open sessions, most recently used first; a hundred at most." })
  @Allow(inPerson)
  @VendorPortal()
  async sessions(@Ctx() ctx: Context): Promise<Session[] | null> {
    return sessionsOf(ctx, ctx.viewer.userId);
  }

  @Mutation(() => EndedSessionPayload, {
    description:
      "Ends one of your sessions immediately, including its WebSockets. A session that is already over stays as it is. Errors: NOT_FOUND.",
  })
  @Allow(inPerson)
  @VendorPortal()
  async revokeSession(
    @Arg("input", () => IdInput, { description: "The session (`ses_…`)." }) { id }: IdInput,
    @Ctx() ctx: Context,
  ): Promise<EndedSessionPayload> {
    await service.revokeSession(ctx, id);
    return { sessionId: encodeId("session", decodeId("session", id)) };
  }

  @Mutation(() => RevokeOtherSessionsPayload, {
    description: "Ends all your sessions except this one, immediately, including their WebSockets.",
  })
  @Allow(inPerson)
  @VendorPortal()
  async revokeOtherSessions(@Ctx() ctx: Context): Promise<RevokeOtherSessionsPayload> {
    return { endedCount: await service.revokeOtherSessions(ctx) };
  }

  @Mutation(() => RevokeUserSessionsPayload, {
    description:
      "Ends all sessions of a user, or one of them, immediately, including their WebSockets. Errors: NOT_FOUND, FORBIDDEN (a user with more rights).",
  })
  @Allow(can("user.update"))
  async revokeUserSessions(
    @Arg("input", () => RevokeUserSessionsInput, { description: "The input." }) input: RevokeUserSessionsInput,
    @Ctx() ctx: Context,
  ): Promise<RevokeUserSessionsPayload> {
    const { user, endedCount } = await service.revokeUserSessions(ctx, input);
    return { user: toUser(user), endedCount };
  }
}

@Resolver(() => Session)
export class SessionConnectionsResolver {
  @FieldResolver(() => Int, {
    description:
      "Number of open WebSocket connections, over all gateways. Changes usually show within three seconds; connections of a gateway that crashed disappear after 90 seconds.",
  })
  @Allow(inherit)
  async connectionCount(@Root() session: Session, @Ctx() ctx: Context): Promise<number> {
    return (await service.loadConnections(ctx, session.uuid))?.count ?? 0;
  }

  @FieldResolver(() => DateTimeScalar, {
    nullable: true,
    description: "Time at which the oldest open WebSocket connection was opened. Null if there is none. As fresh as `connectionCount`.",
  })
  @Allow(inherit)
  async connectedSince(@Root() session: Session, @Ctx() ctx: Context): Promise<string | null> {
    return (await service.loadConnections(ctx, session.uuid))?.since ?? null;
  }
}

@Resolver(() => User)
export class UserSessionsResolver {
  @FieldResolver(() => [Session], {
    nullable: true,
    description: "Open sessions, most recently used first; a hundred at most. For oneself, and for those who can update the user.",
  })
  @Allow(anyOf(can("user.update"), own))
  sessions(@Root() user: User, @Ctx() ctx: Context): Promise<Session[] | null> {
    return sessionsOf(ctx, user.uuid);
  }

  @FieldResolver(() => DateTimeScalar, {
    nullable: true,
    description: "Time of the last login. Null if there was none. For oneself, and for those who can update the user.",
  })
  @Allow(anyOf(can("user.update"), own))
  async lastLoginAt(@Root() user: User, @Ctx() ctx: Context): Promise<string | null> {
    return (await service.loadLastLogin(ctx, user.uuid))?.at ?? null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "IP address of the last login. For oneself, and for those who can update the user.",
  })
  @Allow(anyOf(can("user.update"), own))
  async lastLoginAddress(@Root() user: User, @Ctx() ctx: Context): Promise<string | null> {
    return (await service.loadLastLogin(ctx, user.uuid))?.address ?? null;
  }
}

async function sessionsOf(ctx: Context, userUuid: string): Promise<Session[] | null> {
  const rows = await service.loadSessions(ctx, userUuid);
  return rows?.map((row) => toSession(row, ctx.viewer.sessionId)) ?? null;
}

export const sessionListModule: SubgraphModule = {
  resolvers: { "sign-in": [SessionListResolver, SessionConnectionsResolver, UserSessionsResolver] },
};
