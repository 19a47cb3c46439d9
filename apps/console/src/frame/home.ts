import { can, type Viewer } from "./viewer";

/** Whether the inbox is a place for the user: somebody who only sees tasks of their own requests finds them in the portal. */
export const usesInbox = (viewer: Viewer | null): boolean =>
  viewer?.type !== "VENDOR" &&
  (can(viewer, "task.complete") ||
    (viewer?.effectivePermissions?.some(
      ({ permission, scopes }) => permission === "task.read" && scopes.some((scope) => scope !== "OWN"),
    ) ??
      false));

export const usesPortal = (viewer: Viewer | null): boolean => viewer?.type !== "VENDOR" && can(viewer, "request.create");

/** The first page of the user. */
export function homeOf(viewer: Viewer): "/inbox" | "/portal" | "/vendor" {
  if (viewer.type === "VENDOR") return "/vendor";
  return !usesInbox(viewer) && usesPortal(viewer) ? "/portal" : "/inbox";
}

export const seesAudit = (viewer: Viewer | null): boolean => viewer?.type !== "VENDOR" && can(viewer, "audit.read");

export const seesReports = (viewer: Viewer | null): boolean => viewer?.type !== "VENDOR" && can(viewer, "complianceReport.read");
export const seesPrivacy = (viewer: Viewer | null): boolean =>
  viewer?.type !== "VENDOR" && (can(viewer, "privacy.read") || can(viewer, "privacy.manage"));

/** Whether an address is of a page that exists for the user. Users of a vendor have their portal and their account, and nothing else. */
export function isPlaceOf(viewer: Viewer, path: string): boolean {
  const isOf = (...places: readonly string[]): boolean => places.some((place) => path === place || path.startsWith(`${place}/`));
  if (path === "/") return true;
  if (viewer.type === "VENDOR") return isOf("/vendor", "/account");
  if (isOf("/portal")) return usesPortal(viewer);
  if (isOf("/audit")) return seesAudit(viewer);
  if (isOf("/reports")) return seesReports(viewer);
  if (isOf("/privacy")) return seesPrivacy(viewer);
  return !isOf("/vendor");
}
