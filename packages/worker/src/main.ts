import { closeServices, openServices } from "@weft/shared";
import { serveHealth } from "./health.js";
import { startWorker } from "./worker.js";

const services = await openServices(process.env);
const { config, databases, log } = services;
const worker = await startWorker(services);
const health = await serveHealth({ port: config.subgraphPort, host: config.host, database: databases.health });
log.info({ url: health.url }, "the worker is at work");

async function stop(signal: string): Promise<void> {
  log.info({ signal }, "the worker is draining");
  const forced = setTimeout(() => process.exit(1), config.drainTimeoutMs);
  await health.close();
  await worker.stop();
  await closeServices(services);
  clearTimeout(forced);
}

for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => void stop(signal));
process.on("unhandledRejection", (error) => {
  log.fatal({ err: error }, "a rejection that nobody handled");
  process.exit(1);
});
