import type { Config } from "@weft/platform/config";
import type { Flags } from "@weft/platform/flags";
import type { Logger } from "@weft/platform/logging";
import { LogController, fastify } from "fastify";
import type { FastifyInstance } from "fastify";
import { flagsRoute } from "../flags/flags-route.js";
import type { HealthCheck } from "../health.js";
import type { Metrics } from "../metrics.js";
import { createHostCheck, refuseOtherHosts } from "./hosts.js";
import { healthRoutes, metricsRoute } from "./health-routes.js";

export interface ManagementOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly checks: Readonly<Record<string, HealthCheck>>;
  readonly metrics: Metrics;
  readonly flags: Pick<Flags, "evaluateAll">;
}

/** Serves what only operators can see, on a port that only they can reach: metrics, detailed readiness, and feature flags. */
export function createManagementApp({ config, log, checks, metrics, flags }: ManagementOptions): FastifyInstance {
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: 10_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 2_000 },
    forceCloseConnections: true,
  }) as unknown as FastifyInstance;
  refuseOtherHosts(app, createHostCheck(config, log));
  healthRoutes(app, { checks, shows: "parts" });
  metricsRoute(app, metrics);
  flagsRoute(app, flags);
  return app;
}
