import { Unauthenticated } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { viewerOfUser } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";

/**
 * Returns with whose rights SCIM changes users and teams. A key for SCIM needs only `user.provision`, so that it can do nothing else. It can change users
 * who have more rights than the key, but none who have more than its service account. Keys of people get no rights of their owners.
 * @throws Unauthenticated if the account was disabled in the meantime
 */
export async function holderOf({ viewer, services }: Context): Promise<Viewer> {
  if (viewer.apiKey === null || viewer.userType !== "SERVICE") return viewer;
  const { tenantId, userId } = viewer;
  const account = await viewerOfUser(services.databases.auth, { tenantId, userId, sessionId: newId() });
  if (account === null) throw new Unauthenticated();
  return account;
}
