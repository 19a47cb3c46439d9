import { Forbidden, effectiveConfigOf, type Context } from "@weft/shared";
import type { DefinitionRow } from "./definition.type.js";

/**
 * Where `security.fourEyesPublishing` is on, none of the authors of a version publishes it, nor promotes what one of them published while it was off. A service
 * account is nobody's second pair of eyes: whoever holds its key may have written the text. @throws Forbidden
 */
export async function assertSecondPerson(ctx: Context, { key, number, authorIds, publishedBy }: DefinitionRow): Promise<void> {
  if (publishedBy !== null && !authorIds.includes(publishedBy)) return;
  const { security } = await effectiveConfigOf(ctx.services, ctx.viewer.tenantId);
  if (!security.fourEyesPublishing) return;
  const way = "Ask somebody else with definition.publish: security.fourEyesPublishing asks for a second person.";
  if (authorIds.includes(ctx.viewer.userId)) throw new Forbidden(`You are an author of version ${number} of ${key}. ${way}`);
  if (ctx.viewer.userType === "SERVICE")
    throw new Forbidden(`A service account cannot be the second person who publishes version ${number} of ${key}. ${way}`);
}
