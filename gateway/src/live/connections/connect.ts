import { MfaRequired, Unauthenticated } from "@weft/shared/errors";
import { clientOfParams } from "../../field-usage/client.js";
import type { Authenticated } from "../../viewer/authenticate.js";
import { closeCodes } from "./close-codes.js";
import { closeReasonOf } from "./connection.js";
import type { Connection } from "./connection.js";
import type { ProtocolOptions } from "../options.js";

/**
 * Handles connection_init: loads the viewer, registers the socket for the user and the tenant, and joins the tenant's feed. Returns false if the
 * socket is being closed. The close code gives the reason.
 */
export async function connect(
  connection: Connection,
  params: Readonly<Record<string, unknown>> | undefined,
  { authenticate, anonymous, feeds, byUser, byTenant, sessionConnections }: ProtocolOptions,
): Promise<boolean> {
  try {
    const authenticated = await authenticatedBehind(connection, authorizationOf(params), { authenticate, anonymous });
    const { userId, tenantId, isRestricted } = authenticated.viewer;
    // It can only enrol a second factor, for which nobody needs a socket.
    if (isRestricted) throw new MfaRequired();
    if (connection.socket.isClosing) return false;
    for (const [counts, key] of [
      [byUser, userId],
      [byTenant, tenantId],
    ] as const) {
      if (!counts.take(key)) {
        connection.socket.closeFor(closeCodes.tooMany);
        return false;
      }
      connection.onClosed.add(() => counts.release(key));
    }
    const { feed, leave } = await feeds.join(tenantId);
    connection.onClosed.add(leave);
    // The socket closed while we waited, so nothing else would call this function.
    if (connection.socket.isClosing) leave();
    connection.client = clientOfParams(params);
    const application = params?.["application"];
    // No application has a longer name.
    connection.application = typeof application === "string" && application.length <= 100 ? application : undefined;
    connection.wantsLivePings = params?.["livePings"] === true;
    connection.begin(authenticated, feed);
    if (!connection.socket.isClosing) connection.onClosed.add(sessionConnections.opened(authenticated.viewer));
    return true;
  } catch (error) {
    connection.socket.closeFor(closeReasonOf(error));
    return false;
  }
}

/** A socket without a valid token counts as a request without one. */
async function authenticatedBehind(
  { address, cookieToken }: Pick<Connection, "address" | "cookieToken">,
  authorization: string | undefined,
  { authenticate, anonymous }: Pick<ProtocolOptions, "authenticate" | "anonymous">,
): Promise<Authenticated> {
  try {
    const claims = await authenticate.claimsOf(authorization ?? (cookieToken === undefined ? undefined : `Bearer ${cookieToken}`));
    if (!claims) throw new Unauthenticated();
    return await authenticate.viewerOf(claims, address);
  } catch (error) {
    if (error instanceof Unauthenticated) await anonymous.count(address, 0);
    throw error;
  }
}

/** Returns `authorization`, in any capitalization, like the HTTP header. */
function authorizationOf(params: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const entry = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === "authorization");
  return typeof entry?.[1] === "string" ? entry[1] : undefined;
}
