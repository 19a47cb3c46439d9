import type { WeftError } from "@weft/client";
import { useViewer } from "../../frame/viewer";
import { useLoaded } from "../../parts/use-loaded";
import { viewsQuery, type SavedView } from "./views-operations";

interface Views {
  /** Null while they are loaded, and if they could not be. */
  readonly views: readonly SavedView[] | null;
  readonly error: WeftError | null;
  readonly reload: () => void;
}

/** The user's views of requests, and those that are shared with them. No event tells of views: they are loaded with the page, and after a change. */
export function useViews(): Views {
  const type = useViewer()?.type ?? null;
  const { data, error, reload } = useLoaded(viewsQuery, type === null || type === "VENDOR" ? null : {});
  // Vendors have none.
  const views = type === "VENDOR" ? [] : (data?.savedViews?.edges.map(({ node }) => node) ?? null);
  return { views, error, reload: () => void reload() };
}
