import type { ResolverClass } from "./type-graphql-schema.js";

/** Areas of the API with their titles, in the order in which the reference and the explorer list them. */
export const areas = {
  tasks: "Tasks",
  requests: "Requests",
  workflows: "Workflows",
  definitions: "Definitions",
  routing: "Routing and absences",
  deadlines: "SLAs, timers and calendars",
  automation: "Automation",
  agents: "Agents",
  places: "Buildings and spaces",
  assets: "Assets and maintenance",
  vendors: "Vendors",
  contracts: "Contracts",
  projects: "Projects",
  files: "Files, exports and imports",
  notifications: "Notifications",
  "sign-in": "Signing in",
  people: "Users, roles and teams",
  "single-sign-on": "Single sign-on and provisioning",
  organizations: "Organizations and configuration",
  events: "Events and webhooks",
  integrations: "Integrations",
  audit: "Audit",
  privacy: "Privacy",
  objects: "Any object",
} as const satisfies Readonly<Record<string, string>>;

export type Area = keyof typeof areas;

/** Resolver classes by the area of their root fields. */
export type ResolversByArea = Readonly<Partial<Record<Area, readonly ResolverClass[]>>>;

/** With the name of the area, the `@tag` of a root field. The supergraph contains it; the API schema does not. */
export const areaTagPrefix = "area/";

interface RootFieldMetadata {
  readonly schemaName: string;
  readonly target: unknown;
}

interface Storage {
  readonly queries: readonly RootFieldMetadata[];
  readonly mutations: readonly RootFieldMetadata[];
  readonly subscriptions: readonly RootFieldMetadata[];
}

/** Returns the areas of the root fields of these classes as tags for the SDL, by `Type.field`. */
export function areaTags(resolvers: ResolversByArea): [field: string, tag: string][] {
  const { TypeGraphQLMetadataStorage: storage } = globalThis as { TypeGraphQLMetadataStorage?: Storage };
  if (!storage) return [];
  const byClass = new Map(Object.entries(resolvers).flatMap(([area, classes]) => classes.map((one) => [one as unknown, area])));
  const roots = { Query: storage.queries, Mutation: storage.mutations, Subscription: storage.subscriptions };
  return Object.entries(roots).flatMap(([root, fields]) =>
    fields.flatMap(({ schemaName, target }): [string, string][] => {
      const area = byClass.get(target);
      return area === undefined ? [] : [[`${root}.${schemaName}`, `${areaTagPrefix}${area}`]];
    }),
  );
}
