import { Unauthenticated } from "@weft/shared";
import { closeCodes } from "./close-codes.js";
import { closeReasonOf } from "./connection.js";
import type { Connection } from "./connection.js";
import type { ProtocolOptions } from "./options.js";

/**
 * Answers connection_init: the viewer, a place among the sockets of user and tenant, the tenant's feed. False when the socket is being
 * closed, for a reason that its code says.
 */
export async function connect(
  connection: Connection,
  params: Readonly<Record<string, unknown>> | undefined,
  { authenticate, feeds, byUser, byTenant }: ProtocolOptions,
): Promise<boolean> {
  try {
    const authenticated = await authenticate(authorizationOf(params));
    if (!authenticated) throw new Unauthenticated();
    const { userId, tenantId } = authenticated.viewer;
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
    // Closed while we waited: nobody would call it any more.
    if (connection.socket.isClosing) leave();
    connection.begin(authenticated, feed);
    return true;
  } catch (error) {
    connection.socket.closeFor(closeReasonOf(error));
    return false;
  }
}

/** `authorization`, in whatever case clients write it, as the HTTP header would be. */
function authorizationOf(params: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const entry = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === "authorization");
  return typeof entry?.[1] === "string" ? entry[1] : undefined;
}
