import { BadUserInput, Conflict, quote } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import type { Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { getDefinition } from "../../definitions/definition.service.js";
import { toDefinition, type Definition, type DefinitionRow } from "../../definitions/definition.type.js";
import { copiedContent } from "../../definitions/life-cycle/clone-definition.service.js";
import { addDraft, isTakenKey } from "../../definitions/source/definition-drafts.js";
import { inPartner, metaInPartner, ownTenant } from "../both-sides.js";
import { DefinitionShareMode } from "../share.type.js";
import {
  announceUse,
  assertBelowLimit,
  getReceived,
  getUsable,
  loadSponsor,
  lockUsable,
  recordUse,
  unavailable,
  type Received,
} from "./usable.js";
import { isCopyOf } from "./use.store.js";
import type { CopySharedDefinitionInput } from "./use.type.js";

/**
 * Copies the published version of a shared definition into a draft of the viewer's tenant: the first of its key, or the next one if earlier versions were
 * copied from the same definition. It is a definition like any other from then on, and belongs to the viewer's tenant, also after a revocation.
 * @throws NotFound, Conflict, BadUserInput, DefinitionInvalid
 */
export async function copyShared(ctx: Context, { idempotencyKey, ...input }: CopySharedDefinitionInput): Promise<Definition> {
  const shareId = decodeId("definitionShare", input.shareId, "input.shareId");
  const problems = [...textProblems("input.key", input.key, { max: 64 }), ...textProblems("input.name", input.name, { max: 200 })];
  if (problems.length > 0) throw new BadUserInput(problems);
  const call = { mutation: "copySharedDefinition", key: idempotencyKey ?? null, input };
  const received = await ctx.read((tx) => getReceived(tx, shareId));
  const sponsor = await loadSponsor(ctx, received);
  return ctx.inTenant(async (tx) => {
    let made: DefinitionRow | undefined;
    const { result } = await once(tx, ctx.meta, call, async () => {
      made = await copy(ctx, tx, { received, sponsor, ...input });
      return { id: made.id };
    });
    return toDefinition(made ?? (await getDefinition(tx, ctx, result["id"] ?? "", "definition.create")));
  });
}

/** Each copy writes to the owner's audit log. */
const MAX_COPIES_PER_HOUR = 60;

type Labels = Pick<CopySharedDefinitionInput, "key" | "name">;

type Copying = Labels & { readonly received: Received; readonly sponsor: Viewer | null };

/** The owner's lock comes last, because its revocations wait for it: what takes long, such as compiling, is done before. */
async function copy(ctx: Context, tx: Tx, { received, sponsor, key, name }: Copying): Promise<DefinitionRow> {
  const { id: shareId, partnerId: ownerId } = received;
  const { tenantId: recipientId, userId: usedBy } = ctx.viewer;
  const recipient = await ownTenant(tx);
  if (!recipient.isActive) throw unavailable();
  const id = newId();
  const used = { id: shareId, recipientId, mode: DefinitionShareMode.COPY, sponsor };
  const { version: original } = await inPartner(ctx, tx, ownerId, (inside) => getUsable(inside, used));
  const content = await copiedContent(tx, ctx, original, { key: key ?? null, name: name ?? null });
  if ((await isTakenKey(tx, content.key)) && !(await isCopyOf(tx, { key: content.key, shareId })))
    throw new BadUserInput([
      {
        path: "input.key",
        message: `The definition ${quote(content.key)} already exists, and is not a copy of the shared one. Choose another key.`,
      },
    ]);
  await inPartner(ctx, tx, ownerId, async (inside) => {
    const { share, version } = await lockUsable(inside, used);
    if (version.id !== original.id) throw new Conflict("The definition has just been published again. Try again.");
    await assertBelowLimit(inside, share.id, { limit: MAX_COPIES_PER_HOUR, uses: "copies" });
    const meta = metaInPartner(ctx, ownerId);
    await announceUse(inside, meta, share, id);
    await recordUse(inside, meta, share, { id, partnerName: recipient.name, definitionNumber: version.number });
  });
  const draft = await addDraft(tx, ctx, content);
  const use = {
    id,
    partnerName: received.partnerName ?? received.partnerSlug,
    usedBy,
    definitionId: draft.id,
    definitionNumber: original.number,
  };
  await announceUse(tx, ctx.meta, received, id);
  await recordUse(tx, ctx.meta, received, use);
  return draft;
}
