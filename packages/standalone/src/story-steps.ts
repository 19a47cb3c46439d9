/** Whose parts the story has, by the login before the `@`; the vendor's technician is at home in another domain. */
export const storyParts = {
  requester: "requester",
  operations: "operations",
  manager: "manager",
  vendor: "tech",
  administrator: "admin",
} as const;

export type StoryPart = keyof typeof storyParts;

/** What the steps so far have found. */
export interface Scene {
  building?: Place;
  asset?: Place;
  request?: { id: string; number: string; version: number; workflow: { id: string } };
  vendor?: Place;
  /** As the administrator reads it at the end. */
  state?: string;
}

interface Place {
  readonly id: string;
  readonly name: string;
}

/** One operation of the story, whoever sends it. */
export interface StoryStep {
  readonly title: string;
  readonly by: StoryPart;
  /** A name in `examples/operations`, or the operation itself. */
  readonly operation: string;
  /** It moves the request on: when somebody else has done it, it cannot be done again. */
  readonly moves?: true;
  /** The code that the story expects; without it the step succeeds. */
  readonly refusal?: string;
  variables(scene: Scene): Record<string, unknown>;
  /** What the next steps need of the answer. Throws when it is not there. */
  keep?(answer: never, scene: Scene): void;
  /** What the answer shows, in a few words. */
  shows?(answer: never): string;
}

interface Places {
  buildings: { edges: { node: Place & { assets: { edges: { node: Place }[] } } }[] };
}

interface Vendors {
  vendors: { edges: { node: Place }[] };
}

export interface AuditVerdict {
  readonly isValid: boolean;
  readonly verifiedEntries: number;
  readonly unsealedEntries: number;
}

const raise = (message: string): never => {
  throw new Error(message);
};
const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const fire = (by: StoryPart, transition: string, title: string, input?: Record<string, unknown>): StoryStep => ({
  title,
  by,
  operation: "fire-transition",
  moves: true,
  variables: ({ request }) => ({ instanceId: request?.workflow.id, transition, ...(input && { input }) }),
});

/** A maintenance request from draft to closed. */
export const storySteps: readonly StoryStep[] = [
  {
    title: "look at the buildings",
    by: "requester",
    operation: "places",
    variables: () => ({}),
    keep: ({ buildings }: Places, scene) => {
      const { assets, ...building } = buildings.edges[0]?.node ?? raise("The demo organisation has no building.");
      scene.building = building;
      scene.asset = assets.edges[0]?.node ?? raise("The demo organisation's first building has no asset.");
    },
    shows: ({ buildings }: Places) => counted(buildings.edges.length, "building"),
  },
  {
    title: "make a request, still a draft",
    by: "requester",
    operation: "create-request",
    variables: ({ building, asset }) => ({
      typeKey: "maintenance",
      data: { summary: `${asset?.name} makes a grinding noise`, estimate: 12_000 },
      buildingId: building?.id,
      assetId: asset?.id,
    }),
    keep: ({ createRequest }: { createRequest: { request: NonNullable<Scene["request"]> } }, scene) => {
      scene.request = createRequest.request;
    },
  },
  {
    title: "submit it",
    by: "requester",
    operation: "submit-request",
    moves: true,
    variables: ({ request }) => ({ id: request?.id, expectedVersion: request?.version }),
  },
  { ...fire("requester", "escalate", "decide on it, as its owner"), refusal: "TRANSITION_REJECTED" },
  fire("operations", "escalate", "escalate it"),
  fire("manager", "approve", "approve it"),
  {
    title: "look for a vendor",
    by: "operations",
    operation: "{ vendors(first: 1) { edges { node { id name } } } }",
    variables: () => ({}),
    keep: ({ vendors }: Vendors, scene) => {
      scene.vendor = vendors.edges[0]?.node ?? raise("The demo organisation has no vendor.");
    },
    shows: ({ vendors }: Vendors) => counted(vendors.edges.length, "vendor"),
  },
  {
    title: "assign it to the vendor",
    by: "operations",
    operation: "assign-request",
    moves: true,
    variables: ({ request, vendor }) => ({ id: request?.id, vendorId: vendor?.id }),
  },
  fire("vendor", "start", "start the work"),
  fire("vendor", "complete", "complete the work", { outcome: "Bearing replaced" }),
  fire("requester", "close", "close it"),
  {
    title: "read its story and audit trail",
    by: "administrator",
    operation: "request-story",
    variables: ({ request }) => ({ id: request?.id }),
    keep: ({ request }: { request: { state: string } }, scene) => {
      scene.state = request.state;
    },
  },
  {
    title: "verify the audit trail",
    by: "administrator",
    operation: "verify-audit-trail",
    variables: () => ({}),
    shows: ({ verifyAuditTrail }: { verifyAuditTrail: AuditVerdict }) => (verifyAuditTrail.isValid ? "intact" : "broken"),
  },
];
