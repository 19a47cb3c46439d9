import type { TestUser } from "../test-user.js";

/** Adds an obligation to a contract, and returns its ID. */
export async function newObligation(
  user: TestUser,
  input: { readonly contractId: string; readonly [field: string]: unknown },
): Promise<string> {
  const { addContractObligation } = await user.run<{ addContractObligation: { obligation: { id: string } } }>(
    "mutation ($input: AddContractObligationInput!) { addContractObligation(input: $input) { obligation { id } } }",
    { input: { title: "Report", party: "VENDOR", dueOn: "2026-06-30", ...input } },
  );
  return addContractObligation.obligation.id;
}
