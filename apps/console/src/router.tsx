import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { Frame } from "./frame/frame";
import { NotFound } from "./frame/messages";
import { InboxPage } from "./inbox/inbox-page";
import { isQueue, type QueueName } from "./inbox/queues";
import type { RequestTimelineKind } from "./gql/graphql";
import { isKind, isTab, type TabName } from "./request/tabs";

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });
const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    redirect({ to: "/inbox", throw: true });
  },
});
export interface InboxSearch {
  readonly queue?: QueueName;
  /** ID of the task that is open. */
  readonly task?: string;
}
const inbox = createRoute({
  getParentRoute: () => root,
  path: "/inbox",
  validateSearch: ({ queue, task }: Record<string, unknown>): InboxSearch => ({
    ...(isQueue(queue) && { queue }),
    ...(typeof task === "string" && { task }),
  }),
  component: InboxPage,
});
export interface RequestSearch {
  readonly tab?: TabName;
  /** The only kind of entries that the history shows. */
  readonly kind?: RequestTimelineKind;
}
const request = createRoute({
  getParentRoute: () => root,
  path: "/requests/$id",
  validateSearch: ({ tab, kind }: Record<string, unknown>): RequestSearch => ({
    ...(isTab(tab) && { tab }),
    ...(isKind(kind) && { kind }),
  }),
  component: lazyRouteComponent(() => import("./request/request-page"), "RequestPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([start, inbox, request]),
  basepath: "/console",
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
