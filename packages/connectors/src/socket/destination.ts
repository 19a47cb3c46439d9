/** Destinations of connectors that speak another protocol than HTTP. */
import { refusalOfAddresses } from "@weft/platform/outbound";
import { z } from "zod";
import type { ConnectorContext, Problem } from "../connector.js";

/** A host name or an IP address, as it is compared and connected to. */
export const hostSchema = z
  .string()
  .min(1)
  .max(253)
  .regex(/^(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*|[0-9a-f:]*:[0-9a-f:.]*)$/)
  // The system reads 127.1, 0x7f.1 and the like as addresses.
  .refine(
    (host) => !/(?:^|\.)(?:0x[0-9a-f]*|\d+)$/.test(host) || z.ipv4().safeParse(host).success,
    "The IP address is not written with four numbers",
  );

export const portSchema = z.int().min(1).max(65_535);

/** Certificates of authorities, in addition to the usual ones. */
export const caSchema = z
  .string()
  .max(20_000)
  .regex(/^\s*(?:-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/);

/** Returns why a destination cannot be saved. */
export async function problemsOfDestination(
  { policy, resolve }: Pick<ConnectorContext, "policy" | "resolve">,
  { host, port }: { readonly host: string; readonly port: number },
  ports: (port: number) => boolean,
): Promise<Problem[]> {
  const refusal = await refusalOfAddresses(policy, { host, port }, ports, resolve);
  if (refusal === null) return [];
  const path = refusal.startsWith("port ") ? "configuration.port" : "configuration.host";
  return [{ path, message: `The server ${JSON.stringify(`${host}:${port}`)} cannot be connected to: ${refusal}.` }];
}
