import { publicCheckpointKeys } from "@weft/platform/audit";
import type { FastifyInstance } from "fastify";
import { consoleRoutes } from "./console/console-routes.js";
import { docsRoutes } from "./docs-site/docs-routes.js";
import { fileRoutes } from "./files/file-routes.js";
import { sessionRoutes } from "./cookies/session-routes.js";
import type { FileRoutesOptions } from "./files/file-routes.js";
import { inboundRoutes } from "./inbound/inbound-routes.js";
import type { InboundRoutesOptions } from "./inbound/inbound-routes.js";
import { explorerRoutes } from "./explorer/explorer.js";
import type { ExplorerOptions } from "./explorer/explorer.js";
import { plainPageRoutes } from "./explorer/plain-page.js";
import type { HealthCheck } from "./health.js";
import { landingRoutes } from "./landing/landing.js";
import { outboxRoutes } from "./outbox/outbox-routes.js";
import type { ReceivedWebhook } from "./receiver/receiver-page.js";
import { receiverRoutes } from "./receiver/receiver-routes.js";
import type { SiteFolder } from "./sites/send-site.js";
import { singleSignOnRoutes } from "./single-sign-on/single-sign-on-routes.js";
import { linkPageRoutes } from "./link-pages/link-pages.js";
import { openRoute } from "./link-pages/open-route.js";
import { vendorPortalPath } from "./variants/paths.js";
import { tokenRoute } from "./oauth/token-route.js";
import { restExamples } from "./rest/examples.js";
import { type DescriptionOptions, openApiRoutes } from "./rest/openapi-page.js";
import { restApi } from "./rest/rest-routes.js";
import { scimRoutes } from "./scim/scim-routes.js";
import { publicJwks } from "./viewer/token.js";
import { refusalRoute } from "./http/framework-errors.js";
import { graphqlPath, graphqlRoute } from "./http/graphql-route.js";
import type { GraphqlRouteOptions } from "./http/graphql-route.js";
import { healthRoutes, metricsRoute } from "./http/health-routes.js";

export interface GatewayRouteOptions
  extends
    GraphqlRouteOptions,
    Omit<FileRoutesOptions, "authenticate" | "anonymous" | "metrics">,
    Omit<InboundRoutesOptions, "anonymous" | "log"> {
  readonly checks: Readonly<Record<string, HealthCheck>>;
  /** Whether metrics and detailed readiness are served here. Otherwise they are served on the management port, or not at all. */
  readonly hasManagement: boolean;
  /** The executors of the variants of the API, by path. */
  readonly variants: Readonly<Record<string, Pick<GraphqlRouteOptions, "executor">>>;
  /** Executes operations of the REST API. */
  readonly restExecutor: GraphqlRouteOptions["executor"];
  /** `plain`: a page that only shows where the API is. Undefined: no page. */
  readonly explorer: ExplorerOptions | "plain" | undefined;
  /** What the description of the REST API needs of the supergraph. */
  readonly restDescription: Pick<DescriptionOptions, "areaOf" | "openFields">;
  /** The documentation site. Undefined: no site. */
  readonly docsSite: SiteFolder | undefined;
  /** The console. Undefined: no console. */
  readonly consoleSite: SiteFolder | undefined;
  /** Folder of emails. Undefined: no page of emails. */
  readonly outbox: string | undefined;
  /** What a receiver of webhooks got. Undefined: no page of it. */
  readonly receiver: (() => readonly ReceivedWebhook[]) | undefined;
}

/** Adds every route of the public port. */
export function addRoutes(app: FastifyInstance, options: GatewayRouteOptions): void {
  const { keys, checks, metrics, explorer, docsSite, consoleSite, outbox, receiver, hasManagement, variants } = options;
  const vendorPortal = variants[vendorPortalPath];
  healthRoutes(app, { checks, shows: hasManagement ? "parts" : "status" });
  if (hasManagement) metricsRoute(app, metrics);
  app.get("/.well-known/jwks.json", async (_request, reply) =>
    reply.header("cache-control", "public, max-age=300").send({ keys: publicJwks(keys) }),
  );
  // Beside those of access tokens, because whoever accepts a key for one thing must not accept it for the other.
  app.get("/.well-known/audit-keys.json", async (_request, reply) =>
    reply.header("cache-control", "public, max-age=300").send({ keys: publicCheckpointKeys(keys.checkpoint) }),
  );
  if (explorer === "plain") plainPageRoutes(app, { hasVendorPortal: vendorPortal !== undefined });
  else if (explorer) {
    landingRoutes(app, {
      schema: () => options.executor.schema,
      hasConsole: consoleSite !== undefined,
      hasDocs: docsSite !== undefined,
      hasOutbox: outbox !== undefined,
      hasReceiver: receiver !== undefined,
    });
    explorerRoutes(app, explorer, {
      schema: () => options.executor.schema,
      vendorPortal: vendorPortal && (() => vendorPortal.executor.schema),
    });
  }
  if (docsSite !== undefined) docsRoutes(app, docsSite);
  if (consoleSite !== undefined) consoleRoutes(app, consoleSite);
  if (outbox !== undefined) outboxRoutes(app, outbox);
  if (receiver !== undefined) receiverRoutes(app, receiver);
  linkPageRoutes(app);
  openRoute(app, { hasExplorer: explorer !== undefined && explorer !== "plain" });
  fileRoutes(app, options);
  inboundRoutes(app, options);
  sessionRoutes(app, options);
  singleSignOnRoutes(app, options);
  tokenRoute(app, options);
  scimRoutes(app, options);
  restApi(app, { ...options, executor: options.restExecutor });
  openApiRoutes(app, { schema: () => options.executor.schema, ...options.restDescription, examples: restExamples });
  refusalRoute(app, options);
  graphqlRoute(app, graphqlPath, options);
  for (const [path, variant] of Object.entries(variants)) graphqlRoute(app, path, { ...options, ...variant });
}
