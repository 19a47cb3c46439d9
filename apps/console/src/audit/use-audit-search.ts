import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import type { AuditSearch } from "./audit-search";

const route = getRouteApi("/audit");

type Changes = { readonly [key in keyof AuditSearch]?: AuditSearch[key] | undefined };

/** Returns what the address says with changes. Undefined removes a member. */
export const searchWith = (search: AuditSearch, changes: Changes): AuditSearch =>
  Object.fromEntries(Object.entries({ ...search, ...changes }).filter(([, value]) => value !== undefined)) as AuditSearch;

/** What the address says about the trail, and a function that changes it. */
export function useAuditSearch() {
  const search: AuditSearch = route.useSearch();
  const navigate = useNavigate({ from: "/audit" });
  const update = useCallback(
    (changes: Changes, { replace = false } = {}) => void navigate({ search: (before) => searchWith(before, changes), replace }),
    [navigate],
  );
  return { search, update };
}
