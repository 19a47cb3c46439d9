import { newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { indexText } from "@weft/api/search";
import type { InstanceHead } from "../model/instance-head.js";

interface WrittenComment {
  readonly audience: "INTERNAL" | "PUBLIC";
  readonly text: string;
}

/**
 * Makes the request of an instance findable by a comment on its workflow. Instances without a request have no search. These comments are never changed
 * or deleted, so their words need no ID under which they could be found again.
 */
export async function indexComment(tx: Tx, { subjectType, subjectId }: InstanceHead, { audience, text }: WrittenComment): Promise<void> {
  if (subjectType !== "request" || subjectId === null) return;
  await indexText(tx, { objectType: "request", objectId: subjectId, sourceId: newId(), audience, vendorId: null, text });
}
