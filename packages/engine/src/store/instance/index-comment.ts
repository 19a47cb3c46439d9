import type { Tx } from "@weft/platform/db";
import { indexText } from "@weft/api/search";
import type { InstanceHead } from "../model/instance-head.js";

interface WrittenComment {
  readonly audience: "INTERNAL" | "PUBLIC";
  readonly text: string;
  /** ID of the comment's row. Its words are deleted by it. */
  readonly id: string;
}

/**
 * Makes the request of an instance findable by a comment on its workflow. Instances without a request have no search. These comments are changed only by an
 * erasure of their author, which deletes the words.
 */
export async function indexComment(
  tx: Tx,
  { subjectType, subjectId }: InstanceHead,
  { id, audience, text }: WrittenComment,
): Promise<void> {
  if (subjectType !== "request" || subjectId === null) return;
  await indexText(tx, { objectType: "request", objectId: subjectId, sourceId: id, audience, vendorId: null, text });
}
