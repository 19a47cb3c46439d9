import { Forbidden } from "@weft/shared/errors";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Context } from "@weft/api/context";
import type { DefinitionRow } from "../definition.type.js";

/**
 * If `security.fourEyesPublishing` is on, authors of a version cannot publish it, and cannot promote a version that one of them published while the
 * setting was off. Programs cannot be the second person: whoever has the key of a service account or of a colleague may have written the source.
 * @throws Forbidden
 */
export async function assertSecondPerson(ctx: Context, { key, number, authorIds, publishedBy }: DefinitionRow): Promise<void> {
  if (publishedBy !== null && !authorIds.includes(publishedBy)) return;
  const { security } = await effectiveConfigOf(ctx.services, ctx.viewer.tenantId);
  if (!security.fourEyesPublishing) return;
  const way = "Ask another user with the permission definition.publish. The setting security.fourEyesPublishing requires a second person.";
  if (authorIds.includes(ctx.viewer.userId)) throw new Forbidden(`You are an author of version ${number} of ${key}. ${way}`);
  if (ctx.viewer.userType === "SERVICE")
    throw new Forbidden(`Service accounts cannot be the second person who publishes version ${number} of ${key}. ${way}`);
  if (ctx.viewer.apiKey !== null)
    throw new Forbidden(`With an API key, nobody can be the second person who publishes version ${number} of ${key}. ${way}`);
}
