import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { validateAuditSearch } from "./audit/audit-search";
import { dashboardSearch } from "./dashboard/dashboard-search";
import { PageFailed } from "./frame/error-boundary";
import { Frame } from "./frame/frame";
import { NotFound } from "./frame/messages";
import { Home } from "./frame/place";
import { filtersOf, type InboxFilters } from "./inbox/filters";
import { isQueue, type QueueName } from "./inbox/queues";
import { validatePrivacySearch } from "./privacy/privacy-search";
import type { RequestTimelineKind } from "./gql/graphql";
import { isKind, isTab, type TabName } from "./request/tabs";
import { validateReportsSearch } from "./reports/reports-search";
import { validateRequestsSearch } from "./requests/requests-search";

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });
const start = createRoute({ getParentRoute: () => root, path: "/", component: Home });
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
  component: lazyRouteComponent(() => import("./inbox/inbox-page"), "InboxPage"),
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

const security = createRoute({
  getParentRoute: () => root,
  path: "/account/security",
  component: lazyRouteComponent(() => import("./account/security-page"), "SecurityPage"),
});
const accountNotifications = createRoute({
  getParentRoute: () => root,
  path: "/account/notifications",
  component: lazyRouteComponent(() => import("./account/notifications/notifications-page"), "NotificationsPage"),
});
const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: lazyRouteComponent(() => import("./account/account-page"), "AccountPage"),
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

const requests = createRoute({
  getParentRoute: () => root,
  path: "/requests",
  validateSearch: validateRequestsSearch,
  component: lazyRouteComponent(() => import("./requests/requests-page"), "RequestsPage"),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  validateSearch: validateAuditSearch,
  component: lazyRouteComponent(() => import("./audit/audit-page"), "AuditPage"),
});
const reports = createRoute({
  getParentRoute: () => root,
  path: "/reports",
  validateSearch: validateReportsSearch,
  component: lazyRouteComponent(() => import("./reports/reports-page"), "ReportsPage"),
});
const privacy = createRoute({
  getParentRoute: () => root,
  path: "/privacy",
  validateSearch: validatePrivacySearch,
  component: lazyRouteComponent(() => import("./privacy/privacy-page"), "PrivacyPage"),
});
export interface PortalSearch {
  /** Which requests are shown. Default: the open ones */
  readonly show?: "all";
}
const portal = createRoute({
  getParentRoute: () => root,
  path: "/portal",
  validateSearch: ({ show }: Record<string, unknown>): PortalSearch => (show === "all" ? { show } : {}),
  component: lazyRouteComponent(() => import("./portal/portal-page"), "PortalPage"),
});
export interface NewRequestSearch {
  /** ID of a request that was saved for later. */
  readonly draft?: string;
}
const newRequest = createRoute({
  getParentRoute: () => root,
  path: "/portal/new/$typeKey",
  validateSearch: ({ draft }: Record<string, unknown>): NewRequestSearch => (typeof draft === "string" ? { draft } : {}),
  component: lazyRouteComponent(() => import("./portal/new-request-page"), "NewRequestPage"),
});
const portalRequest = createRoute({
  getParentRoute: () => root,
  path: "/portal/requests/$id",
  component: lazyRouteComponent(() => import("./portal/request-page"), "PortalRequestPage"),
});
const portalTask = createRoute({
  getParentRoute: () => root,
  path: "/portal/tasks/$id",
  component: lazyRouteComponent(() => import("./portal/task-page"), "PortalTaskPage"),
});
const vendor = createRoute({
  getParentRoute: () => root,
  path: "/vendor",
  validateSearch: ({ show }: Record<string, unknown>): PortalSearch => (show === "all" ? { show } : {}),
  component: lazyRouteComponent(() => import("./vendor/work-page"), "WorkPage"),
});
const vendorOffers = createRoute({
  getParentRoute: () => root,
  path: "/vendor/offers",
  component: lazyRouteComponent(() => import("./vendor/offers-page"), "OffersPage"),
});
const vendorDocuments = createRoute({
  getParentRoute: () => root,
  path: "/vendor/documents",
  component: lazyRouteComponent(() => import("./vendor/documents-page"), "DocumentsPage"),
});
const vendorRequest = createRoute({
  getParentRoute: () => root,
  path: "/vendor/requests/$id",
  component: lazyRouteComponent(() => import("./vendor/vendor-request-page"), "VendorRequestPage"),
});
const projectTask = createRoute({
  getParentRoute: () => root,
  path: "/vendor/project-tasks/$id",
  component: lazyRouteComponent(() => import("./vendor/project-task-page"), "ProjectTaskPage"),
});

/** For those who develop the console: a build leaves it out. */
const developmentRoutes = import.meta.env.DEV
  ? [
      createRoute({
        getParentRoute: () => root,
        path: "/gallery",
        component: lazyRouteComponent(() => import("./gallery/gallery-page"), "GalleryPage"),
      }),
    ]
  : [];
const accountRoutes = [account, security, accountNotifications];
const portalRoutes = [portal, newRequest, portalRequest, portalTask];
const vendorRoutes = [vendor, vendorOffers, vendorDocuments, vendorRequest, projectTask];
export const router = createRouter({
  routeTree: root.addChildren([
    start,
    inbox,
    requests,
    request,
    dashboard,
    wall,
    audit,
    reports,
    privacy,
    ...accountRoutes,
    ...portalRoutes,
    ...vendorRoutes,
    ...developmentRoutes,
  ]),
  basepath: "/console",
  defaultPreload: "intent",
  defaultErrorComponent: PageFailed,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
  interface HistoryState {
    /** Why the form that led to the page could not send its request: a sentence, and the reasons. */
    readonly refusal?: readonly string[];
  }
  interface StaticDataRouteOption {
    /** Whether the page has the window for itself, without navigation. */
    readonly isWithoutFrame?: boolean;
  }
}
