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
  /** The photo: its file, and the link for its bytes. */
  photo?: { file: { id: string }; url: string };
  /** The meter of the asset, with its total so far. */
  meter?: { id: string; total: number };
  /** The number of inspections before the meter was read. */
  inspections?: number;
  /** As read by the administrator at the end. */
  state?: string;
}

interface Place {
  readonly id: string;
  readonly name: string;
}

export interface Upload {
  readonly url: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
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
  /** Whether what the step looks for is done in the background. Until `keep` finds it, the step is repeated. */
  readonly waits?: true;
  /** Stores what the next steps need from the response. Throws if it is missing. */
  keep?(answer: never, scene: Scene): void;
  /** Bytes for a link of the response. */
  sends?(answer: never): Upload;
  /** A short summary of the response. */
  shows?(answer: never): string;
}

interface Places {
  assets: { edges: { node: Place & { meters: object[]; building: Place } }[] };
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

/** A photo of one pixel. */
const photo = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

/** The total at which a meter of the demo is due for an inspection, again and again. */
export const inspectedEvery = 1_000;

interface Meters {
  asset: { meters: { id: string; latestReading: { total: string } | null }[] };
}

interface Read {
  request: { comments: { edges: object[] }; attachments: { edges: object[] } };
}

interface Inspections {
  workflowInstances: { totalCount: number };
}

const inspections = '{ workflowInstances(filter: { definitionKey: { eq: "inspection" } }) { totalCount } }';

const places = `query Places {
  assets(first: 20, orderBy: { field: CREATED_AT, direction: ASC }) {
    edges { node { id tag name meters { id } building { id code name } } }
  }
}`;

/** A maintenance request from draft to closed, and an inspection that a meter causes. */
export const storySteps: readonly StoryStep[] = [
  {
    title: "look at the assets",
    by: "requester",
    // The oldest first. What was created since the demo need not have a meter.
    operation: places,
    variables: () => ({}),
    keep: ({ assets }: Places, scene) => {
      const found = assets.edges.find(({ node }) => node.meters.length > 0) ?? raise("The demo organization has no asset with a meter.");
      Object.assign(scene, { asset: found.node, building: found.node.building });
    },
    shows: ({ assets }: Places) => counted(assets.edges.length, "asset"),
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
    title: "upload a photo",
    by: "requester",
    operation: "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } url } }",
    variables: () => ({ input: { name: "noise.png", size: photo.byteLength, type: "image/png" } }),
    keep: ({ createUpload }: { createUpload: NonNullable<Scene["photo"]> }, scene) => {
      scene.photo = createUpload;
    },
    sends: ({ createUpload }: { createUpload: NonNullable<Scene["photo"]> }) => ({ url: createUpload.url, bytes: photo }),
  },
  {
    title: "attach it to the request",
    by: "requester",
    operation: "mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { file { name status } } } }",
    variables: ({ photo: uploaded, request }) => ({ input: { fileId: uploaded?.file.id, objectId: request?.id } }),
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
    operation: '{ vendors(first: 1, filter: { status: { eq: ACTIVE }, category: { eq: "elevators" } }) { edges { node { id name } } } }',
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
  {
    title: "comment among colleagues",
    by: "operations",
    operation: "mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { audience } } }",
    variables: ({ request }) => ({
      input: { id: request?.id, audience: "INTERNAL", text: "Their last invoice was too high. Check this one." },
    }),
  },
  {
    title: "read the comments",
    by: "vendor",
    operation:
      "query ($id: ID!) { request(id: $id) { comments(first: 20) { edges { node { text } } } attachments(first: 20) { edges { node { file { name } } } } } }",
    variables: ({ request }) => ({ id: request?.id }),
    shows: ({ request }: Read) => counted(request.comments.edges.length, "comment"),
    keep: ({ request }: Read) => {
      if (request.comments.edges.length > 0) raise("The vendor reads a comment among colleagues.");
    },
  },
  fire("vendor", "start", "start the work"),
  fire("vendor", "complete", "complete the work", { outcome: "Bearing replaced" }),
  fire("requester", "close", "close it"),
  {
    title: "look at the asset's meter",
    by: "operations",
    operation: "query ($id: ID!) { asset(id: $id) { meters { id latestReading { total } } } }",
    variables: ({ asset }) => ({ id: asset?.id }),
    keep: ({ asset }: Meters, scene) => {
      const { id, latestReading } = asset.meters[0] ?? raise("The meter of the asset was deleted.");
      scene.meter = { id, total: Number(latestReading?.total ?? 0) };
    },
  },
  {
    title: "count the inspections",
    by: "administrator",
    operation: inspections,
    variables: () => ({}),
    keep: ({ workflowInstances }: Inspections, scene) => {
      scene.inspections = workflowInstances.totalCount;
    },
  },
  {
    title: "record a meter reading",
    by: "operations",
    operation: "mutation ($input: RecordMeterReadingInput!) { recordMeterReading(input: $input) { reading { total } } }",
    variables: ({ meter }) => ({ input: { meterId: meter?.id, value: String((meter?.total ?? 0) + inspectedEvery) } }),
  },
  {
    title: "find the inspection that it started",
    by: "administrator",
    operation: inspections,
    variables: () => ({}),
    waits: true,
    keep: ({ workflowInstances }: Inspections, scene) => {
      if (workflowInstances.totalCount <= (scene.inspections ?? 0)) raise("The meter reading started no inspection.");
    },
  },
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
