import { createServer } from "node:http";
import type { Database } from "@weft/platform/db";
import type { Registry } from "prom-client";

/** Maximum time that the database can take to answer a probe. */
const PROBE_MS = 2_000;

export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

interface HealthOptions {
  readonly port: number;
  readonly host: string;
  readonly database: Database;
  readonly registry: Registry;
  /** What is wrong while the process works nevertheless. */
  readonly problems: () => readonly string[];
}

/** `/health/live`: the process responds. `/health/ready`, and `/health`: the database does too; `degraded` if a secret cannot be read again. For the container's probe. `/metrics`: in the Prometheus format. */
export async function serveHealth({ port, host, database, registry, problems }: HealthOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    if (request.url === "/metrics") {
      void registry.metrics().then(
        (text) => response.writeHead(200, { "content-type": registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
      return;
    }
    void answer(request.url ?? "", { database, problems }).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const listening = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${host}:${listening}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  path: string,
  { database, problems }: Pick<HealthOptions, "database" | "problems">,
): Promise<{ status: number; body: object }> {
  switch (path) {
    case "/health/live":
      return { status: 200, body: { status: "healthy" } };
    case "/health":
    case "/health/ready": {
      const reason = await databaseProblem(database);
      if (reason !== null) return { status: 503, body: { status: "unhealthy", reasons: [reason] } };
      const reasons = problems();
      return { status: 200, body: reasons.length === 0 ? { status: "healthy" } : { status: "degraded", reasons } };
    }
    default:
      return { status: 404, body: { status: "unknown", reasons: ["Use /health/live, /health/ready or /metrics."] } };
  }
}

async function databaseProblem(database: Database): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`The database did not answer within ${PROBE_MS} ms.`), PROBE_MS);
  });
  const probe = database
    .begin(async (tx) => void (await tx.execute("select 1")), "read")
    .then(
      () => null,
      () => "Cannot connect to the database.",
    );
  const reason = await Promise.race([probe, late]);
  clearTimeout(timer);
  return reason;
}
