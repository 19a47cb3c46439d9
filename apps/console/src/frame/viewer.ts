import { createContext, useContext } from "react";
import type { ConsoleViewerQuery } from "../gql/graphql";

/** The user who is logged in. */
export type Viewer = NonNullable<ConsoleViewerQuery["me"]>;

/** Null while the user is loaded. */
export const ViewerContext = createContext<Viewer | null>(null);

/** Loads the user again, after they have changed their profile. */
export const ReloadViewerContext = createContext<() => void>(() => undefined);

export const useViewer = (): Viewer | null => useContext(ViewerContext);

export const useViewerId = (): string | null => useViewer()?.id ?? null;

/** Whether the user has a permission, such as `request.read`, in any scope. Decides only what is shown: the server decides about each object. */
export const can = (viewer: Viewer | null, permission: string): boolean =>
  viewer?.effectivePermissions?.some((one) => one.permission === permission && one.scopes.length > 0) ?? false;

/** Whether the user sees requests of others for the organization: such users write internal comments, and attach internal files. */
export const isFromInside = (viewer: Viewer | null): boolean =>
  viewer?.type !== "VENDOR" &&
  (viewer?.effectivePermissions?.some((one) => one.permission === "request.read" && one.scopes.some((scope) => scope !== "OWN")) ?? false);
