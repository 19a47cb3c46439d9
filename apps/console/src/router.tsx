import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { dashboardSearch } from "./dashboard/dashboard-search";
import { Frame } from "./frame/frame";
import { NotFound } from "./frame/messages";
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
const dashboard = createRoute({
  getParentRoute: () => root,
  path: "/dashboard",
  validateSearch: dashboardSearch,
  component: lazyRouteComponent(() => import("./dashboard/dashboard-page"), "DashboardPage"),
});
const wall = createRoute({
  getParentRoute: () => root,
  path: "/dashboard/wall",
  validateSearch: dashboardSearch,
  staticData: { isWithoutFrame: true },
  component: lazyRouteComponent(() => import("./dashboard/wall-page"), "WallPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([start, inbox, dashboard, wall]),
  basepath: "/console",
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
  interface StaticDataRouteOption {
    /** Whether the page has the window for itself, without navigation. */
    readonly isWithoutFrame?: boolean;
  }
}
