import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Context } from "../context/context.js";
import { assertTimeZone } from "./period.js";

/**
 * Returns the time zone that is asked for, by default that of the organization.
 * @param path of the input that contains it
 * @throws BadUserInput if the name is not that of a time zone
 */
export async function timeZoneOf(
  { services, viewer }: Pick<Context, "services" | "viewer">,
  { timeZone }: { readonly timeZone?: string | null | undefined },
  path = "filter",
): Promise<string> {
  const name = timeZone ?? (await effectiveConfigOf(services, viewer.tenantId)).timeZone;
  assertTimeZone(name, `${path}.timeZone`);
  return name;
}
