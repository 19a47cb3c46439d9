import { BadUserInput, DefinitionInvalid } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { checkSource } from "../source/check-source.js";
import type { PromoteDefinitionInput } from "../definition.input.js";
import { changedMeanwhile, changeOnce, getDefinition } from "../definition.service.js";
import type { Definition, DefinitionFormat, DefinitionRow } from "../definition.type.js";
import { updateVersion } from "../definition.writes.store.js";
import { assertSecondPerson } from "./four-eyes-publishing.js";
import { environmentsUpTo, type Environment } from "./environment.type.js";
import { assertMayCall } from "./new-integrations.js";
import { assertMayPublishSteps } from "./rights-of-steps.js";
import { assertMayUseSecrets } from "./used-secrets.js";

/** Promotes a published version to the next environment. It is checked again because roles can have been deleted since it was published. */
export function promoteDefinition(ctx: Context, { idempotencyKey: key, ...input }: PromoteDefinitionInput): Promise<Definition> {
  const id = decodeId("definition", input.id, "input.id");
  const call = { mutation: "promoteDefinition", key, input };
  return changeOnce(ctx, { id, permission: "definition.publish", call }, async (tx) => {
    const before = await getDefinition(tx, ctx, id, "definition.publish", input.expectedVersion);
    assertNext(before, input.to);
    await assertSecondPerson(ctx, before);
    const text = { source: before.source, format: before.format as DefinitionFormat };
    const { problems, machine } = await checkSource(tx, ctx.computing, text, { isKept: true });
    if (problems.length > 0) throw new DefinitionInvalid(problems);
    await assertMayCall(tx, ctx, { definition: before, machine, environments: [input.to], verb: "promote" });
    assertMayUseSecrets(ctx.viewer, { definition: before, machine, verb: "promote" });
    assertMayPublishSteps(ctx.viewer, { definition: before, machine, verb: "promote" });
    const after = await updateVersion(tx, before, { environments: environmentsUpTo(input.to) });
    if (!after) throw changedMeanwhile(before);
    const payload = { key: after.key, number: after.number, environment: input.to };
    await appendEvents(tx, ctx.meta, [{ type: "definition.promoted", subjectId: id, subjectVersion: after.version, payload }]);
    await writeAudit(tx, ctx.meta, [{ action: "definition.promote", entityType: "definition", entityId: id, before, after }]);
    return after;
  });
}

function assertNext({ key, number, status, environments }: DefinitionRow, to: Environment): void {
  const version = `Version ${number} of ${key}`;
  if (status !== "PUBLISHED")
    throw new BadUserInput([{ path: "input.id", message: `${version} is ${status}; only published versions can be promoted.` }]);
  if (environments.includes(to)) throw new BadUserInput([{ path: "input.to", message: `${version} is already in ${to}.` }]);
  const missing = environmentsUpTo(to).find((one) => one !== to && !environments.includes(one));
  if (missing) throw new BadUserInput([{ path: "input.to", message: `${version} is not in ${missing} yet. Promote it there first.` }]);
}
