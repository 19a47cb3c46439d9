import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { StartRefused } from "@weft/platform/config";
import { contained } from "@weft/platform/logging";
import type { FastifyInstance } from "fastify";

/** Listens and returns the address as a URL. `settings`: the names of the port and host settings. @throws StartRefused if listening is not possible */
export async function listenAt(
  app: FastifyInstance,
  { port, host }: { readonly port: number; readonly host: string },
  settings: readonly [string, string],
): Promise<string> {
  await app.listen({ port, host }).catch((error: unknown) => {
    throw listenRefusal(error, `${host}:${port}`, settings) ?? error;
  });
  if (!app.server.listening) await once(app.server, "listening");
  const { address, family, port: given } = app.server.address() as AddressInfo;
  const name = address === "0.0.0.0" || address === "::" ? "localhost" : family === "IPv6" ? `[${address}]` : address;
  return `http://${name}:${given}`;
}

/** Returns the reason why listening failed, as a sentence that says what to do. */
function listenRefusal(error: unknown, where: string, [port, host]: readonly [string, string]): StartRefused | undefined {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Another program is listening on ${where}. Stop it, or set ${port} to a free port.`,
    EACCES: `This user does not have permission to listen on ${where}. Set ${port} to 1024 or higher.`,
    EADDRNOTAVAIL: `The address ${where} is not available on this machine. Set ${host} to an address of this machine, or to 0.0.0.0.`,
    ENOTFOUND: `The address ${where} cannot be resolved. Set ${host} to an address of this machine, or to 0.0.0.0.`,
  };
  const reason = reasons[String((error as { code?: unknown }).code)];
  return reason === undefined ? undefined : new StartRefused(reason, { isFinal: true, cause: error });
}

/** Closes a server when its running requests are finished, or after this time. */
export async function closeWithin(app: FastifyInstance, timeoutMs: number): Promise<void> {
  const cutOff = setTimeout(
    contained("cutting off connections", () => app.server.closeAllConnections()),
    timeoutMs,
  );
  // Connections that were busy when the drain began are kept alive after their response, and nothing else would close them.
  const idle = setInterval(
    contained("closing idle connections", () => app.server.closeIdleConnections()),
    20,
  );
  try {
    await app.close();
  } finally {
    clearTimeout(cutOff);
    clearInterval(idle);
  }
}
