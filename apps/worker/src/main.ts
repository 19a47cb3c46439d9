import { runProcess } from "@weft/api/subgraph";
import { createSecretMetrics } from "@weft/api/secret-metrics";
import { secretProblems } from "@weft/platform/config";
import { collectDefaultMetrics, Registry } from "prom-client";
import { serveHealth } from "./health.js";
import { createWorkerMetrics } from "./metrics.js";
import { startWorker } from "./worker.js";

await runProcess("worker", async (services) => {
  const { config, databases } = services;
  const metrics = createWorkerMetrics(services);
  collectDefaultMetrics({ register: metrics.registry });
  const worker = await startWorker(services, metrics);
  const health = await serveHealth({
    port: config.subgraphPort,
    host: config.host,
    database: databases.health,
    registry: Registry.merge([metrics.registry, createSecretMetrics(config.secretChanges)]),
    problems: () => (config.secretChanges ? secretProblems(config.secretChanges) : []),
  });
  return {
    url: health.url,
    drain: async () => {
      await health.close();
      await worker.stop();
    },
  };
});
