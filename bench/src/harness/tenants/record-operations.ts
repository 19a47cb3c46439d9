import type { RecordPlaces } from "@weft/testkit/cost/filled-records";
import { none } from "./instance-company.js";

const page = (field: string, given: string, fields: string): string =>
  `{ ${field}(first: 20${given && `, ${given}`}) { pageInfo { hasNextPage endCursor } edges { node { ${fields} } } } }`;
const requests = (given = ""): string => page("requests", given, "id number state status createdAt");
const search = (words: string): string => requests(`filter: { search: { contains: "${words}" } }`);
const entries = (given = ""): string => page("auditEntries", given, "id action entityType at");
const notifications = (given = ""): string => page("notifications", given, "id kind title readAt createdAt");
const count = (field: string, filter: string): string => `{ ${field}(first: 0, filter: { ${filter} }) { totalCount edges { cursor } } }`;
const anHourAfter = (time: string): string => new Date(Date.parse(time) + 3_600_000).toISOString();

/** Lists of requests, audit entries and notifications, and counts of them, in a company that `fillRecords` wrote. */
export const recordOperations: Readonly<Record<string, (at: RecordPlaces) => string>> = {
  "requests, the newest": () => requests(),
  "requests, half-way down": ({ middle }) => requests(`filter: { createdAt: { lt: "${middle}" } }`),
  "requests in a state of a fortieth": () => requests('filter: { state: { eq: "triage" } }'),
  "requests in a state of twenty": () => requests('filter: { state: { eq: "rare" } }'),
  [`requests in a state ${none}`]: () => requests('filter: { state: { eq: "never" } }'),
  "requests of a type": () => requests('filter: { typeKey: { eq: "type-3" } }'),
  [`requests of a type ${none}`]: () => requests('filter: { typeKey: { eq: "unused" } }'),
  [`requests of an unknown type, ${none}`]: () => requests('filter: { typeKey: { eq: "unknown" } }'),
  "a request by its number": () => requests('filter: { number: { eq: "R-77" } }'),
  "requests whose number contains digits that many have": () => requests('filter: { number: { contains: "77" } }'),
  "requests whose number contains a text that one has": () => requests('filter: { number: { contains: "X-4" } }'),
  "requests of a creator of fifty": ({ actor }) => requests(`filter: { createdBy: { eq: "${actor}" } }`),
  "requests by state": () => requests("orderBy: { field: STATE }"),
  "requests by number": () => requests("orderBy: { field: NUMBER }"),
  "requests, last changed": () => requests("orderBy: { field: UPDATED_AT, direction: DESC }"),
  "requests, urgent": () => requests("filter: { priority: { eq: URGENT } }"),
  "requests of the priority that most have": () => requests("filter: { priority: { eq: NORMAL } }"),
  "requests by priority": () => requests("orderBy: { field: PRIORITY, direction: DESC }"),
  "requests with a high impact": () => requests("filter: { impact: { eq: HIGH } }"),
  "requests that are due": () => requests('filter: { dueAt: { lt: "2999-01-01T00:00:00Z" } }'),
  "requests by due date": () => requests("orderBy: { field: DUE_AT }"),
  "requests with a tag that twenty have": () => requests('filter: { tags: { has: "roof" } }'),
  "requests with a tag that a tenth has": () => requests('filter: { tags: { has: "heating" } }'),
  [`requests with a tag ${none}`]: () => requests('filter: { tags: { has: "unheard" } }'),
  "requests that a user watches": ({ reader }) => requests(`filter: { watcher: { eq: "${reader}" } }`),
  "requests that are late": () => requests("filter: { sla: { status: { eq: BREACHED } } }"),
  "requests with a warning": () => requests("filter: { sla: { status: { eq: WARNING } } }"),
  "requests by the next target": () => requests("orderBy: { field: SLA_DUE_AT }"),
  "requests with a word that all have": () => search("repairs"),
  "requests with a word that a tenth has": () => search("kitchens"),
  "requests with a word that twenty have": () => search("chimney repair"),
  [`requests with a word ${none}`]: () => search("unheard"),
  "the number of requests in a state of twenty": () => count("requests", 'state: { eq: "rare" }'),
  "the number of urgent requests": () => count("requests", "priority: { eq: URGENT }"),
  "audit, the newest": () => entries(),
  "audit of an actor of fifty": ({ actor }) => entries(`filter: { actorId: { eq: "${actor}" } }`),
  "audit of an object": ({ request }) => entries(`filter: { entityId: { eq: "${request}" } }`),
  "audit of an action of a tenth": () => entries('filter: { action: { eq: "workflow.start" } }'),
  "audit of an action of twenty": () => entries('filter: { action: { eq: "requestType.create" } }'),
  [`audit of an action ${none}`]: () => entries('filter: { action: { eq: "vendor.create" } }'),
  "audit of a type of twenty": () => entries("filter: { entityType: { eq: REQUEST_TYPE } }"),
  "audit of an hour half-way down": ({ middle }) => entries(`filter: { at: { gte: "${middle}", lt: "${anHourAfter(middle)}" } }`),
  "audit before half-way": ({ middle }) => entries(`filter: { at: { lt: "${middle}" } }`),
  "the number of audit entries of an actor of fifty": ({ actor }) => count("auditEntries", `actorId: { eq: "${actor}" }`),
  notifications: () => notifications(),
  "notifications, unread": () => notifications("filter: { isRead: { eq: false } }"),
};
