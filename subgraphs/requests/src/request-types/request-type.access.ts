import type { Viewer } from "@weft/shared/viewer";

interface Restricted {
  readonly roleKeys: readonly string[];
  readonly teamIds: readonly string[];
}

/** Whether the type is meant for the viewer: it names a role or a team of theirs, or none at all. */
export const canUse = ({ roles, teamIds: own }: Viewer, { roleKeys, teamIds }: Restricted): boolean =>
  (roleKeys.length === 0 && teamIds.length === 0) || roleKeys.some((key) => roles.includes(key)) || teamIds.some((id) => own.includes(id));
