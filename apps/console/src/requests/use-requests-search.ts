import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import type { RequestsSearch } from "./requests-search";

const route = getRouteApi("/requests");

type Changes = { readonly [key in keyof RequestsSearch]?: RequestsSearch[key] | undefined };

/** What the address says about the list, and a function that changes it. Undefined removes a member. */
export function useRequestsSearch() {
  const search: RequestsSearch = route.useSearch();
  const navigate = useNavigate({ from: "/requests" });
  const update = useCallback(
    (changes: Changes, { replace = false } = {}) =>
      void navigate({
        search: (before) =>
          Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== undefined)) as RequestsSearch,
        replace,
      }),
    [navigate],
  );
  return { search, update };
}
