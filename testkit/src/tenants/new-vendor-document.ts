import { uploadText } from "../files/upload-file.js";
import type { TestUser } from "../test-user.js";

/** Adds a document of a vendor with a file of its own, and returns its ID. It waits for its review. */
export async function newVendorDocument(
  user: TestUser,
  input: { readonly vendorId: string; readonly [field: string]: unknown },
): Promise<string> {
  const { addVendorDocument } = await user.run<{ addVendorDocument: { document: { id: string } } }>(
    "mutation ($input: AddVendorDocumentInput!) { addVendorDocument(input: $input) { document { id } } }",
    { input: { kind: "INSURANCE", title: "Liability insurance", fileId: await uploadText(user, { name: "policy.txt" }), ...input } },
  );
  return addVendorDocument.document.id;
}

/** Accepts a document of a vendor. */
export async function acceptVendorDocument(user: TestUser, id: string): Promise<void> {
  await user.run("mutation ($id: ID!) { reviewVendorDocument(input: { id: $id, decision: ACCEPT }) { document { id } } }", { id });
}

/** Sets which documents vendors must have. */
export async function requireVendorDocuments(user: TestUser, requirements: readonly object[]): Promise<void> {
  await user.run(
    "mutation ($input: SetVendorDocumentRequirementsInput!) { setVendorDocumentRequirements(input: $input) { requirements { version } } }",
    { input: { requirements } },
  );
}
