import { runProcess } from "@weft/shared";
import { serveHealth } from "./health.js";
import { startWorker } from "./worker.js";

await runProcess("worker", async (services) => {
  const { config, databases } = services;
  const worker = await startWorker(services);
  const health = await serveHealth({ port: config.subgraphPort, host: config.host, database: databases.health });
  return {
    url: health.url,
    drain: async () => {
      await health.close();
      await worker.stop();
    },
  };
});
