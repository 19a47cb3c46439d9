import { parseAnyId } from "@weft/shared";

/** The UUID behind an id as definitions write it (`usr_…`, `tem_…`): rows and actors know UUIDs. Null for a text that is no id of the kind. */
export function uuidOfId(kind: "user" | "team", id: string): string | null {
  const parsed = parseAnyId(id);
  return parsed?.type === kind ? parsed.uuid : null;
}
