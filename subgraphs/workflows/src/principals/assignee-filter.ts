import { BadUserInput, quote } from "@weft/shared/errors";
import { parseAnyId } from "@weft/shared/ids";

/** The user or the vendor to whom counted instances are assigned. The ID is a UUID. */
export interface WantedAssignee {
  readonly type: "user" | "vendor";
  readonly id: string;
}

/** Reads `filter.assigneeId`. @throws BadUserInput if it is not the ID of a user or a vendor */
export function wantedAssignee(text: string): WantedAssignee {
  const parsed = parseAnyId(text);
  if (parsed?.type === "user" || parsed?.type === "vendor") return { type: parsed.type, id: parsed.uuid };
  throw new BadUserInput([
    { path: "filter.assigneeId", message: `${quote(text)} is not a valid ID of a user (usr_…) or a vendor (ven_…).` },
  ]);
}
