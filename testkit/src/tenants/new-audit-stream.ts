import type { TestUser } from "../test-user.js";

/** Terms of a stream. Its host never has an address, so nothing is ever sent. */
export const sampleAuditStream = { name: "SIEM", transport: "HTTP", url: "https://siem.example.invalid/weft" };

/** Creates a stream of the audit trail that is paused, so that no attempts change it. Returns its ID. */
export async function newAuditStream(user: TestUser): Promise<string> {
  const { createAuditStream } = await user.run<{ createAuditStream: { auditStream: { id: string } } }>(
    "mutation ($input: CreateAuditStreamInput!) { createAuditStream(input: $input) { auditStream { id } } }",
    { input: sampleAuditStream },
  );
  const { id } = createAuditStream.auditStream;
  await user.run("mutation ($id: ID!) { updateAuditStream(input: { id: $id, status: PAUSED }) { auditStream { id } } }", { id });
  return id;
}
