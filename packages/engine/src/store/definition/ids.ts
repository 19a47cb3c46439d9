import { parseAnyId } from "@weft/shared/ids";

/**
 * Returns the UUID of an ID as definitions write it (`usr_…`, `tem_…`), because rows and actors contain UUIDs. Null for a text that is not an ID of
 * the type.
 */
export function uuidOfId(kind: "user" | "team", id: string): string | null {
  const parsed = parseAnyId(id);
  return parsed?.type === kind ? parsed.uuid : null;
}
