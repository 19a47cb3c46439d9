import { type Connector, type ConnectorContext, ConnectorError } from "@weft/connectors";
import { newId } from "@weft/shared/ids";
import { outboundClient, type OutboundPolicy } from "@weft/platform/outbound";

/** Time of a check. Its caller waits for it. */
const CHECK_TIMEOUT_MS = 8_000;

/** Returns why a system cannot be reached with the credentials; null if it can. */
export async function checkOf(
  policy: OutboundPolicy,
  connector: Connector,
  { configuration, credentials }: Pick<ConnectorContext, "configuration" | "credentials">,
): Promise<string | null> {
  const outbound = outboundClient(policy);
  try {
    const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
    await connector.check({ configuration, credentials, policy, outbound, signal, timeoutMs: CHECK_TIMEOUT_MS, callId: newId() });
    return null;
  } catch (error) {
    if (error instanceof ConnectorError) return messageOf(error);
    throw error;
  } finally {
    await outbound.close();
  }
}

/** Returns the message of an error as it is stored: PostgreSQL accepts no NUL in texts, and JSON no unpaired surrogates. */
export const messageOf = ({ message }: Error): string => message.replaceAll("\0", "").toWellFormed().slice(0, 500);
