import { LimitExceeded, MfaRequired, Unauthenticated } from "@weft/shared/errors";
import { clientOfParams } from "../../field-usage/client.js";
import type { Client } from "../../field-usage/client.js";
import type { Authenticated } from "../../viewer/authenticate.js";
import { closeReasonOf, ConnectionEnded } from "./connection.js";
import type { Connection } from "./connection.js";
import type { ProtocolOptions } from "../options.js";

/** What a client says about itself when it connects. */
export interface Introduction {
  readonly client: Client;
  readonly application: string | undefined;
  readonly wantsLivePings: boolean;
}

/**
 * Handles connection_init: loads the viewer, and admits the connection. Returns false if the socket is being closed. The close code gives the reason.
 */
export async function connect(
  connection: Connection,
  params: Readonly<Record<string, unknown>> | undefined,
  options: ProtocolOptions,
): Promise<boolean> {
  try {
    const authenticated = await authenticatedBehind(connection, authorizationOf(params), options);
    await admit(connection, authenticated, introductionIn(params), options);
    return true;
  } catch (error) {
    connection.socket.closeFor(closeReasonOf(error));
    return false;
  }
}

/**
 * Registers the connection for the user and the tenant, and joins the tenant's feed.
 * @throws MfaRequired, LimitExceeded for too many connections, ConnectionEnded if it is being closed
 */
export async function admit(
  connection: Connection,
  authenticated: Authenticated,
  { client, application, wantsLivePings }: Introduction,
  { feeds, byUser, byTenant, sessionConnections }: Pick<ProtocolOptions, "feeds" | "byUser" | "byTenant" | "sessionConnections">,
): Promise<void> {
  const { userId, tenantId, isRestricted } = authenticated.viewer;
  // It can only enrol a second factor, for which nobody needs a connection.
  if (isRestricted) throw new MfaRequired();
  if (connection.socket.isClosing) throw new ConnectionEnded();
  for (const [counts, key, limit] of [
    [byUser, userId, "socketsPerUser"],
    [byTenant, tenantId, "socketsPerTenant"],
  ] as const) {
    if (!counts.take(key)) throw new LimitExceeded({ limit, used: counts.max, allowed: counts.max });
    connection.onClosed.add(() => counts.release(key));
  }
  const { feed, leave } = await feeds.join(tenantId);
  connection.onClosed.add(leave);
  // It was closed while we waited, so nothing else would call this function.
  if (connection.socket.isClosing) leave();
  connection.client = client;
  connection.application = application;
  connection.wantsLivePings = wantsLivePings;
  connection.begin(authenticated, feed);
  if (!connection.socket.isClosing) connection.onClosed.add(sessionConnections.opened(authenticated.viewer));
}

function introductionIn(params: Readonly<Record<string, unknown>> | undefined): Introduction {
  const application = params?.["application"];
  return {
    client: clientOfParams(params),
    // No application has a longer name.
    application: typeof application === "string" && application.length <= 100 ? application : undefined,
    wantsLivePings: params?.["livePings"] === true,
  };
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
