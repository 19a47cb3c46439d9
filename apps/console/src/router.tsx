import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { Frame } from "./frame/frame";
import { NotFound } from "./frame/messages";
import { InboxPage } from "./inbox/inbox-page";
import { isQueue, type QueueName } from "./inbox/queues";
import { validateRequestsSearch } from "./requests/requests-search";

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

const requests = createRoute({
  getParentRoute: () => root,
  path: "/requests",
  validateSearch: validateRequestsSearch,
  component: lazyRouteComponent(() => import("./requests/requests-page"), "RequestsPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([start, inbox, requests]),
  basepath: "/console",
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
