import type { useRouter } from "@tanstack/react-router";
import { homeOf, isPlaceOf } from "../frame/home";
import type { Viewer } from "../frame/viewer";

export interface ObjectRef {
  readonly __typename: string;
  readonly id: string;
}

interface Place {
  readonly path: string;
  readonly search?: (id: string) => Readonly<Record<string, string>>;
}

/** The pages of objects, by type, for users with the given first page. Those that this console does not have are left out by `placeOf`. */
const places: Readonly<Record<ReturnType<typeof homeOf>, Readonly<Record<string, Place>>>> = {
  "/inbox": {
    Task: { path: "/inbox", search: (id) => ({ task: id }) },
    Request: { path: "/requests/$id" },
    Project: { path: "/projects/$id" },
    Vendor: { path: "/vendors/$id" },
    Asset: { path: "/assets/$id" },
    User: { path: "/users/$id" },
  },
  "/portal": {
    Task: { path: "/portal/tasks/$id" },
    Request: { path: "/portal/requests/$id" },
  },
  "/vendor": {
    Request: { path: "/vendor/requests/$id" },
    ProjectTask: { path: "/vendor/project-tasks/$id" },
  },
};

/** Returns where an object is shown to the user, for `navigate`; null if the console has no page of it for them. */
export function placeOf(router: ReturnType<typeof useRouter>, viewer: Viewer | null, object: ObjectRef | null | undefined) {
  const place = object && viewer && places[homeOf(viewer)][object.__typename];
  if (!object || !place || !isPlaceOf(viewer, place.path) || !(place.path in router.routesByPath)) return null;
  return { to: place.path, params: { id: object.id }, search: place.search?.(object.id) ?? {} } as never;
}
