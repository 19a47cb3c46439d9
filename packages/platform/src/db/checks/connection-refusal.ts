import { StartRefused } from "../../config/start-refused.js";
import { ServiceUnavailable } from "@weft/shared/errors";
import { databaseFaultOf } from "../errors.js";

const unreachable = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CONNECT_TIMEOUT",
]);
/** invalid_password, invalid_authorization_specification, invalid_catalog_name */
const refused = new Set(["28P01", "28000", "3D000"]);

/** Returns why a connection could not be opened, with the setting, the host and the port; undefined if the error is another one. */
export function connectionRefusal(
  error: unknown,
  { setting, url }: { readonly setting: string; readonly url: string },
): StartRefused | undefined {
  const thrown = error instanceof ServiceUnavailable ? error.cause : error;
  const code = databaseFaultOf(thrown)?.code;
  if (code === undefined) return undefined;
  const where = `${setting}: PostgreSQL at ${addressOf(url)}`;
  if (unreachable.has(code))
    return new StartRefused(`${where} cannot be reached (${code}). Check that it is running and that the host and port are correct.`, {
      isFinal: false,
      cause: error,
    });
  if (refused.has(code))
    return new StartRefused(`${where} rejected the connection: ${innermost(thrown).message}. Check the user, password, and database.`, {
      isFinal: true,
      cause: error,
    });
  return undefined;
}

/** Host and port, or the folder of the socket file. Never the password. */
function addressOf(url: string): string {
  const { hostname, port, searchParams } = new URL(url);
  return searchParams.get("host") ?? `${hostname}:${port || "5432"}`;
}

function innermost(error: unknown): Error {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof Error ? inner : new Error(String(inner));
}
