import type { Redis } from "ioredis";

/** What a URL of Redis says. */
type Address = Pick<Redis["options"], "host" | "port" | "path" | "username" | "password" | "db" | "tls">;

/**
 * Lets a client use another URL: from now on if only the credentials differ, and with a new connection otherwise. Commands that wait for an answer get it.
 * @param isSubscriber it can send no other commands, so that it connects again; it subscribes again then
 */
export async function useRedisUrl(
  client: Redis,
  url: string,
  { isSubscriber = false }: { readonly isSubscriber?: boolean } = {},
): Promise<void> {
  const next = await addressOf(url);
  const { options } = client;
  const isSameServer = options.host === next.host && options.port === next.port && options.path === next.path && options.db === next.db;
  // The client reads its options at each connection.
  Object.assign(options, next);
  if (client.status !== "ready") return;
  if (isSameServer && !isSubscriber && next.password !== undefined && next.password !== null) {
    await (next.username ? client.auth(next.username, next.password) : client.auth(next.password));
    return;
  }
  client.disconnect(true);
}

/** As the client reads it. */
async function addressOf(url: string): Promise<Address> {
  const { Redis } = await import("ioredis");
  const { host, port, path, username, password, db, tls } = new Redis(url, { lazyConnect: true }).options;
  return { host, port, path, username, password, db, tls } as Address;
}
