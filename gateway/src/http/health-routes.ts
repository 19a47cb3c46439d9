import type { FastifyInstance } from "fastify";
import { checkHealth } from "../health.js";
import type { Health, HealthCheck } from "../health.js";
import type { Metrics } from "../metrics.js";

export interface HealthRoutesOptions {
  readonly checks: Readonly<Record<string, HealthCheck>>;
  /** `status`: only whether the process is healthy, for public ports. `parts`: also which parts are not healthy, and why. */
  readonly shows: "status" | "parts";
}

/** `/health/live`: the process responds. `/health/ready`, and `/health`: it can serve requests; 503 if it cannot. Probes only need the status code. */
export function healthRoutes(app: FastifyInstance, { checks, shows }: HealthRoutesOptions): void {
  let running: Promise<Health> | undefined;
  // Requests that arrive while a check runs share its result: a flood of probes costs the database one query at a time.
  const check = (): Promise<Health> => (running ??= checkHealth(checks).finally(() => (running = undefined)));
  app.get("/health/live", async () => ({ status: "alive" }));
  for (const path of ["/health", "/health/ready"]) {
    app.get(path, async (_request, reply) => {
      const { status, parts } = await check();
      return reply
        .code(status === "unhealthy" ? 503 : 200)
        .header("cache-control", "no-store")
        .send(shows === "parts" ? { status, parts } : { status });
    });
  }
}

/** `/metrics` in the Prometheus format. */
export function metricsRoute(app: FastifyInstance, { registry }: Pick<Metrics, "registry">): void {
  app.get("/metrics", async (_request, reply) => reply.header("content-type", registry.contentType).send(await registry.metrics()));
}
