import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { Frame } from "./frame/frame";
import { NotFound } from "./frame/messages";
import { filtersOf, type InboxFilters } from "./inbox/filters";
import { InboxPage } from "./inbox/inbox-page";
import { isQueue, type QueueName } from "./inbox/queues";

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });
const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    redirect({ to: "/inbox", throw: true });
  },
});
export interface InboxSearch extends InboxFilters {
  readonly queue?: QueueName;
  /** ID of the task that is open. */
  readonly task?: string;
}
const inbox = createRoute({
  getParentRoute: () => root,
  path: "/inbox",
  validateSearch: ({ queue, task, ...filters }: Record<string, unknown>): InboxSearch => ({
    ...(isQueue(queue) && { queue }),
    ...filtersOf(filters),
    ...(typeof task === "string" && { task }),
  }),
  component: InboxPage,
});

const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: lazyRouteComponent(() => import("./account/account-page"), "AccountPage"),
});
const security = createRoute({
  getParentRoute: () => root,
  path: "/account/security",
  component: lazyRouteComponent(() => import("./account/security-page"), "SecurityPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([start, inbox, account, security]),
  basepath: "/console",
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
