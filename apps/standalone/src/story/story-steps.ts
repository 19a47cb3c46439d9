/** The users of the story, by the login before the `@`. The vendor's technician has another domain. */
export const storyParts = {
  requester: "requester",
  operations: "operations",
  manager: "manager",
  vendor: "tech",
  administrator: "admin",
} as const;

export type StoryPart = keyof typeof storyParts;

/** What the steps have found so far. */
export interface Scene {
  building?: Place;
  asset?: Place;
  request?: { id: string; number: string; version: number; workflow: { id: string } };
  vendor?: Place;
  /** As read by the administrator at the end. */
  state?: string;
}

interface Place {
  readonly id: string;
  readonly name: string;
}

/** An operation of the story, independent of the user who sends it. */
export interface StoryStep {
  readonly title: string;
  readonly by: StoryPart;
  /** A name in `examples/operations`, or the text of the operation. */
  readonly operation: string;
  /** Whether the step fires a transition. Such a step cannot be repeated by another user. */
  readonly firesTransition?: true;
  /** The error code that the story expects. Without it, the step succeeds. */
  readonly refusal?: string;
  variables(scene: Scene): Record<string, unknown>;
  /** Stores what the next steps need from the response. Throws if it is missing. */
  keep?(answer: never, scene: Scene): void;
  /** A short summary of the response. */
  shows?(answer: never): string;
}

interface Places {
  buildings: { edges: { node: Place & { assets: { edges: { node: Place }[] } } }[] };
}

interface Vendors {
  vendors: { edges: { node: Place }[] };
}

export interface AuditResult {
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
  firesTransition: true,
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
      const { assets, ...building } = buildings.edges[0]?.node ?? raise("The demo organization has no building.");
      scene.building = building;
      scene.asset = assets.edges[0]?.node ?? raise("The first building of the demo organization has no asset.");
    },
    shows: ({ buildings }: Places) => counted(buildings.edges.length, "building"),
  },
  {
    title: "create a draft request",
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
    firesTransition: true,
    variables: ({ request }) => ({ id: request?.id, expectedVersion: request?.version }),
  },
  { ...fire("requester", "escalate", "decide on their own request"), refusal: "TRANSITION_REJECTED" },
  fire("operations", "escalate", "escalate it"),
  fire("manager", "approve", "approve it"),
  {
    title: "find a vendor",
    by: "operations",
    operation: "{ vendors(first: 1) { edges { node { id name } } } }",
    variables: () => ({}),
    keep: ({ vendors }: Vendors, scene) => {
      scene.vendor = vendors.edges[0]?.node ?? raise("The demo organization has no vendor.");
    },
    shows: ({ vendors }: Vendors) => counted(vendors.edges.length, "vendor"),
  },
  {
    title: "assign it to the vendor",
    by: "operations",
    operation: "assign-request",
    firesTransition: true,
    variables: ({ request, vendor }) => ({ id: request?.id, vendorId: vendor?.id }),
  },
  fire("vendor", "start", "start the work"),
  fire("vendor", "complete", "complete the work", { outcome: "Bearing replaced" }),
  fire("requester", "close", "close it"),
  {
    title: "read its history and audit trail",
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
    shows: ({ verifyAuditTrail }: { verifyAuditTrail: AuditResult }) => (verifyAuditTrail.isValid ? "intact" : "broken"),
  },
];
