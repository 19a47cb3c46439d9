import { sql } from "drizzle-orm";
import { Extensions } from "type-graphql";
import { ReauthRequired } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { alone, named } from "@weft/platform/db";
import type { Context } from "../context/context.js";
import { checkRule, loggedOut } from "./rule.js";
import type { ObjectRule } from "./rule.js";

const extension = "weft.recentLogin";

/**
 * Requires, in addition to the rule of the root field, that the session's last login or `reauthenticate` was at most `security.stepUpMinutes` ago. For
 * operations with which somebody who found an unlocked device could do lasting harm: rights, secrets, exports, publishing. Otherwise the error is
 * REAUTH_REQUIRED, which the description of the field must name.
 */
export const RequiresRecentLogin = (): PropertyDecorator & MethodDecorator => Extensions({ [extension]: true });

export const requiresRecentLogin = (extensions: Readonly<Record<string | symbol, unknown>>): boolean => extensions[extension] === true;

/** Users with a recent login. Evaluated for each field, because a socket outlives the time, and a batch can be slow. */
export const recentLogin: ObjectRule = checkRule(
  "recentLogin",
  async (_parent, _args, context) => {
    const { maybeViewer: viewer } = context;
    if (!viewer) return loggedOut(viewer) ?? true;
    // A key proves itself with each request, and somebody with a recent login made it for what it can do.
    if (viewer.apiKey !== null) return true;
    const { services } = context as Context;
    const { stepUpMinutes } = (await effectiveConfigOf(services, viewer.tenantId)).security;
    const { authenticatedAt } = viewer;
    const isKnownRecent = authenticatedAt !== null && Date.parse(authenticatedAt) > Date.now() - stepUpMinutes * 60_000;
    // The viewer is up to half a second old, and older on a socket. A client that has just called `reauthenticate` must not be refused, nor everybody
    // by a process whose clock is fast.
    const isAllowed = isKnownRecent || (await hasRecentLogin(services, viewer, stepUpMinutes));
    return isAllowed || new ReauthRequired({ withinMinutes: stepUpMinutes });
  },
  { forRestricted: true },
);

/** Whether the session is open and its last login recent, by the database's clock. */
async function hasRecentLogin({ databases }: Context["services"], { tenantId, sessionId }: Viewer, minutes: number): Promise<boolean> {
  const [row] = await alone(databases.auth).execute<{ is_recent: boolean }>(
    named(
      "hasRecentLogin",
      sql`select authenticated_at > now() - make_interval(mins => ${minutes}::int) as is_recent from identity.sessions
        where tenant_id = ${tenantId}::uuid and id = ${sessionId}::uuid and revoked_at is null`,
    ),
  );
  return row?.is_recent ?? false;
}
