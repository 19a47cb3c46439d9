import { keysOfSessions, limitedToKey, viewersOfUsers } from "@weft/platform/rights";
import { Forbidden } from "@weft/shared/errors";
import { type Permission, reachesAll, type Viewer } from "@weft/shared/viewer";
import type { Database } from "@weft/platform/db";
import type { StepOperation } from "@weft/api/step-operations";

type Run = Pick<StepOperation, "runId" | "userId" | "publisherId" | "sessionIds" | "agent">;

/**
 * Returns the rights that the operation of a run has: those that the owner of the instance and the publisher of its definition both have now, and that
 * every API key with which the instance was started or changed has too. An agent has of these what it was given, as far as its author and those of the
 * agents that have asked it have it as well.
 * @throws Forbidden if there are none
 */
export async function viewerOfRun(
  auth: Database,
  tenantId: string,
  { runId, userId, publisherId, sessionIds, agent }: Run,
): Promise<Viewer> {
  if (userId === null) throw new Forbidden("The instance has no owner, so its steps cannot use the API.");
  if (publisherId === null) throw new Forbidden("Nobody has published the definition, so its steps cannot use the API.");
  const userIds = [...new Set([userId, publisherId, ...(agent?.authorIds ?? [])])];
  const viewers = await viewersOfUsers(auth, { tenantId, userIds, sessionId: runId });
  const keys = await keysOfSessions(auth, tenantId, sessionIds);
  const owner = usable(viewers.get(userId), "owner of the instance");
  const publisher = usable(viewers.get(publisherId), "publisher of the definition");
  let viewer = commonRights(owner, publisher);
  for (const authorId of agent?.authorIds ?? []) viewer = commonRights(viewer, usable(viewers.get(authorId), "author of the agent"));
  if (agent !== null) viewer = withPermissions(viewer, agent.permissions);
  for (const { key, tenantKind, isOver } of keys) {
    if (isOver)
      throw new Forbidden("The instance was started or changed with an API key that is no longer valid, so its steps cannot use the API.");
    // What the operation starts is limited by the key as well.
    viewer = { ...viewer, ...limitedToKey(viewer, key, tenantKind), sessionId: key.id };
  }
  return viewer;
}

function usable(viewer: Viewer | undefined, who: string): Viewer {
  if (viewer === undefined) throw new Forbidden(`The ${who} is not active, so its steps cannot use the API.`);
  if (viewer.vendorId !== null) throw new Forbidden(`The ${who} is a user of a vendor, so its steps cannot use the API.`);
  return viewer;
}

/** Returns the viewer with only these permissions. What team leads can do without a permission is not among them. */
export function withPermissions(viewer: Viewer, permissions: readonly string[]): Viewer {
  const kept = Object.entries(viewer.permissions).filter(([permission]) => permissions.includes(permission));
  return {
    ...viewer,
    permissions: Object.fromEntries(kept) as Viewer["permissions"],
    ledTeamIds: permissions.includes("team.update") ? viewer.ledTeamIds : [],
    rightsVersion: `${viewer.rightsVersion}/only:${permissions.toSorted().join(",")}`,
  };
}

/**
 * Returns the owner with those permissions that the publisher has in the whole tenant: a narrower scope of the publisher is about other objects than
 * that of the owner. A run counts as an API key, because what only people can do is not for programs.
 */
export function commonRights(owner: Viewer, publisher: Viewer): Viewer {
  const apiKey = { id: owner.sessionId, operationsPerMinute: null };
  if (owner.userId === publisher.userId) return { ...owner, apiKey };
  const permissions = Object.fromEntries(
    Object.entries(owner.permissions).filter(([permission]) => reachesAll(publisher, permission as Permission)),
  ) as Viewer["permissions"];
  return {
    ...owner,
    apiKey,
    permissions,
    roles: owner.roles.filter((role) => publisher.roles.includes(role)),
    ledTeamIds: owner.ledTeamIds.filter((team) => publisher.ledTeamIds.includes(team) || reachesAll(publisher, "team.update")),
    rightsVersion: `${owner.rightsVersion}/publisher:${publisher.userId}:${publisher.rightsVersion}`,
  };
}
