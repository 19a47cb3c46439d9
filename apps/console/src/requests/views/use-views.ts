import { useWeft } from "@weft/react";
import { useCallback, useEffect, useState } from "react";
import { useViewer } from "../../frame/viewer";
import { viewsQuery, type SavedView } from "./views-operations";

/** The user's views of requests, and those that are shared with them. Null while they are loaded. No event tells of views: they are loaded with the page, and after a change. */
export function useViews(): { readonly views: readonly SavedView[] | null; readonly reload: () => void } {
  const client = useWeft();
  const type = useViewer()?.type ?? null;
  const [views, setViews] = useState<readonly SavedView[] | null>(null);
  const load = useCallback(async (): Promise<void> => {
    // Vendors have none. Without views, the list is still there.
    const result = type === "VENDOR" ? null : await client.query(viewsQuery, {}).catch(() => null);
    setViews(result?.savedViews?.edges.map(({ node }) => node) ?? []);
  }, [client, type]);
  useEffect(() => {
    if (type !== null) void load();
  }, [load, type]);
  return { views, reload: useCallback(() => void load(), [load]) };
}
