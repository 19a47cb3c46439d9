import { BadUserInput } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";

import { changedMeanwhile, changeOnce, getDefinition } from "../definition.service.js";
import type { Definition } from "../definition.type.js";
import { updateVersion } from "../definition.writes.store.js";

type Step = {
  readonly verb: "deprecate" | "retire";
  readonly from: readonly string[];
  readonly to: "DEPRECATED" | "RETIRED";
  readonly event: "definition.deprecated" | "definition.retired";
};

/** Deprecates a version: new instances use it only if the key has no published version. */
export const deprecateDefinition = (ctx: Context, input: KeyedVersionedIdInput): Promise<Definition> =>
  takeStep(ctx, input, { verb: "deprecate", from: ["PUBLISHED"], to: "DEPRECATED", event: "definition.deprecated" });

/** Retires a version: new instances cannot use it, running instances continue. */
export const retireDefinition = (ctx: Context, input: KeyedVersionedIdInput): Promise<Definition> =>
  takeStep(ctx, input, { verb: "retire", from: ["PUBLISHED", "DEPRECATED"], to: "RETIRED", event: "definition.retired" });

function takeStep(ctx: Context, { idempotencyKey, ...input }: KeyedVersionedIdInput, { verb, from, to, event }: Step): Promise<Definition> {
  const id = decodeId("definition", input.id, "input.id");
  const call = { mutation: `${verb}Definition`, key: idempotencyKey, input };
  return changeOnce(ctx, { id, permission: "definition.publish", call }, async (tx) => {
    const before = await getDefinition(tx, ctx, id, "definition.publish", input.expectedVersion);
    const { key, number, status } = before;
    if (!from.includes(status)) {
      const instead = status === "DRAFT" ? " To delete a draft, use deleteDefinition." : "";
      const message = `Version ${number} of ${key} is ${status}; to ${verb} it, it must be ${from.join(" or ")}.${instead}`;
      throw new BadUserInput([{ path: "input.id", message }]);
    }
    const after = await updateVersion(tx, before, { status: to });
    if (!after) throw changedMeanwhile(before);
    await appendEvents(tx, ctx.meta, [{ type: event, subjectId: id, subjectVersion: after.version, payload: { key, number } }]);
    await writeAudit(tx, ctx.meta, [{ action: `definition.${verb}`, entityType: "definition", entityId: id, before, after }]);
    return after;
  });
}
