import type { TestUser } from "../test-user.js";

/** Terms of a stream. Its host never has an address, so nothing is ever sent. */
export const sampleAuditStream = { name: "SIEM", transport: "HTTP", url: "https://siem.example.invalid/weft" };

/** Creates a stream of the audit trail. Returns its ID. */
export async function newAuditStream(user: TestUser, input: object = sampleAuditStream): Promise<string> {
  const { createAuditStream } = await user.run<{ createAuditStream: { auditStream: { id: string } } }>(
    "mutation ($input: CreateAuditStreamInput!) { createAuditStream(input: $input) { auditStream { id } } }",
    { input },
  );
  return createAuditStream.auditStream.id;
}
