import { createClient } from "graphql-ws";
import { ApiClient } from "./api-client.js";
import { demoPassword } from "./demo-people.js";
import { loadExampleOperations } from "./examples.js";

/** How the story went: what a test or a person can check. */
export interface StoryResult {
  readonly requestId: string;
  readonly instanceId: string;
  readonly finalState: string;
  /** Moves as the subscriber saw them, in order: `draft → triage`. */
  readonly seen: readonly string[];
  readonly auditIsValid: boolean;
}

interface Move {
  cursor: string;
  transition: string | null;
  from: string | null;
  to: string;
  version: number;
  actor: { name: string } | null;
}

/**
 * Plays a maintenance request from draft to closed against a running Weft, through the public API, as five people of a demo organisation, with a
 * subscription open that prints each move. Throws with the failing step's answer when something is not as it should be.
 */
export async function playStory(
  url: string,
  print: (line: string) => void = () => {},
  domain = "acme.com",
  vendorDomain = "northwind.com",
): Promise<StoryResult> {
  const operations = new Map((await loadExampleOperations()).map(({ name, source }) => [name, source]));
  const operation = (name: string): string => operations.get(name) ?? raise(`examples/operations has no ${name}.`);
  const as = async (login: string): Promise<ApiClient> => {
    const { login: session } = await new ApiClient(url).run<{ login: { accessToken: string } }>(operation("login"), {
      login,
      password: demoPassword(login),
    });
    return new ApiClient(url, session.accessToken);
  };

  const requester = await as(`requester@${domain}`);
  const olga = await as(`operations@${domain}`);
  const manager = await as(`manager@${domain}`);
  const vendorUser = await as(`tech@${vendorDomain}`);
  const admin = await as(`admin@${domain}`);
  print("Five people have logged in: a requester, operations, a manager, a vendor's technician, an administrator.");

  const places = await requester.run<Places>(operation("places"));
  const building = places.buildings.edges[0]?.node ?? raise("The demo organisation has no building.");
  const asset = building.assets.edges[0]?.node ?? raise("The demo organisation's first building has no asset.");
  const created = await requester.run<{ createRequest: { request: RequestHead } }>(operation("create-request"), {
    typeKey: "maintenance",
    data: { summary: `${asset.name} makes a grinding noise`, estimate: 12_000 },
    buildingId: building.id,
    assetId: asset.id,
  });
  const request = created.createRequest.request;
  const instanceId = request.workflow.id;
  print(`${request.number} is a draft about ${asset.name} in ${building.name}.`);

  const feed = follow(url, admin.accessToken ?? "", operation("workflow-transitioned"), { instanceId }, (move) =>
    print(
      `  live: ${move.from ?? "–"} → ${move.to} (${move.transition ?? "–"} by ${move.actor?.name ?? "somebody"}, version ${move.version})`,
    ),
  );
  await feed.ready;

  const fire = (who: ApiClient, transition: string, more: Record<string, unknown> = {}) =>
    who.run(operation("fire-transition"), { instanceId, transition, ...more });
  await requester.run(operation("submit-request"), { id: request.id, expectedVersion: request.version });
  const refused = await requester.send(operation("fire-transition"), { instanceId, transition: "escalate" });
  const code = refused.errors?.[0]?.extensions?.code;
  if (code !== "TRANSITION_REJECTED")
    throw new Error(`The owner's own approval should be refused, but the answer was ${JSON.stringify(refused)}.`);
  print(`The requester tries to decide on the own request: ${code}: ${refused.errors?.[0]?.message}`);
  await fire(olga, "escalate");
  await fire(manager, "approve");
  const vendors = await olga.run<{ vendors: { edges: { node: { id: string; name: string } }[] } }>(
    "{ vendors(first: 1) { edges { node { id name } } } }",
  );
  const vendor = vendors.vendors.edges[0]?.node ?? raise("The demo organisation has no vendor.");
  await olga.run(operation("assign-request"), { id: request.id, vendorId: vendor.id });
  print(`Assigned to ${vendor.name}: from now on its people see ${request.number}, and nothing else.`);
  await fire(vendorUser, "start");
  await fire(vendorUser, "complete", { input: { outcome: "Bearing replaced" } });
  await fire(requester, "close");

  const moves = await feed.until((seen) => seen.some((move) => move.to === "closed"));
  const story = await admin.run<{ request: { state: string; auditTrail: { edges: unknown[] } } }>(operation("request-story"), {
    id: request.id,
  });
  const audit = await verifiedAudit(admin, operation("verify-audit-trail"));
  print(
    `${request.number} is ${story.request.state}; ${audit.verifiedEntries} audit entries verified: the chain is ${audit.isValid ? "intact" : "BROKEN"}.`,
  );
  return {
    requestId: request.id,
    instanceId,
    finalState: story.request.state,
    seen: moves.map((move) => `${move.from} → ${move.to}`),
    auditIsValid: audit.isValid,
  };
}

interface RequestHead {
  id: string;
  number: string;
  version: number;
  workflow: { id: string };
}

interface Places {
  buildings: { edges: { node: { id: string; name: string; assets: { edges: { node: { id: string; name: string } }[] } } }[] };
}

interface AuditVerdict {
  isValid: boolean;
  verifiedEntries: number;
  unsealedEntries: number;
}

function raise(message: string): never {
  throw new Error(message);
}

/** Entries of the last second may be unsealed: asks again until none is, for at most ten seconds. */
async function verifiedAudit(admin: ApiClient, query: string): Promise<AuditVerdict> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const { verifyAuditTrail } = await admin.run<{ verifyAuditTrail: AuditVerdict }>(query);
    if (verifyAuditTrail.unsealedEntries === 0 || Date.now() > deadline) return verifyAuditTrail;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Opens the subscription; `ready` resolves when the server has accepted the connection and got the subscribe message. */
function follow(url: string, accessToken: string, query: string, variables: Record<string, unknown>, onMove: (move: Move) => void) {
  const seen: Move[] = [];
  let wake: (failure?: Error) => void = () => {};
  const client = createClient({
    url: new URL("/graphql", url.replace(/^http/, "ws")).href,
    connectionParams: { authorization: `Bearer ${accessToken}` },
    lazy: false,
    retryAttempts: 0,
  });
  const ready = new Promise<void>((resolve, reject) => {
    client.on("connected", () => resolve());
    client.on("error", (error) => reject(new Error("The subscription could not be opened.", { cause: error })));
  });
  client.subscribe<{ workflowTransitioned: Move }>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (errors !== undefined) return wake(new Error(`The subscription failed: ${JSON.stringify(errors)}`));
        const move = data?.workflowTransitioned;
        if (move === undefined || move === null) return;
        seen.push(move);
        onMove(move);
        wake();
      },
      error: (error) => wake(new Error(`The subscription failed: ${JSON.stringify(error)}`)),
      complete: () => {},
    },
  );
  return {
    ready,
    /** Waits until what was seen satisfies the condition, for at most 15 seconds; closes the subscription. */
    async until(condition: (seen: readonly Move[]) => boolean): Promise<readonly Move[]> {
      try {
        await new Promise<void>((resolve, reject) => {
          const timer = setTimeout(
            () =>
              reject(new Error(`The subscription has seen only ${seen.map((move) => move.to).join(", ") || "nothing"} after 15 seconds.`)),
            15_000,
          );
          wake = (failure) => {
            if (failure !== undefined) return (clearTimeout(timer), reject(failure));
            if (condition(seen)) return (clearTimeout(timer), resolve());
          };
          wake();
        });
        return seen;
      } finally {
        await client.dispose();
      }
    },
  };
}
