import { can, type Viewer } from "../frame/viewer";

/** Whether the user sees work of others, so that sums say something. */
export const canWatch = (viewer: Viewer | null): boolean =>
  can(viewer, "workflow.read") &&
  (viewer?.effectivePermissions?.some(
    ({ permission, scopes }) =>
      permission === "workflow.read" && scopes.some((scope) => scope === "TENANT" || scope === "TEAM" || scope === "BUILDING"),
  ) ??
    false);
