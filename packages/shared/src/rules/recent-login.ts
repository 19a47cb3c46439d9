import { sql } from "drizzle-orm";
import { Extensions } from "type-graphql";
import { effectiveConfigOf } from "../configuration/effective.js";
import type { Context } from "../context/context.js";
import { alone } from "../db/alone.js";
import { named } from "../db/named.js";
import { ReauthRequired } from "../errors/errors.js";
import type { Viewer } from "../viewer/viewer.js";
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
    const isRecent = (at: string | null): boolean => at !== null && Date.parse(at) > Date.now() - stepUpMinutes * 60_000;
    // The viewer is up to half a second old, and older on a socket. A client that has just called `reauthenticate` must not be refused.
    const isAllowed = isRecent(viewer.authenticatedAt) || isRecent(await findAuthenticatedAt(services, viewer));
    return isAllowed || new ReauthRequired({ withinMinutes: stepUpMinutes });
  },
  { forRestricted: true },
);

/** Returns the time of the session's last login, from the database. Null if the session has ended. */
async function findAuthenticatedAt({ databases }: Context["services"], { tenantId, sessionId }: Viewer): Promise<string | null> {
  const [row] = await alone(databases.auth).execute<{ at: string }>(
    named(
      "findAuthenticatedAt",
      sql`select to_char(authenticated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from identity.sessions
        where tenant_id = ${tenantId}::uuid and id = ${sessionId}::uuid and revoked_at is null`,
    ),
  );
  return row?.at ?? null;
}
