import { runProcess } from "@weft/api/subgraph";
import { collectDefaultMetrics } from "prom-client";
import { serveHealth } from "./health.js";
import { createWorkerMetrics } from "./metrics.js";
import { startWorker } from "./worker.js";

await runProcess("worker", async (services) => {
  const { config, databases } = services;
  const metrics = createWorkerMetrics(services);
  collectDefaultMetrics({ register: metrics.registry });
  const worker = await startWorker(services, metrics);
  const health = await serveHealth({ port: config.subgraphPort, host: config.host, database: databases.health, metrics });
  return {
    url: health.url,
    drain: async () => {
      await health.close();
      await worker.stop();
    },
  };
});
