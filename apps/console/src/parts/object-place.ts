import type { useRouter } from "@tanstack/react-router";

export interface ObjectRef {
  readonly __typename: string;
  readonly id: string;
}

/** The pages of objects, by type. Those that this console does not have are left out by `placeOf`. */
const places: Readonly<Record<string, { readonly path: string; readonly search?: (id: string) => Readonly<Record<string, string>> }>> = {
  Task: { path: "/inbox", search: (id) => ({ task: id }) },
  Request: { path: "/requests/$id" },
  Project: { path: "/projects/$id" },
  Vendor: { path: "/vendors/$id" },
  Asset: { path: "/assets/$id" },
  User: { path: "/users/$id" },
};

/** Returns where an object is shown, for `navigate`; null if the console has no page for it. */
export function placeOf(router: ReturnType<typeof useRouter>, object: ObjectRef | null | undefined) {
  const place = object && places[object.__typename];
  if (!object || !place || !(place.path in router.routesByPath)) return null;
  return { to: place.path, params: { id: object.id }, search: place.search?.(object.id) ?? {} } as never;
}
