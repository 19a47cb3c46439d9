/** How to connect with postgres.js. */
export interface SocketAddress {
  readonly url: string;
  /** `path` is the socket file, if the URL has one. */
  readonly options: { readonly path?: string };
}

/**
 * Reads the directory of a Unix socket from a URL, where psql and libpq expect it: `postgres://user@localhost:5432/weft?host=/run/postgresql`. postgres.js
 * would send it to the server as a setting.
 */
export function socketAddress(given: string): SocketAddress {
  const url = new URL(given);
  const host = url.searchParams.get("host");
  if (host === null || !host.startsWith("/")) return { url: given, options: {} };
  url.searchParams.delete("host");
  return { url: url.href, options: { path: `${host}/.s.PGSQL.${url.port === "" ? 5432 : url.port}` } };
}
