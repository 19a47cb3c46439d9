import type { FastifyInstance } from "fastify";
import { checkHealth } from "../health.js";
import type { Health, HealthCheck } from "../health.js";
import type { Metrics } from "../metrics.js";

export interface HealthRoutesOptions {
  readonly checks: Readonly<Record<string, HealthCheck>>;
  /** `status`: whether it is healthy and nothing else, for ports that anybody reaches. `parts`: what is not, and why. */
  readonly shows: "status" | "parts";
}

/** `/health/live`: the process answers. `/health/ready`: it can serve; 503 when it cannot. Probes need no more than the status code. */
export function healthRoutes(app: FastifyInstance, { checks, shows }: HealthRoutesOptions): void {
  let running: Promise<Health> | undefined;
  // Those that ask while a check runs share it: a flood of probes costs the database one query at a time.
  const check = (): Promise<Health> => (running ??= checkHealth(checks).finally(() => (running = undefined)));
  app.get("/health/live", async () => ({ status: "alive" }));
  app.get("/health/ready", async (_request, reply) => {
    const { status, parts } = await check();
    return reply
      .code(status === "unhealthy" ? 503 : 200)
      .header("cache-control", "no-store")
      .send(shows === "parts" ? { status, parts } : { status });
  });
}

/** `/metrics`, as Prometheus reads it. */
export function metricsRoute(app: FastifyInstance, { registry }: Pick<Metrics, "registry">): void {
  app.get("/metrics", async (_request, reply) => reply.header("content-type", registry.contentType).send(await registry.metrics()));
}
