import type { TestUser } from "../../test-user.js";
import { codesOf } from "../answers.js";

const paged = "attachments(first: 100) { edges { node { file { id } } } }";
/** Objects of other subgraphs, whose attachments can be null. */
const ofStub = `ofStub: ${paged}`;
const query = `query ($ids: [ID!]!) { nodes(ids: $ids) {
  ... on Request { ${paged} } ... on Building { ${paged} } ... on Asset { ${paged} } ... on MaintenancePlan { ${paged} }
  ... on Contract { ${ofStub} } ... on Task { ${ofStub} } ... on VendorDocument { ${ofStub} }
  ... on RequestComment { commentAttachments: attachments { file { id } } } } }`;

/** Each object counts with the pages of all types, and an operation asks for at most 20,000 objects. */
const atOnce = 25;

/** Returns the files that a user sees: those of the attachments of the given objects, of the user's exports, and of compliance reports. */
export async function filesShownTo(user: TestUser, ids: readonly string[]): Promise<string[]> {
  const answers: unknown[] = [];
  for (let start = 0; start < ids.length; start += atOnce) {
    const answer = await user.send(query, { ids: ids.slice(start, start + atOnce) });
    answers.push(answer.data);
    // Notifications of the user, without notification.read.
    if (codesOf(answer).some((code) => code !== "FORBIDDEN")) throw new Error(JSON.stringify(answer));
  }
  answers.push((await user.send("{ exports(first: 100) { edges { node { file { id } } } } }")).data);
  answers.push((await user.send("{ complianceReports(first: 100) { edges { node { files { file { id } } } } } }")).data);
  return answers.flatMap(filesIn);
}

function filesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(filesIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => (name === "file" ? ((each as { id: string } | null)?.id ?? []) : filesIn(each)));
}
